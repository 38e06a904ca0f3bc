import { createHash } from 'node:crypto';
import { refusedOption } from '../option-refusal.ts';

const checkLength = 8;

export function writeSkipToken(continuation: string): string {
	return checkOf(continuation) + Buffer.from(continuation).toString('base64url');
}

/**
 * The check finds damage; it is no signature. A forged token gains nothing, because it only says where in the caller's own data to
 * go on, and whoever reads it looks at its shape.
 */
export function readSkipToken(token: string): string {
	const continuation = Buffer.from(token.slice(checkLength), 'base64url').toString('utf8');
	// Decoding overlooks what is no base64, so the whole is compared.
	if (continuation !== '' && writeSkipToken(continuation) === token) return continuation;
	throw refusedSkipToken();
}

export function refusedSkipToken() {
	return refusedOption({ option: '$skiptoken', rule: 'it must be the one of an @odata.nextLink, unchanged' });
}

function checkOf(continuation: string): string {
	return createHash('sha256').update(continuation).digest('base64url').slice(0, checkLength);
}
