import { afterEach, describe, expect, test } from 'vitest';
import {
	type GraphClientOptions,
	graphClient,
} from '../../../../../src/adapters/directory/graph/client/graph-client.ts';
import type { GraphClock } from '../../../../../src/adapters/directory/graph/client/graph-clock.ts';
import type { GraphRequest } from '../../../../../src/adapters/directory/graph/client/graph-request.ts';
import { memoryWriteBudget } from '../../../../../src/adapters/directory/graph/client/write-budget.ts';
import { type Asked, startGraphResponder, type Told } from '../../../../support/hosts/graph-responder.ts';

const tenantId = '00000000-0000-4000-8000-000000000001';
const call = { tenantId };

/** Sleeping moves it on at once, and says how long. */
function jumpingClock(): GraphClock & { slept: number[] } {
	let now = Date.parse('2026-03-02T10:00:00.000Z');
	const slept: number[] = [];
	return {
		slept,
		now: () => new Date(now),
		sleep: async (milliseconds) => {
			slept.push(milliseconds);
			now += milliseconds;
		},
		timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
		random: () => 0,
	};
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0)) await stop();
});

async function world(answer: (asked: Asked) => Told, options: Partial<GraphClientOptions> = {}) {
	const server = await startGraphResponder(answer);
	stops.push(server.stop);
	const clock = jumpingClock();
	const client = graphClient({
		baseUrl: server.url,
		budget: memoryWriteBudget(clock.now),
		batches: true,
		clock,
		getToken: async () => 'a token',
		...options,
	});
	const asked = (path: string) => server.log.filter((each) => each.path === path).length;
	return { server, clock, client, asked };
}

const get = (path: string): GraphRequest => ({ method: 'GET', path });
const patch = (path: string): GraphRequest => ({ method: 'PATCH', path, body: { displayName: 'x' } });
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status);

describe('requests', () => {
	test('travel twenty to a batch and come back in their order, with low priority and a content type', async () => {
		const { client, server } = await world(({ path, inBatch }) => ({
			status: 200,
			body: inBatch ? { path } : undefined,
		}));
		const paths = Array.from({ length: 45 }, (_, at) => `/education/users/${at}`);
		const answers = await client.send(call, paths.map(patch));
		expect(answers.map(({ body }) => (body as { path: string }).path)).toEqual(paths);
		expect(server.batches.sort()).toEqual([20, 20, 5].sort());
		expect(server.log.find(({ inBatch }) => inBatch)?.headers).toMatchObject({
			'Content-Type': 'application/json',
			'x-ms-throttle-priority': 'low',
		});
		expect(client.counters).toMatchObject({ requests: 3, writes: 45, throttled: 0 });
	});

	test('go one by one where batches are not wanted', async () => {
		const { client, server } = await world(() => ({ status: 204 }), { batches: false });
		expect(statuses(await client.send(call, ['/a', '/b', '/c'].map(patch)))).toEqual([204, 204, 204]);
		expect(server.batches).toEqual([]);
		expect(client.counters).toMatchObject({ requests: 3, writes: 3 });
	});

	test('have another token once the first is refused, and fail without naming anybody if that one is too', async () => {
		const { client } = await world(
			({ headers, inBatch }) => ({ status: inBatch || headers.authorization === 'Bearer second' ? 200 : 401 }),
			{ getToken: async (_, isRefused) => (isRefused ? 'second' : 'first') },
		);
		expect(statuses(await client.send(call, [get('/education/schools')]))).toEqual([200]);
		const closed = await world(() => ({ status: 401 }));
		const refused = closed.client.send(call, [get("/education/users?$filter=userPrincipalName eq 'zoe@example.org'")]);
		const error = await refused.catch((thrown: Error) => thrown);
		expect(String(error)).toContain('"GET /education/users" was refused');
		expect(String(error)).not.toContain('zoe');
	});

	test('follow next pages, but never to another server', async () => {
		const { client, server } = await world(({ path }) =>
			path.includes('page')
				? { status: 200, body: { value: [3] } }
				: {
						status: path.startsWith('/missing') ? 404 : 200,
						body: { value: [1, 2], '@odata.nextLink': `${root}/a?page=2` },
					},
		);
		const root = `${server.url}/v1.0`;
		expect(await client.lists(call, [get('/a'), get('/missing')])).toEqual([[1, 2, 3], undefined]);
		const elsewhere = await world(() => ({
			status: 200,
			body: { value: [], '@odata.nextLink': 'https://elsewhere.example.org/v1.0/a' },
		}));
		await expect(elsewhere.client.lists(call, [get('/a')])).rejects.toThrow('another server');
	});
});

