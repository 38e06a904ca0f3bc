import type { Group } from '@microsoft/microsoft-graph-types';
import { expect, test } from 'vitest';
import {
	freshName,
	type GraphTenant,
	linkTo,
	newGroup,
	reference,
	refusal,
	startTenant,
} from './support/graph-tenant.ts';

interface List {
	value: { id: string; '@odata.type': string }[];
}

const makeUsers = async ({ makeUser }: GraphTenant, count: number) =>
	await Promise.all(Array.from({ length: count }, () => makeUser()));
const links = (objects: { id: string }[]) => objects.map(linkTo);
const badRequest = refusal(400, 'Request_BadRequest');

test('a group begins with at most 20 owners and members together', async () => {
	const tenant = await startTenant();
	const users = await makeUsers(tenant, 21);
	const create = (owners: number, members: number) =>
		tenant.ask<Group>('POST', '/groups', {
			body: newGroup({
				'owners@odata.bind': links(users.slice(0, owners)),
				'members@odata.bind': links(users.slice(0, members)),
			}),
		});
	const refused = await create(1, 20);
	expect(refused).toMatchObject(badRequest);
	expect(JSON.stringify(refused.body)).toContain('more than 20 link changes');
	const { status, body } = await create(1, 19);
	expect(status).toBe(201);
	expect((await tenant.ask<List>('GET', `/groups/${body.id}/members`)).body.value).toHaveLength(19);
	expect((await tenant.ask<List>('GET', `/groups/${body.id}/owners`)).body.value).toHaveLength(1);
});

test('a change adds at most 20 members, all of them or none', async () => {
	const tenant = await startTenant();
	const [group, users] = [await tenant.makeGroup(), await makeUsers(tenant, 21)];
	const bind = (objects: { id: string }[]) =>
		tenant.ask('PATCH', `/groups/${group.id}`, { body: { 'members@odata.bind': links(objects) } });
	const members = async () => (await tenant.ask<List>('GET', `/groups/${group.id}/members`)).body.value.length;
	expect(await bind(users)).toMatchObject(badRequest);
	expect(await members()).toBe(0);
	expect((await bind(users.slice(0, 20))).status).toBe(204);
	const repeated = await bind(users.slice(19));
	expect(JSON.stringify(repeated.body)).toContain('references already exist');
	expect(await bind([...users.slice(20), { id: tenant.tenantId }])).toMatchObject(
		refusal(404, 'Request_ResourceNotFound'),
	);
	expect(await members()).toBe(20);
});

test('a bind must be a list of references', async () => {
	const { ask, makeGroup } = await startTenant();
	const group = await makeGroup();
	for (const bind of ['x', ['x'], [5], [`https://graph.microsoft.com/v1.0/devices/${group.id}`]]) {
		const answer = await ask('PATCH', `/groups/${group.id}`, { body: { 'members@odata.bind': bind } });
		expect(answer).toMatchObject(badRequest);
	}
});

test('a change of properties and links is all or nothing too', async () => {
	const tenant = await startTenant();
	const [group, [user]] = [await tenant.makeGroup(), await makeUsers(tenant, 1)];
	const patch = (body: object) => tenant.ask('PATCH', `/groups/${group.id}`, { body });
	const bound = { 'members@odata.bind': links([user as { id: string }]) };
	expect(await patch({ displayName: 'x'.repeat(257), ...bound })).toMatchObject(badRequest);
	expect((await tenant.ask<List>('GET', `/groups/${group.id}/members`)).body.value).toEqual([]);
	expect((await patch({ displayName: 'Geometry', ...bound })).status).toBe(204);
	expect(await patch({ displayName: 'Music', ...bound })).toMatchObject(badRequest);
	expect((await tenant.ask<Group>('GET', `/groups/${group.id}`)).body.displayName).toBe('Geometry');
});

