import { expect, test } from 'vitest';
import { freshName, newUser, reference, refusal, startTenant } from './support/graph-tenant.ts';

interface List {
	value: { id: string; displayName: string }[];
}

test('a school, class and user are created, shown and changed', async () => {
	const { ask, makeSchool, makeClass, makeUser } = await startTenant();
	const school = await makeSchool({ externalId: 's1', externalSource: 'sis', schoolNumber: '17' });
	const course = await makeClass({ externalId: 'c1', term: { externalId: 't1', startDate: '2026-08-01' } });
	const user = await makeUser({ primaryRole: 'student', student: { externalId: 'p1', grade: '4' } });
	expect(await ask('GET', `/education/schools/${school.id}`)).toMatchObject({
		status: 200,
		body: { id: school.id, externalId: 's1', externalSource: 'sis', schoolNumber: '17', principalName: null },
	});
	const changed = await ask('PATCH', `/education/classes/${course.id}`, { body: { displayName: 'Geometry' } });
	expect(changed).toMatchObject({ status: 200, body: { displayName: 'Geometry', externalId: 'c1' } });
	await ask('PATCH', `/education/users/${user.id}`, { body: { student: { grade: '5' } } });
	const { body } = await ask('GET', `/education/users/${user.id}`);
	expect(body).toMatchObject({ primaryRole: 'student', student: { externalId: 'p1', grade: '5' } });
	expect(body).not.toHaveProperty('passwordProfile');
});

test('an object has the same id under its other face', async () => {
	const { ask, makeSchool, makeClass, makeUser } = await startTenant();
	const [school, course, user] = [await makeSchool(), await makeClass(), await makeUser()];
	expect((await ask('GET', `/education/schools/${school.id}/administrativeUnit`)).body.id).toBe(school.id);
	expect((await ask('GET', `/directory/administrativeUnits/${school.id}`)).status).toBe(200);
	expect((await ask('GET', `/education/classes/${course.id}/group`)).body).toMatchObject({
		id: course.id,
		visibility: 'HiddenMembership',
		groupTypes: ['Unified'],
	});
	await ask('PATCH', `/users/${user.id}`, { body: { displayName: 'Ada Stone' } });
	expect((await ask('GET', `/education/users/${user.id}`)).body.displayName).toBe('Ada Stone');
	expect((await ask('GET', `/education/users/${user.id}/user`)).body.id).toBe(user.id);
});

test('a group that no roster made is no class', async () => {
	const { ask, makeGroup, makeClass } = await startTenant();
	const group = await makeGroup();
	const course = await makeClass();
	expect(await ask('GET', `/education/classes/${group.id}`)).toMatchObject(refusal(404, 'Request_ResourceNotFound'));
	expect((await ask<List>('GET', '/education/classes')).body.value.map(({ id }) => id)).toEqual([course.id]);
	expect((await ask<List>('GET', '/groups')).body.value.map(({ id }) => id)).toEqual([group.id, course.id]);
});

test('users and classes come into a school and out of it', async () => {
	const { ask, makeSchool, makeClass, makeUser } = await startTenant();
	const [school, course, user] = [await makeSchool(), await makeClass(), await makeUser()];
	for (const [path, object] of [
		['classes', course],
		['users', user],
	] as const) {
		const added = await ask('POST', `/education/schools/${school.id}/${path}/$ref`, { body: reference(object) });
		expect(added).toMatchObject({ status: 204, body: undefined });
		const listed = await ask<List>('GET', `/education/schools/${school.id}/${path}`);
		expect(listed.body.value.map(({ id }) => id)).toEqual([object.id]);
		const schools = await ask<List>('GET', `/education/${path}/${object.id}/schools`);
		expect(schools.body.value.map(({ id }) => id)).toEqual([school.id]);
	}
	const path = `/education/schools/${school.id}/users/${user.id}/$ref`;
	expect((await ask('DELETE', path)).status).toBe(204);
	expect((await ask<List>('GET', `/education/schools/${school.id}/users`)).body.value).toEqual([]);
	expect(await ask('DELETE', path)).toMatchObject(refusal(404, 'Request_ResourceNotFound'));
});

test('whoever is in a school already cannot come into it again', async () => {
	const { ask, makeSchool, makeUser } = await startTenant();
	const [school, user] = [await makeSchool(), await makeUser()];
	const path = `/education/schools/${school.id}/users/$ref`;
	await ask('POST', path, { body: reference(user) });
	const again = await ask('POST', path, { body: reference(user) });
	expect(again).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(JSON.stringify(again.body)).toContain('conflicting object');
});

test('teachers and members of a class are two lists', async () => {
	const { ask, makeClass, makeUser } = await startTenant();
	const [course, teacher, pupil] = [await makeClass(), await makeUser(), await makeUser()];
	await ask('POST', `/education/classes/${course.id}/teachers/$ref`, { body: reference(teacher) });
	await ask('POST', `/education/classes/${course.id}/members/$ref`, { body: reference(pupil) });
	const idsAt = async (path: string) => (await ask<List>('GET', path)).body.value.map(({ id }) => id);
	expect(await idsAt(`/education/classes/${course.id}/teachers`)).toEqual([teacher.id]);
	expect(await idsAt(`/education/classes/${course.id}/members`)).toEqual([pupil.id]);
	expect(await idsAt(`/education/users/${teacher.id}/taughtClasses`)).toEqual([course.id]);
	expect(await idsAt(`/education/users/${teacher.id}/classes`)).toEqual([]);
	expect(await idsAt(`/education/users/${pupil.id}/classes`)).toEqual([course.id]);
	const again = await ask('POST', `/education/classes/${course.id}/members/$ref`, { body: reference(pupil) });
	expect(again).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(JSON.stringify(again.body)).toContain(
		"references already exist for the following modified properties: 'members'",
	);
});

