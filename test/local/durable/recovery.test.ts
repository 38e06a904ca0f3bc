import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/local/durable/engine/engine.ts';
import { eventTypes } from '../../../src/local/durable/storage/history-events.ts';
import { isFinished } from '../../../src/local/durable/storage/instance-record.ts';
import type { InstanceStore } from '../../../src/local/durable/storage/instance-store.ts';
import { systemClock } from '../../../src/local/host-clock.ts';
import { expectSoon } from '../support/soon.ts';
import { type DurableSetup, startSetup } from './support/durable-host.ts';
import { createFaultyStore, createMortalStore, type Moment } from './support/faulty-store.ts';
import { createHub, type Hub } from './support/hub.ts';

let setup: DurableSetup;
let hub: Hub;

beforeAll(async () => {
	setup = await startSetup();
});
afterAll(async () => {
	await setup?.stop();
});
beforeEach(async () => {
	hub = await createHub(setup);
	setup.app.activityCalls.length = 0;
	setup.app.gates.clear();
});

const calls = (name: string) => setup.app.activityCalls.filter((call) => call.name === name).length;
const startEverything = (engine: Engine, instanceId: string, n = 3) =>
	engine.startInstance({ name: 'everything', instanceId, input: JSON.stringify({ n }) });
/** Five doubled numbers from n on, the child's, and what the counter counts to. */
const everythingOf = (n: number) => JSON.stringify({ sum: 2 * (5 * n + 10) + 2 * n, hasRetried: true, counted: 3 });

async function expectEverythingDone(instanceId: string): Promise<void> {
	expect(await hub.untilFinished(instanceId)).toMatchObject({ status: 'Completed', output: everythingOf(3) });
	const records = await hub.records();
	expect(records.filter((record) => record.status !== 'Completed')).toEqual([]);
	expect(records.map(({ name }) => name).sort()).toEqual(['child', 'counter', 'everything']);
}

/** A clock on which the moment that a stop gives to activities is over at once. */
const hastyClock = { ...systemClock, after: (_delayMs: number, run: () => void) => systemClock.after(0, run) };

describe('a process that is killed at any of its writes', () => {
	let writes: number;
	beforeAll(async () => {
		const undisturbed = await createHub(setup);
		const store = createMortalStore(undisturbed.store, Number.POSITIVE_INFINITY, 'before');
		const engine = undisturbed.engine({ store });
		await startEverything(engine, 'one');
		await undisturbed.untilFinished('one');
		await engine.stop();
		writes = store.count();
	});

	test.each<[Moment]>([['before'], ['after']])(
		'%s it is written, leaves a state from which the next one goes on',
		async (moment) => {
			expect(writes).toBeGreaterThan(15);
			for (let killAt = 0; killAt < writes; killAt += 1) {
				hub = await createHub(setup);
				const store = createMortalStore(hub.store, killAt, moment);
				void startEverything(hub.engine({ store }), 'one');
				await Promise.race([store.died, hub.untilFinished('one')]);
				const next = hub.engine();
				await next.start();
				// Killed before its start was written, it was never acknowledged; then the client repeats it.
				if (!(await hub.store.read('one'))) await startEverything(next, 'one');
				await expectEverythingDone('one');
				await next.stop();
			}
		},
	);
});

