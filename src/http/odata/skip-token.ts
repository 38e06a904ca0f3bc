import { createHash } from 'node:crypto';
import { refusedOption } from './option-refusal.ts';

/** Long enough to find damage. */
const checkLength = 8;

export function writeSkipToken(continuation: string): string {
	return checkOf(continuation) + Buffer.from(continuation).toString('base64url');
}

/**
 * The check finds damage; a forged token gains nothing, because it only says where in the caller's own data to go on.
 * Throws `SyncApiError` (400).
 */
export function readSkipToken(token: string): string {
	const continuation = Buffer.from(token.slice(checkLength), 'base64url').toString('utf8');
	if (checkOf(continuation) === token.slice(0, checkLength)) return continuation;
	throw refusedOption({ option: '$skiptoken', rule: 'it must be the one of an @odata.nextLink, unchanged' });
}

function checkOf(continuation: string): string {
	return createHash('sha256').update(continuation).digest('base64url').slice(0, checkLength);
}