test('a class has at least one teacher once it has any', async () => {
	const { ask, makeClass, makeUser } = await startTenant();
	const [course, teacher, other] = [await makeClass(), await makeUser(), await makeUser()];
	const path = `/education/classes/${course.id}/teachers`;
	await ask('POST', `${path}/$ref`, { body: reference(teacher) });
	expect(await ask('DELETE', `${path}/${teacher.id}/$ref`)).toMatchObject(refusal(400, 'Request_BadRequest'));
	await ask('POST', `${path}/$ref`, { body: reference(other) });
	expect((await ask('DELETE', `${path}/${teacher.id}/$ref`)).status).toBe(204);
});

test('a link to nobody is refused', async () => {
	const { ask, makeClass, tenantId } = await startTenant();
	const course = await makeClass();
	const path = `/education/classes/${course.id}/members/$ref`;
	const missing = await ask('POST', path, { body: reference({ id: tenantId }) });
	expect(missing).toMatchObject(refusal(404, 'Request_ResourceNotFound'));
	const wrong = await ask('POST', path, { body: { '@odata.id': 'elsewhere' } });
	expect(wrong).toMatchObject(refusal(400, 'Request_BadRequest'));
	const bound = await ask('POST', path, { body: { 'members@odata.bind': [] } });
	expect(JSON.stringify(bound.body)).toContain('not supported on the targeted entity set');
});

test.each([
	['externalId', "externalId eq 's2'", ['s2']],
	['text of any case', "externalId eq 'S2'", ['s2']],
	['source', "externalSourceDetail eq 'profile-a'", ['s1', 's2']],
	['beginning', "startswith(externalId, 's')", ['s1', 's2', 's3']],
	['several values', "externalId in ('s1','s3')", ['s1', 's3']],
	['two conditions', "externalSourceDetail eq 'profile-a' and externalId eq 's1'", ['s1']],
	['either condition', "(externalId eq 's1') or externalId eq 's3'", ['s1', 's3']],
	['a quote', "displayName eq 'St. Ann''s'", ['s3']],
])('schools are found by %s', async (_, filter, expected) => {
	const { ask, makeSchool } = await startTenant();
	await makeSchool({ externalId: 's1', externalSourceDetail: 'profile-a' });
	await makeSchool({ externalId: 's2', externalSourceDetail: 'profile-a' });
	await makeSchool({ externalId: 's3', externalSourceDetail: 'profile-b', displayName: "St. Ann's" });
	await makeSchool({ externalId: 'x' });
	const query = new URLSearchParams({ $filter: filter, $select: 'externalId' });
	const { body } = await ask<{ value: { externalId: string }[] }>('GET', `/education/schools?${query}`);
	expect(body.value.map(({ externalId }) => externalId)).toEqual(expected);
});

test('users are found by a member of a complex value, after it has changed too', async () => {
	const { ask, makeUser } = await startTenant();
	const user = await makeUser({ student: { externalId: 'p1' } });
	const find = async (id: string) => {
		const query = new URLSearchParams({ $filter: `student/externalId eq '${id}'` });
		return (await ask<List>('GET', `/education/users?${query}`)).body.value.map((found) => found.id);
	};
	expect(await find('p1')).toEqual([user.id]);
	await ask('PATCH', `/education/users/${user.id}`, { body: { student: { externalId: 'p2' } } });
	expect(await find('p1')).toEqual([]);
	expect(await find('p2')).toEqual([user.id]);
});

test('a deleted class and user are gone from both faces', async () => {
	const { ask, makeClass, makeUser } = await startTenant();
	const [course, user] = [await makeClass(), await makeUser()];
	await ask('POST', `/education/classes/${course.id}/members/$ref`, { body: reference(user) });
	expect((await ask('DELETE', `/education/users/${user.id}`)).status).toBe(204);
	expect((await ask('GET', `/users/${user.id}`)).status).toBe(404);
	expect((await ask<List>('GET', `/education/classes/${course.id}/members`)).body.value).toEqual([]);
	expect((await ask('DELETE', `/education/classes/${course.id}`)).status).toBe(204);
	expect((await ask('GET', `/groups/${course.id}`)).status).toBe(404);
});

test('a class whose nickname another group has is refused', async () => {
	const { ask, makeGroup } = await startTenant();
	const mailNickname = freshName();
	await makeGroup({ mailNickname });
	const answer = await ask('POST', '/education/classes', { body: { displayName: 'A', mailNickname } });
	expect(answer).toMatchObject(refusal(400, 'Request_BadRequest', { code: 'ObjectConflict', target: 'mailNickname' }));
});

test('a property that the type does not have is refused', async () => {
	const { ask } = await startTenant();
	const answer = await ask('POST', '/education/users', { body: { ...newUser(), shoeSize: '38' } });
	expect(answer).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect(JSON.stringify(answer.body)).toContain('shoeSize');
});
