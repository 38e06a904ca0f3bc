import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DurableHost, type DurableSetup, startDurableHost, startSetup } from './durable/support/durable-host.ts';
import { createManualClock } from './support/manual-clock.ts';
import { expectSoon } from './support/soon.ts';

/** What Azure's own host was seen to do with Durable Functions; see `real-host.test.ts`. */

let setup: DurableSetup;
let host: DurableHost;

beforeAll(async () => {
	setup = await startSetup();
	host = await startDurableHost(setup);
});
afterAll(async () => {
	await host?.stop();
	await setup?.stop();
});

let count = 0;
const newId = () => `real-${count++}`;
const post = (path: string, body?: string) => host.call('POST', path, body === undefined ? {} : { body });
const statusSoon = (id: string) => expectSoon(async () => (await host.status(id)).runtimeStatus);

async function waiting(): Promise<string> {
	const id = await host.start('collector', { count: 1 }, newId());
	await statusSoon(id).toBe('Running');
	return id;
}

async function suspended(): Promise<string> {
	const id = await waiting();
	await host.client.suspend(id, 'lunch');
	await statusSoon(id).toBe('Suspended');
	return id;
}

describe('suspend and resume', () => {
	test('of an instance that is in that state already are 500, and the client throws', async () => {
		const id = await suspended();
		await expect(host.client.suspend(id, 'again')).rejects.toThrow('status code: 500');
		await host.client.resume(id, 'go on');
		await statusSoon(id).toBe('Running');
		await expect(host.client.resume(id, 'again')).rejects.toThrow('status code: 500');
		await host.client.raiseEvent(id, 'item', 1);
		expect((await host.untilFinished(id)).output).toEqual({ seen: [1] });
	});

	test('back to back, before the state shows, are accepted', async () => {
		const id = await waiting();
		const statuses = await Promise.all(
			[1, 2, 3].map(async () => (await post(`instances/${id}/suspend?reason=x`)).status),
		);
		expect(statuses).toContain(202);
		expect(statuses.every((status) => status === 202 || status === 500)).toBe(true);
		await statusSoon(id).toBe('Suspended');
	});

	test('leave their reason as output until there is a real one', async () => {
		const id = await suspended();
		expect((await host.status(id)).output).toBe('lunch');
		await host.client.resume(id, 'back');
		await statusSoon(id).toBe('Running');
		expect((await host.status(id)).output).toBe('back');
		await host.client.raiseEvent(id, 'item', 1);
		expect((await host.untilFinished(id)).output).toEqual({ seen: [1] });
	});
});

describe('a start', () => {
	test('right after a termination is 409 until the end has been recorded', async () => {
		const clock = createManualClock('2026-03-01T10:00:00Z');
		const slow = await startDurableHost(setup, { clock });
		const id = await slow.start('collector', { count: 1 });
		await slow.client.terminate(id, 'over');
		const again = async () => (await slow.call('POST', `orchestrators/sequence/${id}`, { body: '{"n":1}' })).status;
		expect(await again()).toBe(409);
		await clock.advanceTo('2026-03-01T10:00:01Z');
		expect((await slow.untilFinished(id)).runtimeStatus).toBe('Terminated');
		expect(await again()).toBe(202);
		await slow.stop();
	});

	test('of one id several times at once is accepted each time, and one instance runs', async () => {
		const id = newId();
		const start = (n: number) => {
			const body = JSON.stringify({ n, to: n });
			const url = `${host.origin}/durabletask/orchestrators/counter/${id}`;
			return host.engine.handleApi(new Request(url, { method: 'POST', body }));
		};
		const starts = await Promise.all([1, 2, 3].map(start));
		expect(starts.map(({ status }) => status)).toEqual([202, 202, 202]);
		const { output, input } = await host.untilFinished(id);
		expect(output).toEqual({ n: (input as { n: number }).n });
	});

	test('of an orchestrator that does not exist is accepted, and fails then', async () => {
		const id = newId();
		expect((await post(`orchestrators/nowhere/${id}`, '{}')).status).toBe(202);
		const { runtimeStatus, output } = await host.untilFinished(id);
		expect([runtimeStatus, output]).toEqual(['Failed', expect.stringContaining("'nowhere' doesn't exist")]);
	});
});

