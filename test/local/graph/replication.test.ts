import { expect, test } from 'vitest';
import { linkTo, newUser, refusal, startTenant } from './support/graph-tenant.ts';

const delayMs = 60_000;

async function start(seed = 3) {
	const clock = { nowMs: 0 };
	const tenant = await startTenant({ replication: { replicas: 3, delayMs, seed }, nowMs: () => clock.nowMs });
	return { ...tenant, clock };
}

test('for a while some replicas do not know a new object, then all of them do', async () => {
	const { ask, makeUser, clock } = await start();
	const user = await makeUser();
	const seen = async () => {
		const statuses = new Set<number>();
		for (let at = 0; at < 30; at += 1) statuses.add((await ask('GET', `/users/${user.id}`)).status);
		return [...statuses].sort();
	};
	expect(await seen()).toEqual([200, 404]);
	clock.nowMs = delayMs;
	expect(await seen()).toEqual([200]);
});

test('links to a new object are refused by replicas that do not know it', async () => {
	const { ask, makeGroup, makeUser, clock } = await start();
	const group = await makeGroup();
	clock.nowMs = delayMs;
	const seen = new Set<number>();
	for (let at = 0; at < 20; at += 1) {
		const body = { 'members@odata.bind': [linkTo(await makeUser())] };
		const answer = await ask('PATCH', `/groups/${group.id}`, { body });
		if (answer.status !== 204) expect(answer).toMatchObject(refusal(404, 'Request_ResourceNotFound'));
		seen.add(answer.status);
	}
	expect([...seen].sort()).toEqual([204, 404]);
});

test('names are unique at once, on every replica', async () => {
	const { ask, makeUser } = await start();
	const user = await makeUser();
	for (let at = 0; at < 10; at += 1) {
		const answer = await ask('POST', '/users', {
			body: newUser({ userPrincipalName: String(user.userPrincipalName) }),
		});
		expect(answer).toMatchObject(refusal(400, 'Request_BadRequest'));
	}
});

test('queries of the slow index find a new object only when every replica has it', async () => {
	const { ask, makeUser, clock } = await start();
	await makeUser();
	const count = async () => {
		const headers = { ConsistencyLevel: 'eventual' };
		return (await ask('GET', '/users?$count=true', { headers })).body['@odata.count'];
	};
	expect(await count()).toBe(0);
	clock.nowMs = delayMs;
	expect(await count()).toBe(1);
});

test('the same seed shows the same object on the same requests', async () => {
	const walk = async () => {
		const { ask, makeUser, server, tenantId } = await start(9);
		const properties = { displayName: 'Ada', userPrincipalName: 'ada@contoso.example' };
		const id = '00000000-0000-4000-8000-000000000001';
		await server.change(tenantId, [{ type: 'create', id, kind: 'user', at: 0, properties }]);
		await makeUser();
		const statuses: number[] = [];
		for (let at = 0; at < 20; at += 1) statuses.push((await ask('GET', `/users/${id}`)).status);
		return statuses;
	};
	const first = await walk();
	expect(new Set(first).size).toBe(2);
	expect(await walk()).toEqual(first);
});
