import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listener, listen } from '../../../src/local/http/http-listener.ts';
import { serveWeb } from '../../../src/local/http/web-request.ts';
import { createIssuerJwk, readIssuerKeys } from '../../../src/local/issuer/issuer-keys.ts';
import { createTokenIssuer, developmentTenant } from '../../../src/local/issuer/token-issuer.ts';

let listener: Listener;
let authority: string;

beforeAll(async () => {
	listener = await listen(0);
	authority = `${listener.origin}/dev-issuer`;
	const keys = await readIssuerKeys(await createIssuerJwk());
	const issuer = createTokenIssuer({ keys, authority, now: () => new Date() });
	listener.serve((request, response) => void serveWeb(issuer, request, response));
});
afterAll(() => listener.close(0));

async function ask(fields: Record<string, string>, tenant = developmentTenant) {
	const form = {
		grant_type: 'client_credentials',
		client_id: 'me',
		client_secret: 'any',
		scope: 'api://school-data-sync/.default',
		...fields,
	};
	const response = await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, {
		method: 'POST',
		body: new URLSearchParams(form),
	});
	return { status: response.status, body: (await response.json()) as Record<string, string | number> };
}

async function verified(fields: Record<string, string> = {}) {
	const { body } = await ask(fields);
	const keys = createRemoteJWKSet(new URL(`${authority}/common/discovery/v2.0/keys`));
	const { payload, protectedHeader } = await jwtVerify(String(body.access_token), keys, {
		issuer: `${authority}/${developmentTenant}/v2.0`,
		audience: 'school-data-sync',
		algorithms: ['RS256'],
	});
	return { payload, protectedHeader };
}

describe('the token issuer', () => {
	test('gives an application token that verifies against its published keys', async () => {
		const { payload, protectedHeader } = await verified();
		expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
		expect(payload).toMatchObject({
			tid: developmentTenant,
			azp: 'me',
			ver: '2.0',
			idtyp: 'app',
			roles: ['EduAdministration.ReadWrite.All'],
		});
		expect(payload.sub).toBe(payload.oid);
		expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
		expect(payload.nbf).toBe(payload.iat);
		expect(payload.scp).toBeUndefined();
	});

	test('gives the client "reader" a token that may only read, and anyone the roles asked for', async () => {
		expect((await verified({ client_id: 'reader' })).payload.roles).toEqual(['EduAdministration.Read.All']);
		expect((await verified({ dev_roles: 'A B' })).payload.roles).toEqual(['A', 'B']);
	});

	test('gives a delegated token with scopes and directory roles when they are asked for', async () => {
		const { payload } = await verified({ dev_scp: 'EduAdministration.Read', dev_wids: 'w1 w2' });
		expect(payload).toMatchObject({ idtyp: 'user', scp: 'EduAdministration.Read', wids: ['w1', 'w2'] });
		expect(payload.roles).toBeUndefined();
	});

	test('knows the same client by the same object id each time', async () => {
		const [first, second] = [await verified(), await verified()];
		expect(first.payload.oid).toBe(second.payload.oid);
		expect((await verified({ client_id: 'other' })).payload.oid).not.toBe(first.payload.oid);
	});

	test('publishes metadata whose addresses answer', async () => {
		const tenant = '11111111-1111-4111-8111-111111111111';
		const response = await fetch(`${authority}/${tenant}/v2.0/.well-known/openid-configuration`);
		const metadata = (await response.json()) as Record<string, string>;
		expect(metadata.issuer).toBe(`${authority}/${tenant}/v2.0`);
		const keys = (await (await fetch(metadata.jwks_uri ?? '')).json()) as { keys: Record<string, string>[] };
		expect(Object.keys(keys.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
		expect((await fetch(metadata.token_endpoint ?? '', { method: 'POST' })).status).toBe(400);
	});

	test.each<[string, Record<string, string>, number]>([
		['unsupported_grant_type', { grant_type: 'password' }, 400],
		['invalid_client', { client_secret: '' }, 401],
		['invalid_scope', { scope: 'school-data-sync' }, 400],
	])('answers %s for %o', async (error, fields, status) => {
		expect(await ask(fields)).toMatchObject({ status, body: { error } });
	});

	test('refuses a tenant that is no GUID', async () => {
		expect(await ask({}, 'contoso')).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
	});
});
