import { expect, test } from 'vitest';
import { type GraphTenant, newUser, refusal, startTenant } from './support/graph-tenant.ts';

const users = (count: number) =>
	Array.from({ length: count }, () => ({ method: 'POST', url: '/users', body: newUser() }));

async function statuses({ batch }: GraphTenant, batches: number): Promise<number[]> {
	const all: number[] = [];
	for (let at = 0; at < batches; at += 1) all.push(...(await batch(users(20))).map(({ status }) => status));
	return all;
}

test('a share of the requests is throttled or unavailable, the same ones for the same seed', async () => {
	const faults = { throttled: 0.2, unavailable: 0.1, seed: 5 };
	const [first, second] = [await startTenant({ faults }), await startTenant({ faults })];
	const seen = await statuses(first, 10);
	expect(await statuses(second, 10)).toEqual(seen);
	const counted = (status: number) => seen.filter((other) => other === status).length;
	expect(counted(429)).toBeGreaterThan(20);
	expect(counted(429)).toBeLessThan(60);
	expect(counted(503)).toBeGreaterThan(8);
	expect(counted(503)).toBeLessThan(36);
	expect(counted(201) + counted(429) + counted(503)).toBe(200);
	const made = (await first.ask<{ value: unknown[] }>('GET', '/users?$top=999')).body.value;
	expect(made).toHaveLength(counted(201));
});

test('a throttled item says how long to wait, in a header of any case', async () => {
	const { batch, server } = await startTenant({ faults: { throttled: 1 } });
	const [answer] = await batch(users(1));
	expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '2.128' } });
	expect(server.counts()).toMatchObject({ writes: 0, throttled: 1 });
});

test('a request may be carried out and its answer be lost', async () => {
	const { ask, server } = await startTenant({ faults: { timedOut: 1 } });
	const user = newUser();
	expect(await ask('POST', '/users', { body: user })).toMatchObject(refusal(504, 'UnknownError'));
	server.setFaults({ cut: 1 });
	const other = newUser();
	await expect(ask('POST', '/users', { body: other })).rejects.toThrow('fetch failed');
	server.setFaults({});
	for (const { userPrincipalName } of [user, other]) {
		expect((await ask('GET', `/users/${userPrincipalName}`)).status).toBe(200);
	}
});

test('an object that the directory is told to refuse is refused, and others are not', async () => {
	const isAda = ({ body }: { body: unknown }) => (body as { givenName?: string } | undefined)?.givenName === 'Ada';
	const { ask } = await startTenant({ faults: { refuses: isAda } });
	const create = (givenName: string) => ask('POST', '/users', { body: newUser({ givenName }) });
	expect(await create('Ada')).toMatchObject(refusal(400, 'Request_BadRequest'));
	expect((await create('Bea')).status).toBe(201);
});

test('the answers of a batch come in another order than its requests', async () => {
	const { ask } = await startTenant();
	const requests = Array.from({ length: 20 }, (_, at) => ({ id: String(at), method: 'GET', url: '/users' }));
	const { body } = await ask<{ responses: { id: string }[] }>('POST', '/$batch', { body: { requests } });
	const ids = body.responses.map(({ id }) => id);
	expect(ids).not.toEqual(requests.map(({ id }) => id));
	expect(ids.toSorted()).toEqual(requests.map(({ id }) => id).toSorted());
});

test('an answer takes as long as the way to Graph does, and its effect does not', async () => {
	let way = Promise.resolve();
	const { ask, server } = await startTenant({ latency: () => way });
	const { promise, resolve } = Promise.withResolvers<void>();
	way = promise;
	let isAnswered = false;
	const answer = ask('GET', '/users').finally(() => {
		isAnswered = true;
	});
	await expect.poll(() => server.counts().requests).toBe(1);
	expect(isAnswered).toBe(false);
	resolve();
	expect((await answer).status).toBe(200);
});
