import { expect, test } from 'vitest';
import { fastClock } from '../../../src/local/graph/graph-server.ts';
import { connect, fetchToken, newUser, refusal, startTenant } from './support/graph-tenant.ts';

/** A clock that stands until it is moved. */
function manualClock() {
	const clock = { nowMs: 0, now: () => clock.nowMs };
	return clock;
}

const school = { method: 'POST', url: '/education/schools', body: { displayName: 'Oak Hill' } };
const schools = (count: number) => Array.from({ length: count }, () => school);

test('an app has 3,000 writes, and 20 more each second', async () => {
	const clock = manualClock();
	const { batch, ask, server } = await startTenant({ nowMs: clock.now });
	for (let count = 0; count < 3000; count += 20) {
		const answers = await batch(schools(20));
		expect(answers.every(({ status }) => status === 201)).toBe(true);
	}
	expect((await batch(schools(20))).map(({ status }) => status)).toEqual(schools(20).map(() => 429));
	expect((await ask('GET', '/education/schools')).status).toBe(200);
	clock.nowMs += 500;
	const half = await batch(schools(20));
	expect(half.filter(({ status }) => status === 201)).toHaveLength(10);
	expect(server.counts()).toMatchObject({ writes: 3010, throttled: 30, mostWritesInWindow: 3010 });
	clock.nowMs += 150_000;
	await batch(schools(20));
	expect(server.counts()).toMatchObject({ writes: 3030, mostWritesInWindow: 3010 });
});

test('a throttled request says for how long and why, in its item of a batch and alone', async () => {
	const quotas = { writes: { capacity: 1, perSeconds: 8 } };
	const { batch, ask, tenantId } = await startTenant({ quotas, nowMs: manualClock().now });
	const [done, refused] = await batch(schools(2)).then((answers) => answers.sort((a, b) => a.status - b.status));
	expect(done?.status).toBe(201);
	const headers = {
		'Retry-After': '8',
		'x-ms-throttle-scope': `Tenant_Application/Write/sync/${tenantId}`,
		'x-ms-throttle-information': 'WriteLimitExceeded',
	};
	expect(refused).toMatchObject({ status: 429, headers, body: { error: { code: 'TooManyRequests' } } });
	const alone = await ask('POST', school.url, { body: school.body });
	expect(alone).toMatchObject(refusal(429, 'TooManyRequests'));
	expect(alone.headers.get('retry-after')).toBe('8');
});

test('answers tell how much is used once it is much', async () => {
	const quotas = { writes: { capacity: 10, perSeconds: 150 } };
	const { ask } = await startTenant({ quotas, nowMs: manualClock().now });
	const told: (string | null)[] = [];
	for (let write = 1; write <= 10; write += 1) {
		const { headers } = await ask('POST', school.url, { body: school.body });
		told.push(headers.get('x-ms-throttle-limit-percentage'));
	}
	expect(told).toEqual([...Array(7).fill(null), '0.80', '0.90', '1.00']);
});

test('requests that fail count, and those that were throttled do not', async () => {
	const clock = manualClock();
	const { ask, server } = await startTenant({ quotas: { writes: { capacity: 2, perSeconds: 2 } }, nowMs: clock.now });
	const bad = () => ask('POST', '/education/schools', { body: {} });
	const statuses: number[] = [];
	for (let count = 0; count < 4; count += 1) statuses.push((await bad()).status);
	clock.nowMs += 1000;
	statuses.push((await bad()).status);
	expect(statuses).toEqual([400, 400, 429, 429, 400]);
	expect(server.counts()).toMatchObject({ writes: 3, throttled: 2, failed: 3 });
	expect(server.counts().byKind['POST /education/schools']).toMatchObject({ requests: 5, writes: 3, throttled: 2 });
});

test('apps and tenants have quotas of their own', async () => {
	const quotas = { writes: { capacity: 1, perSeconds: 150 } };
	const tenant = await startTenant({ quotas, nowMs: manualClock().now });
	const other = await connect(tenant.server);
	const app = await fetchToken(tenant.server, tenant.tenantId, 'another-app');
	const write = ({ ask }: typeof tenant, headers = {}) => ask('POST', school.url, { body: school.body, headers });
	expect((await write(tenant)).status).toBe(201);
	expect((await write(tenant)).status).toBe(429);
	expect((await write(other)).status).toBe(201);
	expect((await write(tenant, { authorization: `Bearer ${app}` })).status).toBe(201);
});

test.each([
	['/users', '2'],
	['/users?$select=id', '1'],
	['/users?$top=19', '1'],
	['/users?$top=20', '2'],
	['/users?$select=id&$top=5', '1'],
	['/groups', '1'],
	['/subscribedSkus', '3'],
	['/education/users', '1'],
])('GET %s costs %s resource units', async (path, units) => {
	const { ask } = await startTenant();
	expect((await ask('GET', path)).headers.get('x-ms-resource-unit')).toBe(units);
});

test('reading members costs 3 units, and choosing properties saves one', async () => {
	const { ask, makeGroup } = await startTenant();
	const { id } = await makeGroup();
	const units = async (query: string) =>
		(await ask('GET', `/groups/${id}/members${query}`)).headers.get('x-ms-resource-unit');
	expect(await units('')).toBe('3');
	expect(await units('?$select=id')).toBe('2');
	expect(
		(await ask('POST', '/directoryObjects/getByIds', { body: { ids: [id] } })).headers.get('x-ms-resource-unit'),
	).toBe('3');
});

test('a small tenant gives 3,500 resource units in ten seconds', async () => {
	const clock = manualClock();
	const { batch, server } = await startTenant({ nowMs: clock.now });
	const reads = Array.from({ length: 20 }, () => ({ method: 'GET', url: '/users' }));
	for (let units = 0; units < 3480; units += 40) await batch(reads);
	expect(server.counts().throttled).toBe(0);
	const last = await batch(reads);
	expect(last.filter(({ status }) => status === 200)).toHaveLength(10);
	expect(last.find(({ status }) => status === 429)?.headers).toMatchObject({
		'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
	});
	clock.nowMs += 10_000;
	expect((await batch(reads)).every(({ status }) => status === 200)).toBe(true);
});

test('without quotas nothing is throttled', async () => {
	const { batch, server } = await startTenant({ quotas: 'none', nowMs: manualClock().now });
	const users = Array.from({ length: 20 }, () => ({ method: 'POST', url: '/users', body: newUser() }));
	for (let count = 0; count < 3020; count += 20) await batch(users.map((user) => ({ ...user, body: newUser() })));
	expect(server.counts()).toMatchObject({ writes: 3020, throttled: 0, mostWritesInWindow: 3020 });
});

test('a fast clock goes as many times as fast as the real one', async () => {
	const start = Date.now();
	const now = fastClock(1000);
	await expect.poll(() => now() - start).toBeGreaterThan(60_000);
	expect(now() - start).toBeLessThanOrEqual((Date.now() - start + 1) * 1000);
});