describe('what Graph refuses for now', () => {
	test('is sent again alone, after as long as the longest wait that was asked for, fractions included', async () => {
		const { client, clock, asked } = await world(({ path, times, inBatch }) => {
			if (!inBatch) return { status: 200 };
			if (path === '/busy' && times < 2) return { status: 429, headers: { 'Retry-After': '2.128' } };
			if (path === '/down' && times < 1) return { status: 503, headers: { 'RETRY-AFTER': '7' } };
			return { status: 200 };
		});
		expect(statuses(await client.send(call, ['/fine', '/busy', '/down'].map(get)))).toEqual([200, 200, 200]);
		expect([asked('/fine'), asked('/busy'), asked('/down')]).toEqual([1, 3, 2]);
		expect(clock.slept).toEqual([7000, 2128]);
		expect(client.counters.throttled).toBe(2);
	});

	test('as a whole batch is sent again as a whole, also where no answer came', async () => {
		const troubles: Told[] = [
			{ status: 429, headers: { 'retry-after': '1' } },
			{ status: 200, isCut: true },
		];
		const { client, asked } = await world(({ path }) => (path === '/$batch' && troubles.shift()) || { status: 200 });
		expect(statuses(await client.send(call, ['/a', '/b'].map(patch)))).toEqual([200, 200]);
		expect([asked('/$batch'), asked('/a')]).toEqual([3, 1]);
	});

	test('is waited for where a new object is not on every replica yet, and not where it is not new', async () => {
		const { client, clock } = await world(({ times, inBatch }) => ({ status: inBatch && times < 3 ? 404 : 200 }));
		const answers = await client.send(call, [{ ...get('/new'), isNew: true }, get('/old')]);
		expect(statuses(answers)).toEqual([200, 404]);
		expect(clock.slept).toEqual([2000, 4000, 8000]);
	});

	test('for good while others get through is the answer of that request, and else an outage', async () => {
		const { client } = await world(({ path, inBatch }) => ({ status: inBatch && path === '/bad' ? 500 : 200 }));
		expect(statuses(await client.send(call, ['/bad', '/good'].map(get)))).toEqual([500, 200]);
		const { client: alone } = await world(({ inBatch }) => ({ status: inBatch ? 500 : 200 }));
		await expect(alone.send(call, [get('/education/schools')])).rejects.toThrow(
			'Cannot reach the directory: "GET /education/schools" failed 8 times, at last with status 500.',
		);
	});

	test('of a creation is never sent again unless Graph says that it did nothing', async () => {
		const { client, asked } = await world(({ path, times, inBatch }) => {
			if (!inBatch) return { status: 200 };
			if (path === '/cut') return { status: 504 };
			return { status: times === 0 ? 429 : 201 };
		});
		const create = (path: string): GraphRequest => ({ method: 'POST', path, body: {}, creates: true });
		expect(statuses(await client.send(call, [create('/cut'), create('/busy')]))).toEqual([0, 201]);
		expect([asked('/cut'), asked('/busy')]).toEqual([1, 2]);
		const { client: single, asked: askedAlone } = await world(() => ({ status: 201, isCut: true }), { batches: false });
		expect(statuses(await single.send(call, [create('/cut')]))).toEqual([0]);
		expect(askedAlone('/cut')).toBe(1);
	});
});

