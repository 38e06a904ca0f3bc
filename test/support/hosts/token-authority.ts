import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { ownTenant } from '../tenants.ts';

export const audience = '0a1b2c3d-0000-4000-8000-00000000a9d1';
export const actor = '0b0b0b0b-0000-4000-8000-000000000001';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

export interface SigningKey extends KeyPair {
	jwk: JWK;
}

export async function newSigningKey(kid: string): Promise<SigningKey> {
	const pair = await generateKeyPair('RS256', { extractable: true });
	// As Entra does, without saying for which algorithm the key is.
	return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, use: 'sig' } };
}

export interface TokenAuthority {
	url: string;
	/** What the key set answers; change it to rotate keys. */
	keys: JWK[];
	/** Another status than 200 is an outage. */
	status: number;
	requests: number;
	stop(): Promise<void>;
}

/** The keys of all tenants over real HTTP, as Microsoft Entra ID publishes them. */
export async function startTokenAuthority(...keys: SigningKey[]): Promise<TokenAuthority> {
	const authority: TokenAuthority = {
		url: '',
		keys: keys.map(({ jwk }) => jwk),
		status: 200,
		requests: 0,
		stop: () => new Promise((resolve) => server.close(() => resolve())),
	};
	const server = createServer((request, response) => {
		authority.requests++;
		const isKnown = request.url === '/common/discovery/v2.0/keys';
		response.writeHead(isKnown ? authority.status : 404, {
			'content-type': 'application/json',
			connection: 'close',
		});
		response.end(JSON.stringify({ keys: authority.keys }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	authority.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return authority;
}

/** The claims of a good application token of the own tenant. */
export function goodClaims(authority: string): JWTPayload {
	const seconds = Math.floor(Date.now() / 1000);
	return {
		iss: `${authority}/${ownTenant}/v2.0`,
		aud: audience,
		ver: '2.0',
		tid: ownTenant,
		oid: actor,
		sub: actor,
		azp: 'client-under-test',
		roles: ['EduAdministration.ReadWrite.All'],
		iat: seconds,
		nbf: seconds,
		exp: seconds + 3600,
	};
}

export function signToken(claims: JWTPayload, key: SigningKey, header: Record<string, unknown> = {}): Promise<string> {
	return new SignJWT(claims)
		.setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.jwk.kid ?? '', ...header })
		.sign(key.privateKey);
}
