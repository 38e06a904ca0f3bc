import { createHmac } from 'node:crypto';
import type { Notice } from './notice.ts';

/** Other senders write it before their secrets. */
const secretPrefix = 'whsec_';
const leastBytes = 24;
const mostBytes = 64;

/** The bytes of a secret; undefined if it is none. */
export function secretBytes(secret: string): Buffer | undefined {
	const text = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret;
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
	const bytes = Buffer.from(text, 'base64');
	return bytes.length >= leastBytes && bytes.length <= mostBytes ? bytes : undefined;
}

/**
 * The headers by which a receiver knows that a notice is ours, and how old it is.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedHeaders({ id, body }: Pick<Notice, 'id' | 'body'>, secret: Buffer, now: Date) {
	const timestamp = String(Math.floor(now.getTime() / 1000));
	const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
	return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
