import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventTypes } from '../../../src/local/durable/storage/history-events.ts';
import { createManualClock } from '../support/manual-clock.ts';
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

async function recordedTypes(instanceId: string): Promise<number[]> {
	return (await host.history(instanceId)).map(({ EventType }) => EventType);
}

describe('an orchestration', () => {
	test('calls activities one after the other', async () => {
		expect(await host.run('sequence', { n: 1 })).toMatchObject({ runtimeStatus: 'Completed', output: { n: 8 } });
	});

	test.each([[1], [20], [150]])('fans out to %i activities, each called once', async (count) => {
		const { output } = await host.run('fanOut', { count });
		expect(output).toEqual({ sum: count * (count - 1) });
		expect(calls('double')).toBe(count);
	});

	test('passes values to and from activities as Azure does', async () => {
		const { output } = await host.run('values');
		expect(output).toEqual({
			results: [
				{ type: 'string', value: 'text' },
				{ type: 'string', value: '{"a":1}' },
				{ type: 'number', value: 5 },
				{ type: 'number', value: 1.5 },
				{ type: 'string', value: 'True' },
				{ type: 'object', value: { a: 'ü' } },
				{ type: 'object', value: [1, 'b'] },
				{ type: 'undefined', value: null },
				'YWJj',
				null,
			],
		});
	});

	test('gives activities the instance id as metadata', async () => {
		await host.run('sequence', { n: 1 }, 'metadata-1');
		expect(setup.app.activityCalls[0]).toMatchObject({ instanceId: 'metadata-1' });
	});

	test('keeps values of a million characters', async () => {
		const text = 'y'.repeat(1_000_000);
		const { output, input } = await host.run('largeValues', { text });
		expect(input).toEqual({ text });
		expect(output).toEqual({ input: text, output: 'ü"'.repeat(150_000) });
	});

	test('is named and numbered as its caller wishes, without regard to case', async () => {
		const id = await host.start('SEQUENCE', { n: 1 }, "Jörg's-100%");
		expect(await host.untilFinished(id)).toMatchObject({ name: 'sequence', instanceId: "Jörg's-100%" });
	});

	test('gets a GUID without hyphens for an id', async () => {
		expect(await host.start('sequence', { n: 1 })).toMatch(/^[0-9a-f]{32}$/);
	});

	test('that throws has failed with its message', async () => {
		const { runtimeStatus, output } = await host.run('throwing');
		expect(runtimeStatus).toBe('Failed');
		expect(output).toBe("Orchestrator function 'throwing' failed: invented orchestrator failure");
	});

	test('whose activity throws fails with that message, if it does not catch it', async () => {
		const { runtimeStatus, output } = await host.run('failing');
		expect(runtimeStatus).toBe('Failed');
		expect(output).toContain("Activity function 'fails' failed: invented failure");
	});

	test('fails when its activity does not exist', async () => {
		const { output } = await host.run('missingActivity');
		expect(output).toContain("The function 'nowhere' doesn't exist");
	});

	test.each([
		['httpCaller', 'callHttp'],
		['entityCaller', 'durable entities'],
		['entitySignaller', 'durable entities'],
		['timeLimitedRetry', 'retryTimeoutInMilliseconds'],
		['locker', 'lock requires'],
	])('"%s" fails with the name of the feature: %s', async (name, feature) => {
		const { runtimeStatus, output } = await host.run(name);
		expect(runtimeStatus).toBe('Failed');
		expect(output).toContain(feature);
	});

	test('shows its custom status while it runs, and fails when that is longer than Azure allows', async () => {
		const id = await host.start('collector', { count: 1 });
		await expectSoon(async () => (await host.status(id)).customStatus).toEqual({ waiting: true });
		await host.client.raiseEvent(id, 'item', 1);
		expect(await host.untilFinished(id)).toMatchObject({ customStatus: { waiting: true } });
		expect((await host.run('statusTooLong')).output).toContain('must not exceed 16 KB');
	});
});

describe('retries', () => {
	test('go on until the activity succeeds', async () => {
		expect((await host.run('retrySucceeds')).output).toEqual({ attempt: 3 });
		expect(calls('flaky')).toBe(3);
	});

	test('end after the last attempt, with a timer behind the last failure too', async () => {
		const id = await host.start('retryExhausted');
		expect((await host.untilFinished(id)).output).toMatchObject({ caught: true });
		expect(calls('fails')).toBe(3);
		expect((await recordedTypes(id)).filter((type) => type === eventTypes.timerFired)).toHaveLength(3);
	});

	test('work inside Task.all, where success and exhaustion mix', async () => {
		const { output } = await host.run('retryInAll');
		expect(output).toEqual({
			first: [{ attempt: 2 }, { n: 8 }, { attempt: 3 }],
			isCaught: true,
			last: { n: 100 },
		});
	});
});

