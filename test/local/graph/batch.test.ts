import { expect, test } from 'vitest';
import { linkTo, newUser, refusal, startTenant } from './support/graph-tenant.ts';

test('a batch answers each request for itself', async () => {
	const { batch, makeClass, tenantId } = await startTenant();
	const course = await makeClass();
	const answers = await batch([
		{ method: 'POST', url: '/education/users', body: newUser() },
		{ method: 'GET', url: `education/classes/${course.id}?$select=displayName` },
		{ method: 'GET', url: `/education/classes/${tenantId}` },
		{ method: 'PUT', url: `/education/classes/${course.id}` },
	]);
	expect(answers.map(({ status }) => status)).toEqual([201, 200, 404, 405]);
	expect(answers[1]?.body).toMatchObject({ id: course.id, displayName: 'Algebra' });
	expect(answers[2]?.body?.error.code).toBe('Request_ResourceNotFound');
	expect(answers[0]?.headers).toMatchObject({ 'x-ms-resource-unit': '1', 'Content-Type': 'application/json' });
});

test('400 memberships are 20 writes of one batch', async () => {
	const { batch, makeGroup, server } = await startTenant();
	const users = await Promise.all(
		Array.from({ length: 20 }, () =>
			batch(Array.from({ length: 20 }, () => ({ method: 'POST', url: '/users', body: newUser() }))),
		),
	);
	const group = await makeGroup();
	const before = server.counts().writes;
	const answers = await batch(
		users.map((created) => ({
			method: 'PATCH',
			url: `/groups/${group.id}`,
			body: { 'members@odata.bind': created.map(({ body }) => linkTo({ id: String(body?.id) })) },
		})),
	);
	expect(answers.map(({ status }) => status)).toEqual(users.map(() => 204));
	expect(server.counts().writes - before).toBe(20);
});

test('requests that depend on a failed one are not carried out', async () => {
	const { batch, server } = await startTenant();
	const users = [newUser(), newUser({ displayName: '' }), newUser(), newUser()];
	const answers = await batch(
		users.map((body, at) => ({
			id: `r${at}`,
			method: 'POST',
			url: '/users',
			body,
			...(at === 0 ? {} : { dependsOn: [`r${at - 1}`] }),
		})),
	);
	expect(answers.map(({ status }) => status)).toEqual([201, 400, 424, 424]);
	expect(server.counts().writes).toBe(2);
});

test.each([
	['more than 20 requests', { requests: Array.from({ length: 21 }, (_, at) => get(String(at))) }],
	['ids that differ in case only', { requests: [get('a'), get('A')] }],
	['no requests', { requests: [] }],
	['a request without id', { requests: [{ method: 'GET', url: '/users' }] }],
	['a body without content type', { requests: [{ id: '1', method: 'POST', url: '/users', body: {} }] }],
	['a dependency that is no list', { requests: [get('1'), { ...get('2'), dependsOn: '1' }] }],
	['another batch inside', { requests: [{ id: '1', method: 'POST', url: '/$batch' }] }],
	['a dependency on what is not there', { requests: [get('1'), { ...get('2'), dependsOn: ['3'] }] }],
	['a dependency on what comes later', { requests: [{ ...get('1'), dependsOn: ['2'] }, get('2')] }],
	[
		'a mixture of order and parallel',
		{ requests: [get('1'), { ...get('2'), dependsOn: ['1'] }, get('3'), { ...get('4'), dependsOn: ['2'] }] },
	],
])('a batch with %s is refused as a whole', async (_, body) => {
	const { ask, server } = await startTenant();
	expect(await ask('POST', '/$batch', { body })).toMatchObject(refusal(400, 'BadRequest'));
	expect(server.counts()).toMatchObject({ requests: 0, batches: 1 });
});

function get(id: string) {
	return { id, method: 'GET', url: '/users' };
}
