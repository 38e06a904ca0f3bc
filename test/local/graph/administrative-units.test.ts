import { expect, test } from 'vitest';
import { linkTo, reference, refusal, startTenant } from './support/graph-tenant.ts';

const path = '/directory/administrativeUnits';
const badRequest = refusal(400, 'Request_BadRequest');

interface List {
	value: { id: string }[];
}

test('a unit is created, changed and has members', async () => {
	const { ask, makeUser, makeGroup } = await startTenant();
	const { body: unit, status } = await ask<{ id: string }>('POST', path, { body: { displayName: 'Oak Hill' } });
	expect(status).toBe(201);
	expect((await ask('PATCH', `${path}/${unit.id}`, { body: { displayName: 'Oak' } })).status).toBe(204);
	const [user, group] = [await makeUser(), await makeGroup()];
	for (const member of [user, group]) {
		const added = await ask('POST', `${path}/${unit.id}/members/$ref`, { body: reference(member) });
		expect(added.status).toBe(204);
	}
	const members = async () => (await ask<List>('GET', `${path}/${unit.id}/members`)).body.value.map(({ id }) => id);
	expect(await members()).toEqual([user.id, group.id]);
	expect((await ask('DELETE', `${path}/${unit.id}/members/${user.id}/$ref`)).status).toBe(204);
	expect(await members()).toEqual([group.id]);
	expect((await ask<List>('GET', `/users/${user.id}/memberOf`)).body.value).toEqual([]);
});

test('members come one at a time, unless the directory is said to pack them', async () => {
	for (const packsAdministrativeUnits of [false, true]) {
		const { ask, makeUser, makeSchool } = await startTenant({ tenant: { packsAdministrativeUnits } });
		const [school, user] = [await makeSchool(), await makeUser()];
		const body = { 'members@odata.bind': [linkTo(user)] };
		const { status } = await ask('PATCH', `${path}/${school.id}`, { body });
		expect(status).toBe(packsAdministrativeUnits ? 204 : 400);
		const { value } = (await ask<List>('GET', `/education/schools/${school.id}/users`)).body;
		expect(value).toHaveLength(packsAdministrativeUnits ? 1 : 0);
	}
});

test('nobody is in more than 30 units', async () => {
	const { ask, batch, makeUser } = await startTenant();
	const user = await makeUser();
	const names = Array.from({ length: 31 }, (_, at) => `School ${at}`);
	const create = (displayName: string) => ({ method: 'POST', url: '/education/schools', body: { displayName } });
	const schools = [...(await batch(names.slice(0, 20).map(create))), ...(await batch(names.slice(20).map(create)))];
	const add = (id: unknown) => ask('POST', `/education/schools/${id}/users/$ref`, { body: reference(user) });
	for (const { body } of schools.slice(0, 30)) expect((await add(body?.id)).status).toBe(204);
	expect(await add(schools[30]?.body?.id)).toMatchObject(badRequest);
});

test('a school takes classes, and no other groups', async () => {
	const { ask, makeGroup, makeSchool } = await startTenant();
	const [group, school] = [await makeGroup(), await makeSchool()];
	const answer = await ask('POST', `/education/schools/${school.id}/classes/$ref`, { body: reference(group) });
	expect(answer).toMatchObject(refusal(404, 'Request_ResourceNotFound'));
});

test('a deleted unit is gone, and its members are not', async () => {
	const { ask, makeSchool, makeUser } = await startTenant();
	const [school, user] = [await makeSchool(), await makeUser()];
	await ask('POST', `/education/schools/${school.id}/users/$ref`, { body: reference(user) });
	expect((await ask('DELETE', `${path}/${school.id}`)).status).toBe(204);
	expect((await ask('GET', `/education/schools/${school.id}`)).status).toBe(404);
	expect((await ask<List>('GET', `/education/users/${user.id}/schools`)).body.value).toEqual([]);
	expect((await ask('GET', `/users/${user.id}`)).status).toBe(200);
});
