import { createHash } from 'node:crypto';
import type { ApiRequest } from '../requests/api-request.ts';
import { preferencesOf } from '../requests/preferences.ts';
import { refusedSkipToken } from './lists/skip-token.ts';
import { type ODataQuery, type QueryShape, readQuery } from './query-options.ts';

/** What a request asks of a list: its query options, and the size of the page that it prefers. Throws as `readQuery` does. */
export function queryOf(request: ApiRequest, shape: QueryShape): ODataQuery {
	const query = readQuery(request.url.searchParams, shape);
	const { continuation } = query;
	const preferred = preferencesOf(request.headers).pageSize?.size ?? Number.POSITIVE_INFINITY;
	const size = Math.min(query.top ?? Number.POSITIVE_INFINITY, preferred);
	return {
		...query,
		...(Number.isFinite(size) ? { top: size } : {}),
		...(continuation === undefined ? {} : { continuation: withoutScope(continuation, scopeOf(request, request.url)) }),
	};
}

/** For the link to the next page of the list at `url`: it goes on in this list only, and not in another tenant's. */
export function scopedContinuation(request: ApiRequest, url: URL, continuation: string): string {
	return scopeOf(request, url) + continuation;
}

function withoutScope(scoped: string, scope: string): string {
	if (scoped.length > scope.length && scoped.startsWith(scope)) return scoped.slice(scope.length);
	throw refusedSkipToken();
}

/** The options that decide what is in a list, and in which order. */
const scopeOptions = ['filter', 'search', 'orderby'];
const scopeLength = 12;

function scopeOf({ caller }: ApiRequest, { pathname, searchParams }: URL): string {
	const options = [...searchParams].map(([name, value]) => [name.replace(/^\$/, '').toLowerCase(), value] as const);
	const values = scopeOptions.map((option) => options.find(([name]) => name === option)?.[1]);
	const scope = JSON.stringify([caller.tenantId, pathname.toLowerCase(), ...values]);
	return createHash('sha256').update(scope).digest('base64url').slice(0, scopeLength);
}
