import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The keys of `/runtime/webhooks/*`, by Azure's names. */
export interface SystemKeys {
	durabletask_extension: string;
	blobs_extension: string;
}

export function createSystemKeys(): SystemKeys {
	const key = () => randomBytes(32).toString('base64url');
	return { durabletask_extension: key(), blobs_extension: key() };
}

/** What the app encrypts secrets with that it keeps in its storage. */
export function createSecretsKey(): { key: string } {
	return { key: randomBytes(32).toString('base64') };
}

/** Whether the request carries the key, in `?code=` or in the header `x-functions-key`. */
export function hasSystemKey(request: Request, key: string): boolean {
	const sent = new URL(request.url).searchParams.get('code') ?? request.headers.get('x-functions-key');
	if (sent === null) return false;
	// Digests are equally long whatever was sent, so the comparison takes the same time.
	return timingSafeEqual(digest(sent), digest(key));
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
