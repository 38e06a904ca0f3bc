import type { GraphAnswer, GraphRequest } from '../graph-request.ts';
import type { DirectoryObject, Properties } from '../model/directory-object.ts';
import { type Query, skipToken } from './query.ts';

export interface PageSource {
	request: Pick<GraphRequest, 'segments' | 'query'>;
	/** With the version: `http://127.0.0.1:3000/v1.0`. */
	baseUrl: string;
	query: Query;
	/** In the order of their sequences, those that match; at least from the query's sequence on. */
	objects: Iterable<DirectoryObject>;
	show(object: DirectoryObject): Properties;
	/** Of the whole collection; called only if it is asked for. */
	count(): number;
}

/** One page of a collection with the link to the next one. */
export function pageAnswer({ request, baseUrl, query, objects, show, count }: PageSource): GraphAnswer {
	const value: Properties[] = [];
	let last = query.afterSequence;
	let hasMore = false;
	for (const object of objects) {
		if (object.sequence <= query.afterSequence) continue;
		if (value.length === query.top) {
			hasMore = true;
			break;
		}
		value.push(show(object));
		last = object.sequence;
	}
	const path = request.segments.map(encodeURIComponent).join('/');
	const body = {
		'@odata.context': `${baseUrl}/$metadata#${path}`,
		...(query.wantsCount ? { '@odata.count': count() } : {}),
		...(hasMore ? { '@odata.nextLink': `${baseUrl}/${path}?${nextQuery(request.query, last)}` } : {}),
		value,
	};
	return { status: 200, headers: {}, body };
}

function nextQuery(query: URLSearchParams, sequence: number): string {
	const next = new URLSearchParams(query);
	next.set('$skiptoken', skipToken(sequence));
	// Graph's links keep the dollar signs of the option names readable.
	return next.toString().replaceAll('%24', '$');
}