describe('storage that fails', () => {
	test.each<[string, (write: number) => Moment | undefined]>([
		['refuses every third write', (write) => (write % 3 === 1 ? 'before' : undefined)],
		['loses every third answer', (write) => (write % 3 === 1 ? 'after' : undefined)],
		['refuses four writes in five', (write) => (write % 5 === 0 ? undefined : 'before')],
	])('and %s delays, but changes no result and repeats no activity', async (_how, faultOf) => {
		const engine = hub.engine({ store: createFaultyStore(hub.store, faultOf) });
		while (!(await hub.store.read('one'))) await startEverything(engine, 'one').catch(() => {});
		await expectEverythingDone('one');
		await engine.stop();
		expect(calls('double')).toBe(5 + 1 + 3);
		expect(engine.logged.join()).toContain('will try again: invented failure');
	});

	test('and loses the answer to a start lets the client repeat it', async () => {
		const engine = hub.engine({ store: createFaultyStore(hub.store, (write) => (write === 0 ? 'after' : undefined)) });
		await expect(startEverything(engine, 'one')).rejects.toThrow('invented failure');
		await startEverything(engine, 'one');
		await expectEverythingDone('one');
		await engine.stop();
	});

	test('does not start an activity again that is running meanwhile', async () => {
		const gate = Promise.withResolvers<void>();
		setup.app.gates.set('running', gate);
		let isDown = false;
		const commit: InstanceStore['commit'] = async (...request) => {
			if (!isDown) return await hub.store.commit(...request);
			isDown = false;
			throw new Error('invented failure');
		};
		const engine = hub.engine({ store: { ...hub.store, commit } });
		await engine.startInstance({ name: 'gatedSteps', instanceId: 'one', input: '{"gate":"running"}' });
		await expectSoon(() => calls('gated')).toBe(1);
		isDown = true;
		await engine.send('one', { EventType: eventTypes.executionSuspended, Reason: 'wait' });
		await expectSoon(async () => (await hub.store.read('one'))?.isSuspended).toBe(true);
		await engine.send('one', { EventType: eventTypes.executionResumed, Reason: 'go' });
		gate.resolve();
		expect((await hub.untilFinished('one')).status).toBe('Completed');
		expect(engine.logged.join()).toContain('invented failure');
		expect(calls('gated')).toBe(1);
		await engine.stop();
	});

	test('leaves the instance in memory as it was, until a write succeeds', async () => {
		let isDown = false;
		const store = createFaultyStore(hub.store, () => (isDown ? 'before' : undefined));
		const engine = hub.engine({ store });
		await engine.startInstance({ name: 'collector', instanceId: 'one', input: '{"count":2}' });
		await expectSoon(async () => (await hub.store.read('one'))?.status).toBe('Running');
		await engine.send('one', { EventType: eventTypes.eventRaised, Name: 'item', Input: '1' });
		await expectSoon(async () => (await hub.store.load('one'))?.messages).toEqual([]);
		isDown = true;
		const second = { EventType: eventTypes.eventRaised, Name: 'item', Input: '2' } as const;
		await expect(engine.send('one', second)).rejects.toThrow('invented failure');
		expect((await hub.store.read('one'))?.status).toBe('Running');
		isDown = false;
		await engine.send('one', second);
		expect((await hub.untilFinished('one')).output).toBe('{"seen":[1,2]}');
		await engine.stop();
	});
});