test('members come and go one at a time by reference', async () => {
	const tenant = await startTenant();
	const [group, [user]] = [await tenant.makeGroup(), await makeUsers(tenant, 1)];
	const path = `/groups/${group.id}/members`;
	expect((await tenant.ask('POST', `${path}/$ref`, { body: reference(user as { id: string }) })).status).toBe(204);
	expect((await tenant.ask<List>('GET', path)).body.value).toMatchObject([
		{ id: user?.id, '@odata.type': '#microsoft.graph.user' },
	]);
	expect((await tenant.ask('DELETE', `${path}/${user?.id}/$ref`)).status).toBe(204);
	expect((await tenant.ask('DELETE', `${path}/${user?.id}/$ref`)).status).toBe(404);
});

test('a group has at most 100 owners', async () => {
	const tenant = await startTenant();
	const [group, users] = [await tenant.makeGroup(), await makeUsers(tenant, 101)];
	for (let at = 0; at < 100; at += 20) {
		const body = { 'owners@odata.bind': links(users.slice(at, at + 20)) };
		expect((await tenant.ask('PATCH', `/groups/${group.id}`, { body })).status).toBe(204);
	}
	const last = { body: reference(users[100] as { id: string }) };
	expect(await tenant.ask('POST', `/groups/${group.id}/owners/$ref`, last)).toMatchObject(badRequest);
});

test('the last owner stays', async () => {
	const tenant = await startTenant();
	const [group, [user]] = [await tenant.makeGroup(), await makeUsers(tenant, 1)];
	const path = `/groups/${group.id}/owners`;
	await tenant.ask('POST', `${path}/$ref`, { body: reference(user as { id: string }) });
	expect(await tenant.ask('DELETE', `${path}/${user?.id}/$ref`)).toMatchObject(badRequest);
});

test.each(['@', '(', ')', '\\', '[', ']', '"', ';', ':', '.', '<', '>', ',', ' '])(
	'the nickname of a group has no %s',
	async (character) => {
		const { ask } = await startTenant();
		const mailNickname = `a${character}b`;
		const refused = refusal(400, 'Request_BadRequest', { code: 'InvalidValue', target: 'mailNickname' });
		expect(await ask('POST', '/groups', { body: newGroup({ mailNickname }) })).toMatchObject(refused);
		const course = { displayName: 'A', mailNickname };
		expect(await ask('POST', '/education/classes', { body: course })).toMatchObject(refused);
	},
);

test('a nickname has at most 64 characters and is one group’s alone', async () => {
	const { ask, makeGroup, makeClass } = await startTenant();
	const mailNickname = 'a'.repeat(64);
	const group = await makeGroup({ mailNickname });
	const conflict = refusal(400, 'Request_BadRequest', { code: 'ObjectConflict', target: 'mailNickname' });
	expect(await ask('POST', '/groups', { body: newGroup({ mailNickname: mailNickname.toUpperCase() }) })).toMatchObject(
		conflict,
	);
	const course = await makeClass();
	expect(await ask('PATCH', `/education/classes/${course.id}`, { body: { mailNickname } })).toMatchObject(conflict);
	expect(await ask('POST', '/groups', { body: newGroup({ mailNickname: `${mailNickname}a` }) })).toMatchObject(
		badRequest,
	);
	expect((await ask('PATCH', `/groups/${group.id}`, { body: { mailNickname } })).status).toBe(204);
});

test('hidden membership is set when a group is created, and never afterwards', async () => {
	const { ask, makeGroup } = await startTenant();
	const [hidden, open] = [
		await makeGroup({ visibility: 'HiddenMembership' }),
		await makeGroup({ visibility: 'Private' }),
	];
	const patch = (id: string, visibility: string) => ask('PATCH', `/groups/${id}`, { body: { visibility } });
	expect(await patch(open.id, 'HiddenMembership')).toMatchObject(badRequest);
	expect(await patch(hidden.id, 'Private')).toMatchObject(badRequest);
	expect((await patch(open.id, 'Public')).status).toBe(204);
	const security = {
		groupTypes: [],
		mailEnabled: false,
		securityEnabled: true,
		visibility: 'HiddenMembership',
	} as const;
	expect(await ask('POST', '/groups', { body: newGroup({ ...security, groupTypes: [] }) })).toMatchObject(badRequest);
});