describe('a deadline', () => {
	test('that has come lets nothing out', async () => {
		const { client, server, clock } = await world(() => ({ status: 200 }));
		const deadline = new Date(clock.now().getTime() - 1);
		await expect(client.send({ ...call, deadline }, [patch('/a')])).rejects.toThrow('the deadline has come');
		expect(server.log).toEqual([]);
	});

	test('ends what is under way, all of it, before the call fails', async () => {
		const { server } = await world(() => ({ status: 200, hangs: true }));
		const budget = memoryWriteBudget(() => new Date());
		const client = graphClient({ baseUrl: server.url, budget, batches: false, getToken: async () => 'a token' });
		const deadline = new Date(Date.now() + 300);
		await expect(client.send({ ...call, deadline }, ['/a', '/b', '/c'].map(patch))).rejects.toThrow(
			'the deadline has come',
		);
		expect(Date.now()).toBeGreaterThanOrEqual(deadline.getTime());
		const asked = server.log.length;
		await new Promise((done) => setTimeout(done, 50));
		expect(server.log.length).toBe(asked);
	});

	test('is not waited past: whoever would have to wait longer for a write hears so at once', async () => {
		const { client, clock } = await world(() => ({ status: 204 }));
		const deadline = new Date(clock.now().getTime() + 2_000);
		const many = Array.from({ length: 400 }, (_, at) => patch(`/education/users/${at}`));
		await expect(client.send({ ...call, deadline }, many)).rejects.toThrow('the deadline has come');
		expect(clock.now().getTime()).toBeLessThanOrEqual(deadline.getTime());
	});

	test('can be one that moves on as long as whoever gives it wants', async () => {
		const { client, clock } = await world(() => ({ status: 204 }));
		const deadline = async () => new Date(clock.now().getTime() + 40_000);
		const many = Array.from({ length: 2_000 }, (_, at) => patch(`/education/users/${at}`));
		expect(await client.send({ ...call, deadline }, many)).toHaveLength(2_000);
		const ended = async () => {
			throw new Error('The run is over.');
		};
		await expect(client.send({ ...call, deadline: ended }, many)).rejects.toThrow('The run is over.');
	});

	test('need not come for somebody to give up', async () => {
		const { server } = await world(() => ({ status: 200, hangs: true }));
		const budget = memoryWriteBudget(() => new Date());
		const client = graphClient({ baseUrl: server.url, budget, batches: true, getToken: async () => 'a token' });
		const giveUp = new AbortController();
		const sent = client.send({ ...call, signal: giveUp.signal }, [patch('/a')]);
		giveUp.abort(new Error('given up'));
		await expect(sent).rejects.toThrow('given up');
	});
});

describe('writes', () => {
	test('slow down for everybody once Graph refuses one, or says that the limit is passed', async () => {
		const slowed: { pauseMs: number; factor: number }[] = [];
		const spying = (clock: GraphClock) => {
			const budget = memoryWriteBudget(clock.now);
			return {
				...budget,
				async slowDown(tenant: string, slowing: { pauseMs: number; factor: number }) {
					slowed.push(slowing);
					await budget.slowDown(tenant, slowing);
				},
			};
		};
		const clock = jumpingClock();
		const { client } = await world(
			({ path, times, inBatch }) => {
				if (!inBatch) return { status: 200 };
				if (path === '/busy' && times === 0) return { status: 429, headers: { 'Retry-After': '9' } };
				return { status: 204, headers: path === '/near' ? { 'x-ms-throttle-limit-percentage': '1.2' } : {} };
			},
			{ clock, budget: spying(clock) },
		);
		const begin = clock.now().getTime();
		await client.send(call, [patch('/busy')]);
		expect(slowed).toEqual([{ pauseMs: 9000, factor: 0.7 }]);
		expect(clock.now().getTime() - begin).toBeGreaterThanOrEqual(9000);
		await client.send(call, [patch('/near')]);
		expect(slowed[1]).toEqual({ pauseMs: 0, factor: 0.9 });
	});
});