describe('a purge', () => {
	test('of an unfinished instance is 412, and the client throws', async () => {
		const id = await waiting();
		await expect(host.client.purgeInstanceHistory(id)).rejects.toThrow('status code: 412');
		expect((await host.status(id)).runtimeStatus).toBe('Running');
	});

	test('by time that names no statuses takes running instances too, which then are nowhere', async () => {
		const own = await startDurableHost(setup);
		const running = await own.start('collector', { count: 1 });
		await expectSoon(async () => (await own.status(running)).runtimeStatus).toBe('Running');
		const finished = await own.start('sequence', { n: 1 });
		await own.untilFinished(finished);
		const createdTimeFrom = new Date(0);
		const runtimeStatus = ['Completed', 'Failed', 'Terminated'] as never[];
		expect(await own.client.purgeInstanceHistoryBy({ createdTimeFrom, runtimeStatus })).toEqual({
			instancesDeleted: 1,
		});
		expect(await own.client.purgeInstanceHistoryBy({ createdTimeFrom })).toEqual({ instancesDeleted: 1 });
		for (const id of [running, finished]) expect((await own.call('GET', `instances/${id}`)).status).toBe(404);
		expect((await own.call('POST', `instances/${running}/raiseEvent/item`, { body: '1' })).status).toBe(404);
		// The id is free again, and nothing of the old instance is left.
		await own.start('collector', { count: 1 }, running);
		await own.client.raiseEvent(running, 'item', 2);
		expect((await own.untilFinished(running)).output).toEqual({ seen: [2] });
		expect(own.logged.filter((line) => line.startsWith('error'))).toEqual([]);
		await own.stop();
	});
});

test('the time of creation is that of the latest generation', async () => {
	const id = await host.start('renewedLater', {}, newId());
	await expectSoon(async () => (await host.status(id)).input).toEqual({ isSecond: true });
	const { createdTime, customStatus } = await host.status(id);
	const { begunAt } = customStatus as { begunAt: string };
	// Times are whole seconds.
	expect(Date.parse(String(createdTime))).toBeGreaterThan(
		Date.parse(begunAt) - 1 + (1000 - (Date.parse(begunAt) % 1000)),
	);
	await host.client.terminate(id, 'test over');
});

test('a custom status of 8,700 characters is shown, and a longer one fails the instance', async () => {
	const fits = await host.run('statusOfLength', { length: 8_700 }, newId());
	expect(JSON.stringify(fits.customStatus)).toHaveLength(8_700);
	expect(await host.run('statusOfLength', { length: 8_701 }, newId())).toMatchObject({ runtimeStatus: 'Failed' });
});

describe('on purpose otherwise than Azure', () => {
	test.each(['a?b', 'a?b=c', 'a\\b', 'a b'])(
		'an id like %j, which arrives there as another one, fails at once',
		async (id) => {
			await expect(host.client.startNew('sequence', { instanceId: id, input: { n: 1 } })).rejects.toThrow(
				'status code: 4',
			);
		},
	);

	test('an activity that does not exist fails the instance, which there stays Running for ever', async () => {
		expect((await host.run('missingActivity', {}, newId())).runtimeStatus).toBe('Failed');
	});

	test('a sub-orchestration with the id of a running instance fails its parent, which there replaces it silently', async () => {
		const id = newId();
		await host.start('collector', { count: 1 }, `${id}-child`);
		await statusSoon(`${id}-child`).toBe('Running');
		expect(await host.run('waitingParent', {}, id)).toMatchObject({ runtimeStatus: 'Failed' });
		expect((await host.status(`${id}-child`)).runtimeStatus).toBe('Running');
	});

	test('a terminated child fails its parent as failed, and not as non-deterministic', async () => {
		const id = await host.start('waitingParent', {}, newId());
		await statusSoon(`${id}-child`).toBe('Running');
		await host.client.terminate(`${id}-child`, 'over');
		const { runtimeStatus, output } = await host.untilFinished(id);
		expect(runtimeStatus).toBe('Failed');
		expect(output).not.toContain('Non-Deterministic');
	});
});