test('hidden members are shown and added only by the permission for it', async () => {
	const permissions = ['EduRoster.ReadWrite.All', 'Group.ReadWrite.All'];
	const { ask, makeClass, makeUser, makeGroup } = await startTenant({ permissions });
	const [course, user, group] = [await makeClass(), await makeUser(), await makeGroup()];
	const denied = refusal(403, 'Authorization_RequestDenied');
	const path = `/education/classes/${course.id}/members`;
	expect(await ask('GET', path)).toMatchObject(denied);
	expect(await ask('GET', `/groups/${course.id}/members`)).toMatchObject(denied);
	expect(await ask('POST', `${path}/$ref`, { body: reference(user) })).toMatchObject(denied);
	expect((await ask('GET', `/groups/${group.id}/members`)).status).toBe(200);
	await ask('PATCH', `/groups/${course.id}`, { body: { 'members@odata.bind': [linkTo(user)] } });
	expect((await ask<List>('GET', `/education/users/${user.id}/classes`)).body.value).toEqual([]);
});

test('only users are in a Microsoft 365 group, and security groups hold groups as well', async () => {
	const { ask, makeGroup } = await startTenant();
	const security = { groupTypes: [], mailEnabled: false, securityEnabled: true };
	const [unified, outer, inner] = [await makeGroup(), await makeGroup(security), await makeGroup(security)];
	const add = (id: string) => ask('POST', `/groups/${id}/members/$ref`, { body: reference(inner) });
	expect(await add(unified.id)).toMatchObject(badRequest);
	expect((await add(outer.id)).status).toBe(204);
	expect((await ask<List>('GET', `/groups/${outer.id}/members`)).body.value).toMatchObject([
		{ id: inner.id, '@odata.type': '#microsoft.graph.group' },
	]);
});

test('a deleted Microsoft 365 group comes back with its members, a security group does not come back', async () => {
	const tenant = await startTenant();
	const [unified, [user]] = [await tenant.makeGroup(), await makeUsers(tenant, 1)];
	const security = await tenant.makeGroup({ groupTypes: [], mailEnabled: false, securityEnabled: true });
	const { ask } = tenant;
	await ask('POST', `/groups/${unified.id}/members/$ref`, { body: reference(user as { id: string }) });
	for (const { id } of [unified, security]) await ask('DELETE', `/groups/${id}`);
	const deleted = await ask<List>('GET', '/directory/deletedItems/microsoft.graph.group');
	expect(deleted.body.value.map(({ id }) => id)).toEqual([unified.id]);
	expect((await ask('POST', `/directory/deletedItems/${security.id}/restore`)).status).toBe(404);
	expect((await ask('POST', `/directory/deletedItems/${unified.id}/restore`)).status).toBe(200);
	expect((await ask<List>('GET', `/groups/${unified.id}/members`)).body.value).toHaveLength(1);
});

test('what is purged is in no list and leaves its name', async () => {
	const { ask, makeGroup } = await startTenant();
	const mailNickname = freshName();
	const group = await makeGroup({ mailNickname });
	await ask('DELETE', `/groups/${group.id}`);
	expect((await ask('DELETE', `/directory/deletedItems/${group.id}`)).status).toBe(204);
	expect((await ask<List>('GET', '/directory/deletedItems/microsoft.graph.group')).body.value).toEqual([]);
	await makeGroup({ mailNickname });
});

test('a group is for mail if it is a Microsoft 365 group, and only then', async () => {
	const { ask } = await startTenant();
	expect(await ask('POST', '/groups', { body: newGroup({ mailEnabled: false }) })).toMatchObject(badRequest);
	expect(await ask('POST', '/groups', { body: newGroup({ groupTypes: [] }) })).toMatchObject(badRequest);
});
