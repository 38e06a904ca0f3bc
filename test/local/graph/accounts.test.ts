import type { User } from '@microsoft/microsoft-graph-types';
import { expect, test } from 'vitest';
import { connect, freshName, newUser, refusal, startTenant } from './support/graph-tenant.ts';

const long = (length: number) => 'x'.repeat(length);

test.each([
	['a foreign domain', { userPrincipalName: 'ada@elsewhere.example' }, 'userPrincipalName'],
	['no domain', { userPrincipalName: 'ada' }, 'userPrincipalName'],
	['two at signs', { userPrincipalName: 'a@da@contoso.example' }, 'userPrincipalName'],
	['an accent', { userPrincipalName: 'adèle@contoso.example' }, 'userPrincipalName'],
	['a space', { userPrincipalName: 'ada b@contoso.example' }, 'userPrincipalName'],
	['a dot before the at sign', { userPrincipalName: 'ada.@contoso.example' }, 'userPrincipalName'],
	['a local part of 65 characters', { userPrincipalName: `${long(65)}@contoso.example` }, 'userPrincipalName'],
	['a usage location that is no country code', { usageLocation: 'USA' }, 'usageLocation'],
	['a control character in the name', { displayName: 'Ada\u0007' }, 'displayName'],
	['two business telephones', { businessPhones: ['1', '2'] }, 'businessPhones'],
	['a nickname with an at sign', { mailNickname: 'a@b' }, 'mailNickname'],
	['an empty name', { displayName: '' }, 'displayName'],
	['a short password', { passwordProfile: { password: 'Ab1-xyz' } }, 'passwordProfile'],
	['a password of 257 characters', { passwordProfile: { password: `Ab1${long(254)}` } }, 'passwordProfile'],
	['a password of two kinds of characters', { passwordProfile: { password: 'lowercase123' } }, 'passwordProfile'],
	['a password beyond ASCII', { passwordProfile: { password: 'Plain-Wäter-7' } }, 'passwordProfile'],
])('an account with %s is refused', async (_, properties, target) => {
	const { ask } = await startTenant();
	for (const path of ['/users', '/education/users']) {
		const answer = await ask('POST', path, { body: newUser(properties) });
		expect(answer).toMatchObject(refusal(400, 'Request_BadRequest', { code: 'InvalidValue', target }));
	}
});

test('a sign-in name has at most 48 characters of domain', async () => {
	const domains = [48, 49].map((length) => `${long(length - '.example'.length)}.example`);
	const { ask } = await startTenant({ tenant: { verifiedDomains: domains } });
	const create = (domain?: string) => ask('POST', '/users', { body: newUser({ userPrincipalName: `ada@${domain}` }) });
	expect((await create(domains[0])).status).toBe(201);
	expect((await create(domains[1])).status).toBe(400);
	const local = long(64);
	expect((await ask('POST', '/users', { body: newUser({ userPrincipalName: `${local}@${domains[0]}` }) })).status).toBe(
		201,
	);
});

test.each([
	['displayName', 256],
	['mailNickname', 64],
	['givenName', 64],
	['surname', 64],
	['department', 64],
	['mobilePhone', 64],
	['jobTitle', 128],
	['city', 128],
	['state', 128],
	['country', 128],
	['streetAddress', 1024],
	['postalCode', 40],
	['extension_fe2174665583431c953114ff7268b7b3_Education_Grade', 256],
])('%s has at most %i characters', async (property, most) => {
	const { ask } = await startTenant();
	const create = (length: number) => ask('POST', '/users', { body: newUser({ [property]: long(length) }) });
	expect((await create(most)).status).toBe(201);
	expect(await create(most + 1)).toMatchObject(
		refusal(400, 'Request_BadRequest', { code: 'InvalidLength', target: property }),
	);
});

