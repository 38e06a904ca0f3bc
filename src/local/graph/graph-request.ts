import { randomUUID } from 'node:crypto';
import type { GraphError } from './graph-errors.ts';

/** Who asks: an application in a tenant, with the application permissions of its token. */
export interface Caller {
	tenantId: string;
	appId: string;
	permissions: ReadonlySet<string>;
}

/** One request, alone or as an item of a batch. */
export interface GraphRequest {
	method: string;
	/** Decoded, without the version. */
	segments: readonly string[];
	query: URLSearchParams;
	/** Names in lower case. */
	headers: Readonly<Record<string, string>>;
	body: unknown;
	caller: Caller;
}

export interface GraphAnswer {
	status: number;
	headers: Record<string, string>;
	/** Absent where an answer has none. */
	body?: unknown;
}

/** Parts a path with its query, as it stands behind the version. */
export function parseTarget(target: string): Pick<GraphRequest, 'segments' | 'query'> {
	const [path = '', ...rest] = target.split('?');
	const segments = path.split('/').filter((segment) => segment !== '');
	return { segments: segments.map(decoded), query: new URLSearchParams(rest.join('?')) };
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		// Nothing has such a name, and so nothing will be found.
		return segment;
	}
}

export function errorAnswer(error: GraphError, now: Date): GraphAnswer {
	const { status, code, message, details, headers } = error;
	const innerError = { date: now.toISOString().slice(0, 19), 'request-id': randomUUID() };
	const body = { error: { code, message, ...(details.length > 0 ? { details } : {}), innerError } };
	return { status, headers, body };
}
