import { createHmac, KeyObject, sign, type webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Access, type Caller, createAccess, requirePermission } from '../../../src/http/requests/access.ts';
import {
	actor,
	audience,
	goodClaims,
	newSigningKey,
	type SigningKey,
	signToken,
	startTokenAuthority,
	type TokenAuthority,
} from '../../support/hosts/token-authority.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

let key: SigningKey;
let foreignKey: SigningKey;
let authority: TokenAuthority;
let access: Access;

const tenants = [ownTenant.toUpperCase()];
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const adminRoles = [globalAdministrator];

beforeAll(async () => {
	key = await newSigningKey('current');
	foreignKey = await newSigningKey('current');
	authority = await startTokenAuthority(key);
	access = createAccess({ authority: authority.url, audience, tenants, adminRoles });
});

afterAll(() => authority.stop());

/** `undefined` takes a claim away. */
type Changes = { [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };

function claims(changes: Changes = {}): JWTPayload {
	const all = Object.entries({ ...goodClaims(authority.url), ...changes });
	return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

const bearer = async (changes: Changes = {}, header = {}) => `Bearer ${await signToken(claims(changes), key, header)}`;
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const refusal = (authorization: string | null, of = access) => asyncRefusal(of.authenticate(authorization));

async function expectInvalid(authorization: string): Promise<void> {
	const { code, extras, message } = await refusal(authorization);
	expect([code, extras.headers?.['WWW-Authenticate']]).toEqual([
		'InvalidAuthenticationToken',
		'Bearer error="invalid_token"',
	]);
	expect(message).toMatch(/^The access token is refused: /);
}

/** What a token of version 1.0 says otherwise. */
const versionOne: Changes = {
	ver: '1.0',
	iss: `https://sts.windows.net/${ownTenant}/`,
	azp: undefined,
	appid: 'client-under-test',
};

describe('a token of version 1.0', () => {
	test.each([audience, `api://${audience}`])('for %s names tenant, actor and client', async (aud) => {
		expect(await access.authenticate(await bearer({ ...versionOne, aud }))).toEqual({
			tenantId: ownTenant,
			actorId: actor,
			appId: 'client-under-test',
			permissions: new Set(['read', 'write']),
		});
	});

	test('has its client in appid, and nowhere else', async () => {
		const { appId } = await access.authenticate(await bearer({ ...versionOne, appid: undefined, azp: 'other' }));
		expect(appId).toBeUndefined();
		const second = await access.authenticate(await bearer({ appid: 'other' }));
		expect(second.appId).toBe('client-under-test');
	});

	const refused: [string, () => Changes][] = [
		['another tenant in its issuer', () => ({ iss: `https://sts.windows.net/${otherTenant}/` })],
		['another tenant than its issuer', () => ({ tid: otherTenant })],
		['an issuer without the slash', () => ({ iss: `https://sts.windows.net/${ownTenant}` })],
		['an issuer over http', () => ({ iss: `http://sts.windows.net/${ownTenant}/` })],
		['an issuer like the real one', () => ({ iss: `https://sts.windows.net.example.org/${ownTenant}/` })],
		['the issuer of all tenants', () => ({ iss: 'https://sts.windows.net/common/' })],
		['the issuer of China', () => ({ iss: `https://sts.chinacloudapi.cn/${ownTenant}/` })],
		['the issuer of version 2.0', () => ({ iss: `${authority.url}/${ownTenant}/v2.0` })],
		['the version of 2.0', () => ({ ver: '2.0' })],
		['the audience of Graph', () => ({ aud: 'https://graph.microsoft.com' })],
		['the audience of the old directory API', () => ({ aud: '00000002-0000-0000-c000-000000000000' })],
		['no expiry', () => ({ exp: undefined })],
		['no object id', () => ({ oid: undefined })],
		['no tenant', () => ({ tid: undefined })],
	];
	test.each(refused)('is refused with %s', async (_, changes) => {
		await expectInvalid(await bearer({ ...versionOne, ...changes() }));
	});

	test('is refused when another key signed it, or none', async () => {
		await expectInvalid(`Bearer ${await signToken(claims(versionOne), foreignKey)}`);
		await expectInvalid(`Bearer ${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims(versionOne))}.`);
	});

	test('of a tenant that is not onboarded gets 403', async () => {
		const foreign = { ...versionOne, tid: otherTenant, iss: `https://sts.windows.net/${otherTenant}/` };
		expect((await refusal(await bearer(foreign))).code).toBe('Forbidden');
	});

	test('is refused when its key is meant for another tenant, and taken when it is meant for its own', async () => {
		const [own, theirs] = [await newSigningKey('own'), await newSigningKey('theirs')];
		const shared = await startTokenAuthority(own, theirs);
		const jwkOf = ({ jwk }: SigningKey, tenant: string) => ({ ...jwk, issuer: `${shared.url}/${tenant}/v2.0` });
		shared.keys = [jwkOf(own, '{tenantid}'), jwkOf(theirs, otherTenant)];
		const strict = createAccess({ authority: shared.url, audience, tenants, adminRoles });
		const signedBy = async (signer: SigningKey) => `Bearer ${await signToken(claims(versionOne), signer)}`;
		expect((await strict.authenticate(await signedBy(own))).tenantId).toBe(ownTenant);
		expect((await refusal(await signedBy(theirs), strict)).code).toBe('InvalidAuthenticationToken');
		await shared.stop();
	});
});

describe('a good token', () => {
	test('of an application names tenant, actor and client', async () => {
		expect(await access.authenticate(await bearer())).toEqual({
			tenantId: ownTenant,
			actorId: actor,
			appId: 'client-under-test',
			permissions: new Set(['read', 'write']),
		});
	});

	test.each([
		['the scheme in lower case', 'bearer'],
		['the scheme in upper case', 'BEARER'],
	])('may come with %s', async (_, scheme) => {
		const token = (await bearer()).slice('Bearer '.length);
		expect((await access.authenticate(`${scheme} ${token}`)).tenantId).toBe(ownTenant);
	});

	test('may be for the application id URI', async () => {
		expect((await access.authenticate(await bearer({ aud: `api://${audience}` }))).tenantId).toBe(ownTenant);
	});

	test('may have expired within the tolerance for slow clocks', async () => {
		const exp = Math.floor(Date.now() / 1000) - 30;
		expect((await access.authenticate(await bearer({ exp }))).tenantId).toBe(ownTenant);
	});
});

describe('a request without a token', () => {
	test.each([null, '', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b'])(
		'(%j) gets a bare challenge',
		async (authorization) => {
			const { code, extras } = await refusal(authorization);
			expect([code, extras.headers]).toEqual(['InvalidAuthenticationToken', { 'WWW-Authenticate': 'Bearer' }]);
		},
	);
});

describe('a token is refused', () => {
	test('without a signature (alg none)', async () => {
		await expectInvalid(`Bearer ${base64({ alg: 'none', typ: 'JWT', kid: 'current' })}.${base64(claims())}.`);
	});

	test('when it is signed with the public key as if that were a shared secret (HS256)', async () => {
		const signed = `${base64({ alg: 'HS256', typ: 'JWT', kid: 'current' })}.${base64(claims())}`;
		const signature = createHmac('sha256', await exportSPKI(key.publicKey))
			.update(signed)
			.digest('base64url');
		await expectInvalid(`Bearer ${signed}.${signature}`);
	});

	test.each(['sha384', 'sha512'])('when the right key signed it with another algorithm (%s)', async (hash) => {
		const alg = `RS${hash.slice(3)}`;
		const signed = `${base64({ alg, typ: 'JWT', kid: 'current' })}.${base64(claims())}`;
		const privateKey = KeyObject.from(key.privateKey as webcrypto.CryptoKey);
		await expectInvalid(`Bearer ${signed}.${sign(hash, Buffer.from(signed), privateKey).toString('base64url')}`);
	});

	test('when another key with the same id signed it', async () => {
		await expectInvalid(`Bearer ${await signToken(claims(), foreignKey)}`);
	});

	test('when its claims were changed after signing', async () => {
		const [header, , signature] = (await bearer()).split('.');
		await expectInvalid(`${header}.${base64(claims({ tid: otherTenant }))}.${signature}`);
	});

	test('when its header points to other keys, which are never even fetched', async () => {
		let fetched = 0;
		const evil = createServer((_, response) => {
			fetched++;
			response.end(JSON.stringify({ keys: [foreignKey.jwk] }));
		});
		await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
		const jku = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/keys`;
		await expectInvalid(`Bearer ${await signToken(claims(), foreignKey, { jku, jwk: foreignKey.jwk })}`);
		evil.close();
		expect(fetched).toBe(0);
	});

	const hourAgo = () => Math.floor(Date.now() / 1000) - 3600;
	const wrongClaims: [string, () => Changes][] = [
		['for Microsoft Graph', () => ({ aud: 'https://graph.microsoft.com' })],
		['for somebody else of the same name', () => ({ aud: `api://${audience}.example.org` })],
		['that has expired', () => ({ exp: hourAgo() })],
		['that is not valid yet', () => ({ nbf: hourAgo() + 7200 })],
		['without an expiry', () => ({ exp: undefined })],
		['without an actor', () => ({ oid: undefined })],
		['without a tenant', () => ({ tid: undefined })],
		['of version 1.0 by its claim only', () => ({ ver: '1.0' })],
		['of version 1.0 by its issuer only', () => ({ iss: `https://sts.windows.net/${ownTenant}/` })],
		['without a version', () => ({ ver: undefined })],
		['of version 1.0 by its issuer, without a version', () => ({ ...versionOne, ver: undefined })],
		['of a version that is none', () => ({ ...versionOne, ver: '1' })],
		['of version 3.0', () => ({ ver: '3.0' })],
		['whose issuer is another tenant', () => ({ iss: `${authority.url}/${otherTenant}/v2.0` })],
		['whose tenant is not that of its issuer', () => ({ tid: otherTenant })],
		['whose issuer is the placeholder of all tenants', () => ({ iss: `${authority.url}/common/v2.0`, tid: ownTenant })],
		['whose tenant is no GUID', () => ({ iss: `${authority.url}/common/v2.0`, tid: 'common' })],
	];
	test.each(wrongClaims)('%s', async (_, changes) => {
		await expectInvalid(await bearer(changes()));
	});

	test('that is no JWT by its type', async () => {
		await expectInvalid(await bearer({}, { typ: 'at+jwt' }));
	});

	test.each(['abc', 'a.b.c', 'e30.e30.', '....'])('that is gibberish (%s)', async (token) => {
		await expectInvalid(`Bearer ${token}`);
	});

	test('without its content being repeated', async () => {
		const { message } = await refusal(await bearer({ aud: 'secret-audience', upn: 'someone@example.org' }));
		expect(message).not.toMatch(/secret-audience|someone|eyJ/);
	});
});

test('a tenant that is not onboarded gets 403, although its token is good', async () => {
	const { code, extras } = await refusal(
		await bearer({ tid: otherTenant, iss: `${authority.url}/${otherTenant}/v2.0` }),
	);
	expect([code, extras.headers?.['WWW-Authenticate']]).toEqual(['Forbidden', 'Bearer error="insufficient_scope"']);
});

describe('permissions', () => {
	const app = { idtyp: 'app' };
	const admin = { wids: [globalAdministrator.toUpperCase()] };
	const rules: [string, Changes, string[]][] = [
		['an application with Read.All reads', { ...app, roles: ['EduAdministration.Read.All'] }, ['read']],
		[
			'an application with ReadWrite.All does both',
			{ ...app, roles: ['EduAdministration.ReadWrite.All'] },
			['read', 'write'],
		],
		['an application needs the .All variant', { ...app, roles: ['EduAdministration.ReadWrite'] }, []],
		['an application has no use for scopes', { ...app, roles: [], scp: 'EduAdministration.ReadWrite' }, []],
		[
			'a user with Read reads',
			{ ...admin, roles: undefined, sub: 'pairwise', scp: 'openid EduAdministration.Read' },
			['read'],
		],
		[
			'a user with ReadWrite does both',
			{ ...admin, sub: 'pairwise', scp: 'EduAdministration.ReadWrite' },
			['read', 'write'],
		],
		['a user with Read.All reads', { ...admin, sub: 'pairwise', scp: 'EduAdministration.Read.All' }, ['read']],
		[
			'a user with ReadWrite.All does both',
			{ ...admin, sub: 'pairwise', scp: 'EduAdministration.ReadWrite.All' },
			['read', 'write'],
		],
		['a user without a directory role does nothing', { sub: 'pairwise', scp: 'EduAdministration.ReadWrite' }, []],
		[
			'a user with another directory role does nothing',
			{ wids: [actor], sub: 'pairwise', scp: 'EduAdministration.ReadWrite' },
			[],
		],
		[
			'a user with the app role of administrators does what the scope says',
			{ roles: ['EduAdministration.Admin'], sub: 'pairwise', scp: 'EduAdministration.Read' },
			['read'],
		],
		['the app role of administrators alone does nothing', { roles: ['EduAdministration.Admin'], sub: 'pairwise' }, []],
		["a user's roles do not count", { ...admin, idtyp: 'user', scp: 'openid' }, []],
		["a user's roles do not count without idtyp either", { ...admin, scp: 'openid', sub: 'pairwise' }, []],
		['a sign-in token with roles counts for nothing', { sub: 'pairwise' }, []],
		['a name that every object has is no role', { ...app, roles: ['constructor', '__proto__'] }, []],
		['names are compared to the letter', { ...app, roles: ['eduadministration.readwrite.all'] }, []],
	];
	test.each(rules)('%s, whatever the version of the token', async (_, changes, expected) => {
		for (const version of [{}, versionOne]) {
			const caller = await access.authenticate(await bearer({ ...version, ...changes }));
			expect([...caller.permissions].sort()).toEqual(expected);
		}
	});

	test('that are missing are named in the refusal', () => {
		const reader: Caller = { tenantId: ownTenant, actorId: actor, permissions: new Set(['read']) };
		expect(() => requirePermission(reader, 'read')).not.toThrow();
		expect(() => requirePermission(reader, 'write')).toThrow(/EduAdministration\.ReadWrite\.All/);
	});
});

describe('the keys of the issuer', () => {
	test('are fetched once for many tokens', async () => {
		const own = createAccess({ authority: authority.url, audience, tenants, adminRoles });
		const before = authority.requests;
		for (let count = 0; count < 5; count++) await own.authenticate(await bearer());
		expect(authority.requests - before).toBe(1);
	});

	test('may rotate: one that is not known yet is looked for again, but not at every request', async () => {
		vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
		const rotating = await startTokenAuthority(key);
		const own = createAccess({ authority: rotating.url, audience, tenants, adminRoles });
		const signedBy = async (signer: SigningKey) => `Bearer ${await signToken(goodClaims(rotating.url), signer)}`;
		await own.authenticate(await signedBy(key));
		const next = await newSigningKey('next');
		rotating.keys = [next.jwk];
		await refusal(await signedBy(next), own);
		await refusal(await signedBy(next), own);
		expect(rotating.requests).toBe(1);

		vi.setSystemTime(Date.now() + 31_000);
		expect((await own.authenticate(await signedBy(next))).tenantId).toBe(ownTenant);
		expect((await refusal(await signedBy(key), own)).code).toBe('InvalidAuthenticationToken');
		vi.useRealTimers();
		await rotating.stop();
	});

	test('that are meant for one issuer only do not sign for another', async () => {
		const own = await newSigningKey('own');
		const theirs = await newSigningKey('theirs');
		const shared = await startTokenAuthority(own, theirs);
		const jwkOf = ({ jwk }: SigningKey, tenant: string) => ({ ...jwk, issuer: `${shared.url}/${tenant}/v2.0` });
		shared.keys = [jwkOf(own, '{tenantid}'), jwkOf(theirs, otherTenant)];
		const strict = createAccess({ authority: shared.url, audience, tenants, adminRoles });
		const signedBy = async (signer: SigningKey) => `Bearer ${await signToken(goodClaims(shared.url), signer)}`;
		expect((await strict.authenticate(await signedBy(own))).tenantId).toBe(ownTenant);
		expect((await refusal(await signedBy(theirs), strict)).code).toBe('InvalidAuthenticationToken');
		await shared.stop();
	});

	test.each([500, 302, 404])('that cannot be read (%i) are our trouble: 503, and try again', async (status) => {
		const broken = await startTokenAuthority(key);
		broken.status = status;
		const own = createAccess({ authority: broken.url, audience, tenants, adminRoles });
		const authorization = `Bearer ${await signToken(goodClaims(broken.url), key)}`;
		const { code, extras } = await refusal(authorization, own);
		expect([code, extras.headers]).toEqual(['ServiceUnavailable', { 'Retry-After': '10' }]);

		broken.status = 200;
		expect((await own.authenticate(authorization)).tenantId).toBe(ownTenant);
		await broken.stop();
	});

	test('of a host that is gone are our trouble too', async () => {
		const gone = await startTokenAuthority(key);
		await gone.stop();
		const own = createAccess({ authority: gone.url, audience, tenants, adminRoles });
		const { code } = await refusal(`Bearer ${await signToken(goodClaims(gone.url), key)}`, own);
		expect(code).toBe('ServiceUnavailable');
	});

	test('are not asked for by a request that brings no token', async () => {
		const own = createAccess({ authority: authority.url, audience, tenants, adminRoles });
		const before = authority.requests;
		await refusal(null, own);
		expect(authority.requests).toBe(before);
	});
});
