import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { newGroup, newUser, refusal, startTenant } from './support/graph-tenant.ts';

const prefix = 'extension_fe2174665583431c953114ff7268b7b3_Education_';

interface List {
	value: Record<string, unknown>[];
}

test('attributes of School Data Sync are written, selected and found', async () => {
	const { ask, makeUser, makeGroup, makeSchool } = await startTenant();
	const objects = {
		'/users': (await makeUser()).id,
		'/groups': (await makeGroup()).id,
		'/directory/administrativeUnits': (await makeSchool()).id,
	};
	for (const [path, id] of Object.entries(objects)) {
		const name = `${prefix}AnchorId`;
		expect((await ask('PATCH', `${path}/${id}`, { body: { [name]: 'X_1' } })).status).toBe(204);
		expect((await ask('GET', `${path}/${id}`)).body).not.toHaveProperty(name);
		expect((await ask('GET', `${path}/${id}?$select=${name}`)).body).toMatchObject({ [name]: 'X_1' });
		const query = new URLSearchParams({ $filter: `${prefix}AnchorId eq 'X_1'` });
		expect((await ask<List>('GET', `${path}?${query}`)).body.value.map((found) => found.id)).toEqual([id]);
		expect((await ask('PATCH', `${path}/${id}`, { body: { [name]: null } })).status).toBe(204);
		expect((await ask<List>('GET', `${path}?${query}`)).body.value).toEqual([]);
	}
});

test('what School Data Sync once made is a school, class and user of the education endpoints', async () => {
	const { ask, makeGroup, server, tenantId } = await startTenant();
	const attribute = (values: Record<string, string>) =>
		Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
	const section = attribute({ ObjectType: 'Section', SyncSource: 'SIS', SyncSource_SectionId: 'c9', TermName: 'Fall' });
	const group = await makeGroup(section);
	const pupil = newUser(attribute({ ObjectType: 'Student', SyncSource_StudentId: 'p9', Grade: '4' }));
	const user = (await ask<{ id: string }>('POST', '/users', { body: pupil })).body;
	expect((await ask('GET', `/education/classes/${group.id}`)).body).toMatchObject({
		externalId: 'c9',
		externalSource: 'sis',
		term: { displayName: 'Fall' },
	});
	expect((await ask('GET', `/education/users/${user.id}`)).body).toMatchObject({
		primaryRole: 'student',
		student: { externalId: 'p9', grade: '4' },
	});
	const unit = { type: 'create', id: randomUUID(), kind: 'administrativeUnit', at: 0 } as const;
	const properties = { displayName: 'Oak Hill', ...attribute({ ObjectType: 'School' }) };
	await server.change(tenantId, [{ ...unit, properties }]);
	expect((await ask('GET', `/education/schools/${unit.id}`)).body).toMatchObject({ displayName: 'Oak Hill' });
});

test('an object has at most 100 extension values', async () => {
	const { ask, makeGroup } = await startTenant();
	const values = (count: number) =>
		Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}Value${at}`, 'x']));
	const group = await makeGroup(values(99));
	const patch = (name: string) => ask('PATCH', `/groups/${group.id}`, { body: { [`${prefix}${name}`]: 'y' } });
	expect((await patch('Last')).status).toBe(204);
	expect(await patch('TooMany')).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect((await patch('Last')).status).toBe(204);
	expect(await ask('POST', '/groups', { body: newGroup(values(101)) })).toMatchObject(
		refusal(400, 'Request_BadRequest'),
	);
});
