import type { GraphRequest } from '../graph-request.ts';
import type { Route } from '../resources/resource-context.ts';

/** What a request takes of the quotas. */
export interface RequestCost {
	requests: number;
	rosterRequests: number;
	resourceUnits: number;
	writes: number;
}

const smallPage = 20;

/** `$select` and a small `$top` make a read cheaper, `$expand` dearer; it costs one unit at least. */
export function requestCost({ method, path, readUnits = 1, isRead }: Route, { query }: GraphRequest): RequestCost {
	const isWrite = method !== 'GET' && !isRead;
	const top = query.get('$top');
	const units =
		readUnits -
		(query.has('$select') ? 1 : 0) -
		(top !== null && Number(top) < smallPage ? 1 : 0) +
		(query.has('$expand') ? 1 : 0);
	return {
		requests: 1,
		rosterRequests: path.startsWith('/education/') ? 1 : 0,
		resourceUnits: isWrite ? 1 : Math.max(1, units),
		writes: isWrite ? 1 : 0,
	};
}
