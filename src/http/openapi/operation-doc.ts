import type { QueryShape } from '../odata/query-options.ts';
import type { ResponseName } from './resource-schemas.ts';

/** What the OpenAPI description says of an operation beyond its route. */
export interface OperationDoc {
	summary: string;
	tag: 'profiles' | 'sync' | 'errors' | 'runs' | 'directory';
	success: { status: 200 | 202; body?: ResponseName | PlainBody };
	/** With `$format=csv`, or `Accept: text/csv`. */
	offersCsv?: true;
	query?: QueryShape['kind'];
	/** Of the options of such a query, those that this resource refuses. */
	lacks?: readonly ('$expand' | '$search')[];
	takesProfile?: boolean;
	takesBatch?: boolean;
	takesIfMatch?: boolean;
	/** If-Match may be there. */
	mayMatch?: true;
	/** Boolean query parameters of our own. */
	flags?: readonly string[];
	/** Query options that are this operation's own. */
	named?: Readonly<Record<string, string>>;
	/** Beyond 401, 403, 429 and 503, which every operation may answer. */
	refusals: readonly (400 | 404 | 409 | 412)[];
}

/** What is no JSON. */
export type PlainBody = 'count' | 'report' | 'faultyRows';
