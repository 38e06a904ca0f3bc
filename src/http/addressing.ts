import { SyncApiError } from '../domain/errors.ts';
import type { ProfileRef } from '../ports.ts';
import type { ApiRequest } from './endpoint.ts';
import { type Operation, operations } from './operations.ts';

/**
 * Finds the operation that a path means, in any of the spellings that Graph accepts and its clients use:
 * `…/synchronizationProfiles('{id}')/microsoft.graph.uploadUrl()` is `…/synchronizationProfiles/{id}/uploadUrl`.
 * https://learn.microsoft.com/graph/use-the-api and OData 4.01 URL conventions, §4
 */

export interface FoundOperation {
	operation: Operation;
	params: Readonly<Record<string, string>>;
}

/** Names of the first generations of the API. */
const aliases: ReadonlyMap<string, string> = new Map([
	['status', 'profileStatus'],
	['error', 'errors'],
	['verifyfiles', 'start'],
]);

/** Throws `SyncApiError`: 404 if nothing is there, 405 with `Allow` if it is there for other methods. */
export function findOperation(method: string, path: string): FoundOperation {
	const segments = segmentsOf(path);
	const found = Object.values(operations).flatMap((operation) => {
		const params = matchRoute(operation.route, segments);
		return params ? [{ operation, params }] : [];
	});
	const match = found.find(({ operation }) => operation.method === method);
	if (match) return match;
	if (found.length === 0) throw nothingThere(path);
	const allowed = [...new Set(found.map(({ operation }) => operation.method))].join(', ');
	const message = `The method ${method} is not supported here. Supported: ${allowed}.`;
	throw new SyncApiError('MethodNotAllowed', message, { headers: { Allow: allowed } });
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

function matchRoute(route: string, segments: readonly string[]): Record<string, string> | undefined {
	const wanted = route.split('/');
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

/** The profile that the path names, in the tenant that the token names. */
export function profileRef({ caller, params }: ApiRequest): ProfileRef {
	return { tenantId: caller.tenantId, profileId: params.profileId as string };
}
