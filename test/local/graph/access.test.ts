import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { connect, fetchToken, newUser, refusal, startTenant } from './support/graph-tenant.ts';

test('a request without a good token is refused', async () => {
	const { server, ask } = await startTenant();
	for (const authorization of ['', 'Bearer', 'Bearer x', 'Bearer e30.e30', 'Basic YTpi']) {
		const answer = await ask('GET', '/users', { headers: { authorization } });
		expect(answer).toMatchObject(refusal(401, 'InvalidAuthenticationToken'));
		expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
	}
	expect(server.counts().requests).toBe(0);
});

test('a token ends after an hour', async () => {
	let nowMs = 0;
	const { ask } = await startTenant({ nowMs: () => nowMs });
	nowMs = 3_599_999;
	expect((await ask('GET', '/users')).status).toBe(200);
	nowMs = 3_600_000;
	expect((await ask('GET', '/users')).status).toBe(401);
});

test.each([
	['POST', '/education/users', 'EduRoster.ReadWrite.All'],
	['GET', '/education/users', 'EduRoster.Read.All'],
	['GET', '/users', 'User.Read.All'],
	['POST', '/users', 'User.ReadWrite.All'],
	['POST', '/groups', 'Group.ReadWrite.All'],
	['GET', '/groups', 'Group.Read.All'],
	['POST', '/directory/administrativeUnits', 'AdministrativeUnit.ReadWrite.All'],
	['GET', '/subscribedSkus', 'Organization.Read.All'],
	['GET', '/organization', 'Organization.Read.All'],
	['POST', '/users/x/assignLicense', 'LicenseAssignment.ReadWrite.All'],
	['GET', '/directory/deletedItems/microsoft.graph.user', 'User.Read.All'],
])('%s %s needs %s', async (method, path, permission) => {
	const granted = await startTenant({ permissions: [permission] });
	const others = await startTenant({ permissions: ['Mail.Read'] });
	const body = method === 'POST' ? { body: {} } : {};
	expect(await others.ask(method, path, body)).toMatchObject(refusal(403, 'Authorization_RequestDenied'));
	expect((await granted.ask(method, path, body)).status).not.toBe(403);
});

test('tenants see nothing of each other', async () => {
	const first = await startTenant();
	const second = await connect(first.server);
	const user = await first.makeUser({ userPrincipalName: 'ada@contoso.example' });
	expect((await second.ask('GET', `/users/${user.id}`)).status).toBe(404);
	expect((await second.ask<{ value: unknown[] }>('GET', '/users')).body.value).toEqual([]);
	await second.makeUser({ userPrincipalName: 'ada@contoso.example' });
});

test('who may do what can be decided by tokens of another issuer', async () => {
	const tenantId = randomUUID();
	const { server } = await startTenant({
		verify: (token) =>
			token === 'good' ? { tenantId, appId: 'app', permissions: new Set(['User.ReadWrite.All']) } : undefined,
	});
	const ask = (token: string) =>
		fetch(`${server.url}/v1.0/users`, {
			method: 'POST',
			headers: { authorization: `Bearer ${token}` },
			body: JSON.stringify(newUser()),
		});
	expect((await ask('good')).status).toBe(201);
	expect((await ask(await fetchToken(server, tenantId))).status).toBe(401);
});

test('a token request must be one for client credentials', async () => {
	const { server, tenantId } = await startTenant();
	const request = async (change: Record<string, string>) => {
		const form = {
			grant_type: 'client_credentials',
			client_id: 'a',
			client_secret: 'b',
			scope: 'x/.default',
			...change,
		};
		const url = `${server.url}/${tenantId}/oauth2/v2.0/token`;
		const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
		return [answer.status, ((await answer.json()) as { error?: string }).error];
	};
	expect(await request({})).toEqual([200, undefined]);
	expect(await request({ grant_type: 'password' })).toEqual([400, 'unsupported_grant_type']);
	expect(await request({ client_secret: '' })).toEqual([401, 'invalid_client']);
	expect(await request({ scope: 'x' })).toEqual([400, 'invalid_scope']);
});

test('a deleted user is restored by who may write users, not by who may write groups', async () => {
	const tenantId = randomUUID();
	const caller = (permission: string) => ({ tenantId, appId: 'app', permissions: new Set([permission]) });
	const { server } = await startTenant({ verify: caller });
	const ask = (permission: string, method: string, path: string, body?: object) =>
		fetch(`${server.url}/v1.0${path}`, {
			method,
			headers: { authorization: `Bearer ${permission}` },
			...(body ? { body: JSON.stringify(body) } : {}),
		});
	const created = await ask('User.ReadWrite.All', 'POST', '/users', newUser());
	const { id } = (await created.json()) as { id: string };
	await ask('User.ReadWrite.All', 'DELETE', `/users/${id}`);
	const restore = `/directory/deletedItems/${id}/restore`;
	expect((await ask('Group.ReadWrite.All', 'POST', restore)).status).toBe(403);
	expect((await ask('User.ReadWrite.All', 'POST', restore)).status).toBe(200);
});

test('an issuer that fails is a failure of the server, and no refusal', async () => {
	const { server } = await startTenant({
		verify() {
			throw new Error('the issuer is away');
		},
	});
	const answer = await fetch(`${server.url}/v1.0/users`, { headers: { authorization: 'Bearer x' } });
	expect(answer.status).toBe(500);
	expect(await answer.text()).toContain('the issuer is away');
});

test('a body that is not a JSON object is refused', async () => {
	const { ask, server, token } = await startTenant();
	expect(await ask('POST', '/users', { body: [] })).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(await ask('POST', '/users')).toMatchObject(refusal(400, 'Request_BadRequest'));
	const headers = { authorization: `Bearer ${token}` };
	const broken = await fetch(`${server.url}/v1.0/users`, { method: 'POST', headers, body: '{' });
	expect(broken.status).toBe(400);
});

test('paths and methods that are not there are refused', async () => {
	const { ask, server, token } = await startTenant();
	expect(await ask('GET', '/me')).toMatchObject(refusal(400, 'BadRequest'));
	expect((await ask('GET', '/users/%zz')).status).toBe(404);
	expect((await ask('DELETE', '/organization')).status).toBe(405);
	const beta = await fetch(`${server.url}/beta/users`, { headers: { authorization: `Bearer ${token}` } });
	expect(beta.status).toBe(400);
});
