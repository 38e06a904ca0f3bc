import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { graphErrors } from './graph-errors.ts';
import type { Caller } from './graph-request.ts';

/** Who an access token stands for; undefined for one that is not good. */
export type VerifyToken = (token: string) => Promise<Caller | undefined> | Caller | undefined;

export interface TokenSource {
	/** POST /{tenant}/oauth2/v2.0/token: client credentials, any of which will do. */
	issue(tenantId: string, form: URLSearchParams): { status: number; body: unknown };
	verify: VerifyToken;
}

const lifetimeSeconds = 3600;

interface Claims {
	tid: string;
	appid: string;
	roles: readonly string[];
	/** Seconds since 1970. */
	exp: number;
}

/**
 * Tokens of the server's own. They are good for as long as the server runs, so that a client meets, after a restart, what
 * it also meets at Graph: a token that is refused before its time.
 */
export function createTokenSource(permissions: readonly string[], nowMs: () => number): TokenSource {
	const key = randomBytes(32);
	const signatureOf = (payload: string) => createHmac('sha256', key).update(payload).digest('base64url');
	return {
		issue(tenantId, form) {
			const clientId = form.get('client_id');
			if (form.get('grant_type') !== 'client_credentials') return failure('unsupported_grant_type');
			if (!clientId || !(form.get('client_secret') || form.get('client_assertion'))) return failure('invalid_client');
			if (!form.get('scope')?.endsWith('/.default')) return failure('invalid_scope');
			const exp = Math.floor(nowMs() / 1000) + lifetimeSeconds;
			const claims: Claims = { tid: tenantId, appid: clientId, roles: permissions, exp };
			const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
			const body = {
				token_type: 'Bearer',
				expires_in: lifetimeSeconds,
				ext_expires_in: lifetimeSeconds,
				access_token: `${payload}.${signatureOf(payload)}`,
			};
			return { status: 200, body };
		},
		verify(token) {
			const [payload = '', signature = ''] = token.split('.');
			const expected = Buffer.from(signatureOf(payload));
			const given = Buffer.from(signature);
			if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
			const { tid, appid, roles, exp } = JSON.parse(String(Buffer.from(payload, 'base64url'))) as Claims;
			if (exp * 1000 <= nowMs()) return undefined;
			return { tenantId: tid, appId: appid, permissions: new Set(roles) };
		},
	};
}

function failure(error: string) {
	const body = { error, error_description: `The token request was refused: ${error}.` };
	return { status: error === 'invalid_client' ? 401 : 400, body };
}

/** The caller of a request with this Authorization header; throws 401. */
export async function callerOf(header: string | undefined, verify: VerifyToken): Promise<Caller> {
	const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
	if (token === undefined) throw graphErrors.unauthenticated('Access token is empty.');
	const caller = await verify(token);
	if (!caller) throw graphErrors.unauthenticated('Access token validation failure, or its lifetime is over.');
	return caller;
}
