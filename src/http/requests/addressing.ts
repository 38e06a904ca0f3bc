import { SyncApiError } from '../../domain/errors.ts';
import { type Operation, operations } from '../operations.ts';

/**
 * Finds the operation that a path means, in any of the spellings that Graph accepts and its clients use:
 * `…/synchronizationProfiles('{id}')/microsoft.graph.uploadUrl()` is `…/synchronizationProfiles/{id}/uploadUrl`.
 * https://learn.microsoft.com/graph/use-the-api and OData 4.01 URL conventions, §4
 */

export interface FoundOperation {
	operation: Operation;
	params: Readonly<Record<string, string>>;
	root: ServiceRoot;
}

/** Where a client believes the service to be, and so in which dialect it wants its answers. */
export interface ServiceRoot {
	/** Without a trailing slash; empty for the root of the host. */
	path: string;
	dialect: 'graph' | '2017';
}

export const graphRoot: ServiceRoot = { path: '/beta/education', dialect: 'graph' };

/** Longer paths first. The old roots have profiles only; the pages of July 2017 print `testsds`, those of October `testEduApi`. */
const roots: readonly ServiceRoot[] = [
	graphRoot,
	{ path: '/testeduapi/education', dialect: '2017' },
	{ path: '/testsds/education', dialect: '2017' },
	{ path: '/beta', dialect: '2017' },
	{ path: '/testsds', dialect: '2017' },
	{ path: '/testeduapi', dialect: '2017' },
	{ path: '', dialect: '2017' },
];

/** Names of the first generations of the API. */
const aliases: ReadonlyMap<string, string> = new Map([
	['status', 'profileStatus'],
	['error', 'errors'],
	['verifyfiles', 'start'],
]);

/** Throws `SyncApiError`: 404 if nothing is there, 405 with `Allow` if it is there for other methods. */
export function findOperation(method: string, path: string): FoundOperation {
	const all = segmentsOf(path);
	const { root, segments } = batchRoot(all) ?? belowRoot(all);
	const found = Object.values(operations).flatMap((operation) => {
		const params = matchRoute(routeBelowRoot(operation), segments);
		return params ? [{ operation, params, root }] : [];
	});
	const match = found.find(({ operation }) => operation.method === (method === 'HEAD' ? 'GET' : method));
	if (match) return match;
	if (found.length === 0) throw nothingThere(path);
	const methods = found.map(({ operation }) => operation.method);
	const allowed = [...new Set(methods.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])))].join(', ');
	const message = `The method ${method} is not supported here. Supported: ${allowed}.`;
	throw new SyncApiError('MethodNotAllowed', message, { headers: { Allow: allowed } });
}

const segmentsOfRoot = ({ path }: ServiceRoot) => path.split('/').filter(Boolean);

/** A batch is beside the resources and not among them: it is below the version. */
const batchSegment = '$batch';

const routeBelowRoot = ({ route }: Operation) =>
	route.endsWith(batchSegment) ? [batchSegment] : route.split('/').slice(segmentsOfRoot(graphRoot).length);

/** Its answers have the dialects of their own paths, and so the whole has none. */
function batchRoot(segments: readonly string[]): { root: ServiceRoot; segments: readonly string[] } | undefined {
	if (segments.at(-1)?.toLowerCase() !== batchSegment) return undefined;
	const path = segments
		.slice(0, -1)
		.map((name) => `/${name.toLowerCase()}`)
		.join('');
	const isRoot = roots.some((root) => root !== graphRoot && root.path === path);
	return isRoot ? { root: { path, dialect: 'graph' }, segments: [batchSegment] } : undefined;
}

/** Nothing is left of a path that has none of the roots. */
function belowRoot(segments: readonly string[]): { root: ServiceRoot; segments: readonly string[] } {
	for (const root of roots) {
		const wanted = segmentsOfRoot(root);
		const rest = segments.slice(wanted.length);
		const isBelow = wanted.every((name, at) => name === segments[at]?.toLowerCase());
		const isServed = root === graphRoot || rest[0]?.toLowerCase() === 'synchronizationprofiles';
		if (isBelow && isServed) return { root, segments: rest };
	}
	return { root: graphRoot, segments: [] };
}

const maxShownLength = 200;

function nothingThere(path: string): SyncApiError {
	const shown = JSON.stringify(path.slice(0, maxShownLength));
	return new SyncApiError('ResourceNotFound', `There is no resource for the path ${shown}. Check its spelling.`);
}

/** `name('key')` are two segments; a namespace and the brackets of a call are left out. */
function segmentsOf(path: string): string[] {
	return path
		.split('/')
		.filter(Boolean)
		.flatMap((part) => {
			const text = decoded(part).replace(/^microsoft\.graph\./i, '');
			const [, name, key] = /^(\w+)\((?:'([^']*)')?\)$/.exec(text) ?? [];
			if (name === undefined) return [text];
			return key === undefined ? [name] : [name, key];
		});
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

function matchRoute(wanted: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
	if (wanted.length !== segments.length) return undefined;
	const params: Record<string, string> = {};
	for (const [at, want] of wanted.entries()) {
		const segment = segments[at] ?? '';
		const param = /^\{(\w+)\}$/.exec(want)?.[1];
		if (param) params[param] = segment;
		else if (!isSameName(want, segment)) return undefined;
	}
	return params;
}

function isSameName(want: string, segment: string): boolean {
	const name = aliases.get(segment.toLowerCase()) ?? segment;
	return want.toLowerCase() === name.toLowerCase();
}
