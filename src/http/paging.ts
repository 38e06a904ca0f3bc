import { createHash } from 'node:crypto';
import { apiErrors } from '../domain/errors.ts';
import type { PageRequest } from '../ports.ts';

const defaultPageSize = 100;
const maxPageSize = 999;

/** `$top` and `$skiptoken` of a list request. Throws `SyncApiError` (400) that names the malformed option. */
export function pageRequestOf(query: URLSearchParams): PageRequest {
	const size = topOf(query) ?? defaultPageSize;
	const token = query.get('$skiptoken') ?? query.get('skipToken');
	return token ? { size, continuation: readSkipToken(token) } : { size };
}

/** `$count`: whether the client wants to know how many there are in all. Throws `SyncApiError` (400) if malformed. */
export function wantsCount(query: URLSearchParams): boolean {
	const value = query.get('$count')?.toLowerCase() ?? 'false';
	if (value !== 'true' && value !== 'false') throw malformed('$count', 'must be true or false');
	return value === 'true';
}

function topOf(query: URLSearchParams): number | undefined {
	const top = query.get('$top');
	if (top === null) return undefined;
	const size = /^\d{1,9}$/.test(top) ? Number(top) : 0;
	if (size >= 1) return Math.min(size, maxPageSize);
	throw malformed('$top', `must be a whole number from 1 to ${maxPageSize}`);
}

/** Where to go on, with all other options as they were. */
export function nextLink(url: URL, continuation: string): string {
	const next = new URL(url);
	next.searchParams.delete('skipToken');
	next.searchParams.set('$skiptoken', writeSkipToken(continuation));
	// Clients compare option names to the letter.
	return next.href.replaceAll('%24', '$');
}

const checkLength = 8;

function writeSkipToken(continuation: string): string {
	return checkOf(continuation) + Buffer.from(continuation).toString('base64url');
}

/** The check finds damage; a forged token gains nothing, because it only says where in the caller's own data to go on. */
function readSkipToken(token: string): string {
	const continuation = Buffer.from(token.slice(checkLength), 'base64url').toString('utf8');
	if (checkOf(continuation) === token.slice(0, checkLength)) return continuation;
	throw malformed('$skiptoken', 'must be the one of an @odata.nextLink, unchanged');
}

function checkOf(continuation: string): string {
	return createHash('sha256').update(continuation).digest('base64url').slice(0, checkLength);
}

function malformed(option: string, rule: string) {
	const message = `The query option "${option}" ${rule}.`;
	return apiErrors.badRequest(message, [{ code: 'InvalidQueryOption', message, target: option }]);
}