test.each(['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'passwordProfile'])(
	'no account comes to be without %s',
	async (property) => {
		const { ask } = await startTenant();
		const answer = await ask('POST', '/education/users', { body: newUser({ [property]: null }) });
		const target = property === 'passwordProfile' ? 'passwordProfile/password' : property;
		expect(answer).toMatchObject(refusal(400, 'Request_BadRequest', { code: 'MissingValue', target }));
	},
);

test('a display name cannot be cleared, other properties can', async () => {
	const { ask, makeUser } = await startTenant();
	const user = await makeUser({ department: 'Music' });
	expect((await ask('PATCH', `/users/${user.id}`, { body: { displayName: null } })).status).toBe(400);
	expect((await ask('PATCH', `/users/${user.id}`, { body: { department: null } })).status).toBe(204);
	const { body } = await ask<User>('GET', `/users/${user.id}?$select=displayName,department`);
	expect(body).toMatchObject({ displayName: 'Ada Brook', department: null });
});

test('a sign-in name that another account has is refused, for new and for changed accounts', async () => {
	const { ask, makeUser } = await startTenant();
	const [first, second] = [await makeUser(), await makeUser()];
	const conflict = refusal(400, 'Request_BadRequest', { code: 'ObjectConflict', target: 'userPrincipalName' });
	const taken = String(first.userPrincipalName).toUpperCase().replace('CONTOSO.EXAMPLE', 'contoso.example');
	expect(await ask('POST', '/education/users', { body: newUser({ userPrincipalName: taken }) })).toMatchObject(
		conflict,
	);
	const rename = (id: string) => ask('PATCH', `/users/${id}`, { body: { userPrincipalName: taken } });
	expect(await rename(second.id)).toMatchObject(conflict);
	expect((await rename(first.id)).status).toBe(204);
});

test('an account is found by its sign-in name', async () => {
	const { ask, makeUser } = await startTenant();
	const user = await makeUser();
	expect((await ask<User>('GET', `/users/${user.userPrincipalName}`)).body.id).toBe(user.id);
	expect((await ask('GET', '/users/nobody@contoso.example')).status).toBe(404);
});

test('without $select a user has few properties', async () => {
	const { ask, makeUser } = await startTenant();
	const user = await makeUser({ usageLocation: 'US', department: 'Music' });
	const plain = (await ask<User>('GET', `/users/${user.id}`)).body;
	expect(plain).toMatchObject({ displayName: 'Ada Brook', givenName: null, businessPhones: [] });
	expect(plain).not.toHaveProperty('usageLocation');
	const chosen = (await ask<User>('GET', `/users/${user.id}?$select=usageLocation,assignedLicenses`)).body;
	expect(chosen).toEqual({
		'@odata.context': expect.any(String),
		id: user.id,
		usageLocation: 'US',
		assignedLicenses: [],
	});
	expect((await ask('GET', `/users/${user.id}?$select=shoeSize`)).status).toBe(400);
});

test('an application cannot set the password of an account that exists', async () => {
	const { ask, makeUser } = await startTenant();
	const user = await makeUser();
	const body = { passwordProfile: { password: 'Other-Water-8' } };
	const denied = refusal(403, 'Authorization_RequestDenied');
	expect(await ask('PATCH', `/users/${user.id}`, { body })).toMatchObject(denied);
	expect(await ask('PATCH', `/education/users/${user.id}`, { body })).toMatchObject(denied);
	const allowed = await startTenant({ permissions: ['User.ReadWrite.All', 'User-PasswordProfile.ReadWrite.All'] });
	const { id } = (await allowed.ask<{ id: string }>('POST', '/users', { body: newUser() })).body;
	expect((await allowed.ask('PATCH', `/users/${id}`, { body })).status).toBe(204);
});

test('a deleted account keeps its name for 30 days, in which it can be restored', async () => {
	let nowMs = Date.parse('2026-09-01T00:00:00Z');
	const { ask, makeUser, server, tenantId } = await startTenant({ nowMs: () => nowMs });
	const user = await makeUser({ userPrincipalName: 'ada@contoso.example' });
	await ask('DELETE', `/users/${user.id}`);
	const path = '/directory/deletedItems';
	const query = new URLSearchParams({ $filter: "userPrincipalName eq 'ada@contoso.example'" });
	const listed = (await ask<{ value: User[] }>('GET', `${path}/microsoft.graph.user?${query}`)).body.value;
	expect(listed.map(({ id }) => id)).toEqual([user.id]);
	const create = () => ask('POST', '/users', { body: newUser({ userPrincipalName: 'ada@contoso.example' }) });
	expect(await create()).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect((await ask('POST', `${path}/${user.id}/restore`)).status).toBe(200);
	expect((await ask('GET', `/users/${user.id}`)).status).toBe(200);
	await ask('DELETE', `/users/${user.id}`);
	nowMs += 31 * 24 * 3_600_000;
	const later = await connect(server, tenantId);
	expect((await later.ask('POST', `${path}/${user.id}/restore`)).status).toBe(404);
	await later.makeUser({ userPrincipalName: 'ada@contoso.example' });
});

test('a directory that is full takes nothing more, deleted objects counting a quarter', async () => {
	const { ask, makeUser } = await startTenant({ tenant: { objectQuota: 4 } });
	const users = [await makeUser(), await makeUser(), await makeUser(), await makeUser()];
	const full = refusal(400, 'Directory_QuotaExceeded');
	const school = { displayName: 'Oak Hill' };
	expect(await ask('POST', '/education/schools', { body: school })).toMatchObject(full);
	await ask('DELETE', `/users/${users[0]?.id}`);
	expect((await ask('POST', '/education/schools', { body: school })).status).toBe(201);
	expect(await ask('POST', '/education/users', { body: newUser() })).toMatchObject(full);
});

test('what Graph keeps itself cannot be written', async () => {
	const { ask, makeUser } = await startTenant();
	const { id } = await makeUser();
	const mail = { mail: 'ada@contoso.example' };
	expect(await ask('POST', '/users', { body: { ...newUser(), ...mail } })).toMatchObject(
		refusal(400, 'Request_BadRequest'),
	);
	expect(await ask('PATCH', `/users/${id}`, { body: mail })).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(await ask('PATCH', `/users/${id}`, { body: { assignedLicenses: [] } })).toMatchObject({ status: 400 });
});

test('what only a group may have is refused for a user', async () => {
	const { ask } = await startTenant();
	expect((await ask('POST', '/users', { body: { ...newUser(), groupTypes: [freshName()] } })).status).toBe(400);
});