describe('a sub-orchestration', () => {
	test('has an id of its own or one after its parent, and its failure reaches the parent', async () => {
		const id = await host.start('parent');
		const { output } = await host.untilFinished(id);
		const [started] = (await host.history(id)).filter(({ EventType }) => EventType === eventTypes.executionStarted);
		const { ExecutionId } = (started as { OrchestrationInstance: { ExecutionId: string } }).OrchestrationInstance;
		expect(output).toMatchObject({
			unnamed: { n: 2, parent: id, id: `${ExecutionId}:00000000` },
			named: { n: 4, parent: id, id: `${id}-own` },
			failure: expect.stringContaining('invented child failure'),
			together: [{ n: 8 }, { n: 10 }],
		});
	});

	test('is an instance like any other', async () => {
		const id = await host.start('parent');
		await host.untilFinished(id);
		expect(await host.status(`${id}-own`)).toMatchObject({ runtimeStatus: 'Completed', name: 'child' });
	});

	test('is retried under a new id', async () => {
		expect((await host.run('childWithRetry')).output).toMatchObject({
			failure: expect.stringContaining('invented child failure'),
		});
	});

	test('whose id is taken fails instead of waiting for ever', async () => {
		await host.start('collector', { count: 1 }, 'taken-own');
		const { output } = await host.run('parent', {}, 'taken');
		expect(output).toContain('an instance with this id is Running');
		await host.client.terminate('taken-own', 'test over');
	});

	test('that is terminated fails its parent', async () => {
		const id = await host.start('waitingParent');
		const child = `${id}-child`;
		await expectSoon(async () => (await host.status(child)).runtimeStatus).toBe('Running');
		await host.client.terminate(child, 'enough');
		expect((await host.untilFinished(id)).output).toContain('enough');
	});
});

describe('timers and events', () => {
	test('a timer never shows the orchestrator a time before its own', async () => {
		for (const ms of [1, 20, 55]) expect((await host.run('sleeper', { ms })).output).toEqual({ isLate: true });
	});

	test('a timer wins the race when no event comes', async () => {
		expect((await host.run('race', { ms: 30 })).output).toEqual({ winner: 'timer' });
	});

	test('an event wins the race; the cancelled timer holds nothing up', async () => {
		const id = await host.start('race', { ms: 3_600_000 });
		await host.client.raiseEvent(id, 'approval', { by: 'Ada' });
		const { output } = await host.untilFinished(id);
		expect(output).toEqual({ winner: 'event', data: { by: 'Ada' }, after: { n: 42 } });
	});

	test('events that come early are kept in order', async () => {
		const id = await host.start('collector', { count: 3 });
		for (const item of ['a', 'b', 'c']) await host.client.raiseEvent(id, 'item', item);
		expect((await host.untilFinished(id)).output).toEqual({ seen: ['a', 'b', 'c'] });
	});

	test('a hundred events at once are all delivered', async () => {
		const id = await host.start('collector', { count: 100 });
		const items = Array.from({ length: 100 }, (_, item) => item);
		await Promise.all(items.map((item) => host.client.raiseEvent(id, 'item', item)));
		const { seen } = (await host.untilFinished(id)).output as { seen: number[] };
		expect(seen.sort((left, right) => left - right)).toEqual(items);
	});
});

test('a timer of more than six days goes in steps of three, as on Azure', async () => {
	const clock = createManualClock('2026-03-01T10:00:00.000Z');
	const patient = await startDurableHost(setup, { clock });
	const id = await patient.start('longTimer', { days: 8 });
	const fireTimes = async () =>
		(await patient.history(id)).flatMap((event) => (event.EventType === eventTypes.timerCreated ? [event.FireAt] : []));
	await expectSoon(fireTimes).toEqual(['2026-03-04T10:00:00.000Z']);
	await clock.advanceTo('2026-03-04T10:00:00.000Z');
	await expectSoon(fireTimes).toEqual(['2026-03-04T10:00:00.000Z', '2026-03-09T10:00:00.000Z']);
	await clock.advanceTo('2026-03-09T10:00:00.000Z');
	expect((await patient.untilFinished(id)).output).toEqual({ after: { n: 8 }, isLate: true });
	await patient.stop();
});
