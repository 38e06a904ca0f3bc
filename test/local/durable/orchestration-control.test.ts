import { HttpRequest } from '@azure/functions';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventTypes } from '../../../src/local/durable/storage/history-events.ts';
import { expectSoon } from '../support/soon.ts';
import { type DurableHost, type DurableSetup, startDurableHost, startSetup } from './support/durable-host.ts';

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
beforeEach(() => {
	setup.app.activityCalls.length = 0;
	setup.app.gates.clear();
});

const calls = (name: string) => setup.app.activityCalls.filter((call) => call.name === name).length;

/** Makes the gated activity wait until the returned function is called. */
function closeGate(gate: string): () => void {
	const opened = Promise.withResolvers<void>();
	setup.app.gates.set(gate, opened);
	return opened.resolve;
}

async function recordedTypes(instanceId: string): Promise<number[]> {
	return (await host.history(instanceId)).map(({ EventType }) => EventType);
}

describe('continue as new', () => {
	test('begins again with the new input and an empty history', async () => {
		const id = await host.start('counter', { n: 1, to: 5 });
		expect(await host.untilFinished(id)).toMatchObject({ output: { n: 5 }, customStatus: { n: 5 } });
		expect(calls('double')).toBe(5);
		const scheduled = (await recordedTypes(id)).filter((type) => type === eventTypes.taskScheduled);
		expect(scheduled).toHaveLength(1);
	});

	test('gives a text back with the extra quotes that Azure adds', async () => {
		expect((await host.run('textAgain')).output).toEqual({ input: '"text"' });
	});

	test('ignores results that activities of the old execution bring late', async () => {
		const openOld = closeGate('old');
		const openNew = closeGate('new');
		const id = await host.start('renewing');
		await expectSoon(() => calls('gated')).toBe(2);
		openOld();
		await host.run('sequence', { n: 1 });
		expect((await host.status(id)).runtimeStatus).toBe('Running');
		openNew();
		expect((await host.untilFinished(id)).output).toEqual({ gate: 'new' });
	});
});

describe('control', () => {
	test('terminate ends an orchestration that waits, with the reason as output', async () => {
		const id = await host.start('collector', { count: 1 });
		await host.client.terminate(id, 'enough');
		expect(await host.untilFinished(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
	});

	test('a result that comes after the end changes nothing', async () => {
		const open = closeGate('late');
		const id = await host.start('gatedSteps', { gate: 'late' });
		await expectSoon(() => calls('gated')).toBe(1);
		await host.client.terminate(id, 'enough');
		const ended = await host.untilFinished(id);
		open();
		await host.run('sequence', { n: 1 });
		expect(await host.status(id)).toEqual(ended);
		expect(calls('double')).toBe(3);
	});

	test('a suspended orchestration holds an event until it is resumed', async () => {
		const id = await host.start('collector', { count: 1 });
		await expectSoon(async () => (await host.status(id)).runtimeStatus).toBe('Running');
		await host.client.suspend(id, 'wait');
		await expectSoon(async () => (await host.status(id)).runtimeStatus).toBe('Suspended');
		await host.client.raiseEvent(id, 'item', 7);
		await host.run('sequence', { n: 1 });
		expect((await host.status(id)).runtimeStatus).toBe('Suspended');
		await host.client.resume(id, 'go');
		expect((await host.untilFinished(id)).output).toEqual({ seen: [7] });
	});

	test('a suspended orchestration lets its activity finish, and starts nothing', async () => {
		const open = closeGate('pause');
		const id = await host.start('gatedSteps', { gate: 'pause' });
		await expectSoon(() => calls('gated')).toBe(1);
		await host.client.suspend(id, 'wait');
		await expectSoon(async () => (await host.status(id)).runtimeStatus).toBe('Suspended');
		open();
		await host.run('retrySucceeds');
		expect(calls('double')).toBe(0);
		await host.client.resume(id, 'go');
		expect((await host.untilFinished(id)).output).toEqual({ first: { gate: 'pause' }, second: { n: 6 } });
		expect(calls('gated')).toBe(1);
	});

	test('a suspended orchestration can be terminated', async () => {
		const id = await host.start('collector', { count: 1 });
		await host.client.suspend(id, 'wait');
		await host.client.terminate(id, 'enough');
		expect((await host.untilFinished(id)).runtimeStatus).toBe('Terminated');
	});
});

test('activities run at most as many at a time as configured', async () => {
	const narrow = await startDurableHost(setup, { maxConcurrentActivities: 3 });
	const open = closeGate('narrow');
	const id = await narrow.start('gatedFanOut', { gate: 'narrow', count: 8 });
	await expectSoon(() => calls('gated')).toBe(3);
	await narrow.run('throwing');
	expect(calls('gated')).toBe(3);
	open();
	expect((await narrow.untilFinished(id)).output).toEqual({ count: 8 });
	await narrow.stop();
});

test("the SDK's waitForCompletion answers with the output, and with links when it lasts too long", async () => {
	const request = new HttpRequest({ url: 'http://127.0.0.1:1/start', method: 'POST' });
	const id = await host.start('sequence', { n: 1 });
	const done = await host.client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
		timeoutInMilliseconds: 120_000,
		retryIntervalInMilliseconds: 20,
	});
	expect(done.status).toBe(200);
	expect(await new Response(done.body as ReadableStream).json()).toEqual({ n: 8 });
	const waiting = await host.start('collector', { count: 1 });
	const pending = await host.client.waitForCompletionOrCreateCheckStatusResponse(request, waiting, {
		timeoutInMilliseconds: 10,
		retryIntervalInMilliseconds: 5,
	});
	expect(pending.status).toBe(202);
	expect(pending.headers.get('location')).toMatch(
		new RegExp(`^http://127.0.0.1:1/runtime/webhooks/durabletask/instances/${waiting}[?]`),
	);
	await host.client.terminate(waiting, 'test over');
});

test('a task that is yielded again inside Task.any is scheduled again, as on Azure', async () => {
	const open = closeGate('any-twice');
	await host.start('anyTwice', {}, 'any-twice');
	await host.untilFinished('any-twice');
	open();
	expect(
		await host.history('any-twice').then((events) => events.filter(({ EventType }) => EventType === 4)),
	).toHaveLength(6);
});