describe('a new process', () => {
	test('logs each instance that it takes up', async () => {
		setup.app.gates.set('log', Promise.withResolvers());
		const first = hub.engine({ clock: hastyClock });
		await first.startInstance({ name: 'gatedSteps', instanceId: 'one', input: '{"gate":"log"}' });
		await expectSoon(() => calls('gated')).toBe(1);
		await first.stop();
		setup.app.gates.clear();
		const second = hub.engine();
		await second.start();
		expect(second.logged).toContain('Recovered instance "one": 4 events, 1 open tasks, 0 waiting messages');
		await hub.untilFinished('one');
		await second.stop();
	});

	test('arms timers with their old time', async () => {
		const first = hub.engine();
		await first.startInstance({ name: 'sleeper', instanceId: 'one', input: '{"ms":3600000}' });
		await expectSoon(async () => (await hub.store.read('one'))?.status).toBe('Running');
		await first.stop();
		const anHourLater = { ...systemClock, now: () => new Date(Date.now() + 3_600_000) };
		const second = hub.engine({ clock: anHourLater });
		await second.start();
		expect((await hub.untilFinished('one')).output).toBe('{"isLate":true}');
		await second.stop();
	});

	test('delivers messages that waited, in their order', async () => {
		const first = hub.engine();
		await first.startInstance({ name: 'collector', instanceId: 'one', input: '{"count":3}' });
		await first.send('one', { EventType: eventTypes.executionSuspended, Reason: 'wait' });
		await expectSoon(async () => (await hub.store.read('one'))?.isSuspended).toBe(true);
		const item = (Input: string) => ({ EventType: eventTypes.eventRaised, Name: 'item', Input }) as const;
		for (const Input of ['1', '2']) await first.send('one', item(Input));
		await first.stop();
		const second = hub.engine();
		await second.start();
		expect(second.logged[0]).toContain('2 waiting messages');
		await second.send('one', item('3'));
		await second.send('one', { EventType: eventTypes.executionResumed, Reason: 'go' });
		expect((await hub.untilFinished('one')).output).toBe('{"seen":[1,2,3]}');
		await second.stop();
	});

	test('does not repeat an activity that has finished while its instance was suspended', async () => {
		const gate = Promise.withResolvers<void>();
		setup.app.gates.set('kept', gate);
		const first = hub.engine();
		await first.startInstance({ name: 'gatedSteps', instanceId: 'one', input: '{"gate":"kept"}' });
		await expectSoon(() => calls('gated')).toBe(1);
		await first.send('one', { EventType: eventTypes.executionSuspended, Reason: 'wait' });
		await expectSoon(async () => (await hub.store.read('one'))?.isSuspended).toBe(true);
		gate.resolve();
		await expectSoon(async () => (await hub.store.load('one'))?.messages.length).toBe(1);
		await first.stop();
		const second = hub.engine();
		await second.start();
		await second.send('one', { EventType: eventTypes.executionResumed, Reason: 'go' });
		expect((await hub.untilFinished('one')).status).toBe('Completed');
		expect(calls('gated')).toBe(1);
		await second.stop();
	});

	test('ends an instance whose large value is lost, and takes up the others', async () => {
		const first = hub.engine();
		const input = JSON.stringify({ count: 1, text: 'x'.repeat(400_000) });
		await first.startInstance({ name: 'collector', instanceId: 'damaged', input });
		await first.startInstance({ name: 'collector', instanceId: 'sound', input: '{"count":1}' });
		await expectSoon(async () => (await hub.records()).map(({ status }) => status)).toEqual(['Running', 'Running']);
		await first.stop();
		const blobs = BlobServiceClient.fromConnectionString(setup.azurite.connectionString);
		for await (const { name } of blobs.listContainers()) {
			const container = blobs.getContainerClient(name);
			for await (const blob of container.listBlobsFlat({ prefix: 'damaged/' })) await container.deleteBlob(blob.name);
		}
		const second = hub.engine();
		await second.start();
		expect(await hub.store.read('damaged')).toMatchObject({ status: 'Failed', input: null });
		await second.send('sound', { EventType: eventTypes.eventRaised, Name: 'item', Input: '1' });
		expect((await hub.untilFinished('sound')).status).toBe('Completed');
		await second.stop();
	});
});

describe('a stop', () => {
	test('saves the result of an activity that ends soon', async () => {
		const gate = Promise.withResolvers<void>();
		setup.app.gates.set('soon', gate);
		const engine = hub.engine();
		await engine.startInstance({ name: 'gatedSteps', instanceId: 'one', input: '{"gate":"soon"}' });
		await expectSoon(() => calls('gated')).toBe(1);
		const stopped = engine.stop();
		gate.resolve();
		await stopped;
		const { history = [] } = (await hub.store.load('one')) ?? {};
		expect(history.filter(({ EventType }) => EventType === eventTypes.taskCompleted)).toHaveLength(1);
		expect(calls('double')).toBe(0);
	});

	test('does not wait for a long activity, which the next process repeats', async () => {
		const gate = Promise.withResolvers<void>();
		setup.app.gates.set('long', gate);
		const engine = hub.engine({ clock: hastyClock });
		await engine.startInstance({ name: 'gatedSteps', instanceId: 'one', input: '{"gate":"long"}' });
		await expectSoon(() => calls('gated')).toBe(1);
		await engine.stop();
		gate.resolve();
		const next = hub.engine();
		await next.start();
		expect((await hub.untilFinished('one')).status).toBe('Completed');
		expect(calls('gated')).toBe(2);
		await next.stop();
		expect((await hub.records()).every(isFinished)).toBe(true);
	});
});
