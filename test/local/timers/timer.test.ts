import { describe, expect, test } from 'vitest';
import { startTimers } from '../../../src/local/timers/timer.ts';
import type { TimerStatus, TimerStatusStore } from '../../../src/local/timers/timer-status.ts';
import type { RetryOptions } from '../../../src/local/worker/worker-contract.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordingWorker, functionOf } from '../support/recording-worker.ts';

interface Setup {
	schedule?: string;
	fields?: object;
	retry?: RetryOptions;
	settings?: Record<string, string>;
	statuses?: Map<string, TimerStatus>;
	behave?: () => Promise<void> | void;
}

const startTime = '2026-03-01T10:00:30Z';

function memoryStore(statuses: Map<string, TimerStatus>): TimerStatusStore {
	return {
		read: async (name) => statuses.get(name),
		write: async (name, status) => void statuses.set(name, status),
	};
}

async function start({ schedule = '0 * * * * *', fields, retry, settings = {}, statuses = new Map(), behave }: Setup) {
	const clock = createManualClock(startTime);
	const times: string[] = [];
	const logged: string[] = [];
	const target = functionOf('resync', { type: 'timerTrigger', schedule, ...fields }, retry);
	const worker = createRecordingWorker([target], () => {
		times.push(clock.now().toISOString().slice(11, 19));
		return behave?.();
	});
	const timers = await startTimers({
		worker,
		store: memoryStore(statuses),
		clock,
		setting: (name) => settings[name],
		log: (_level, message) => void logged.push(message),
	});
	const payloads = () => worker.calls.map(({ request }) => JSON.parse(request.inputData[0]?.data.json ?? ''));
	return { clock, times, logged, timers, worker, payloads, statuses };
}

describe('a timer', () => {
	test('runs at each time of its schedule, and no more after its stop', async () => {
		const { clock, times, timers } = await start({});
		await clock.advanceTo('2026-03-01T10:03:10Z');
		expect(times).toEqual(['10:01:00', '10:02:00', '10:03:00']);
		await timers.stop();
		await clock.advanceTo('2026-03-01T11:00:00Z');
		expect(times).toHaveLength(3);
	});

	test('takes its schedule from a setting, and says when that is not set', async () => {
		const { clock, times } = await start({ schedule: '%EVERY%', settings: { EVERY: '0 30 * * * *' } });
		await clock.advanceTo('2026-03-01T11:00:00Z');
		expect(times).toEqual(['10:30:00']);
		await expect(start({ schedule: '%EVERY%' })).rejects.toThrow('the setting "EVERY", which is not set');
	});

	test('sends the year 1 with its first run, and then the start of the last one, as .NET writes times', async () => {
		const { clock, payloads } = await start({});
		await clock.advanceTo('2026-03-01T10:02:10Z');
		const Schedule = { AdjustForDST: true };
		expect(payloads()).toEqual([
			{
				Schedule,
				ScheduleStatus: {
					Last: '0001-01-01T00:00:00',
					Next: '2026-03-01T10:01:00+00:00',
					LastUpdated: '2026-03-01T10:00:30+00:00',
				},
				IsPastDue: false,
			},
			{
				Schedule,
				ScheduleStatus: {
					Last: '2026-03-01T10:01:00+00:00',
					Next: '2026-03-01T10:02:00+00:00',
					LastUpdated: '2026-03-01T10:01:00+00:00',
				},
				IsPastDue: false,
			},
		]);
	});

	test('keeps the start of a run, not its end, and that of one that failed, too', async () => {
		let end = () => {};
		const behave = async () => {
			await new Promise<void>((resolve) => {
				end = resolve;
			});
			throw new Error('invented failure');
		};
		const { clock, statuses } = await start({ behave });
		await clock.advanceTo('2026-03-01T10:01:20.250Z');
		end();
		await clock.advanceTo('2026-03-01T10:01:30Z');
		expect(statuses.get('resync')).toEqual({
			Last: '2026-03-01T10:01:00+00:00',
			Next: '2026-03-01T10:02:00+00:00',
			LastUpdated: '2026-03-01T10:01:20.25+00:00',
		});
	});

	test('has a retry context always, and no status where it is not monitored', async () => {
		const { clock, worker, payloads, timers } = await start({ schedule: '*/20 * * * * *' });
		await clock.advanceTo('2026-03-01T10:00:45Z');
		expect(worker.calls[0]?.request.retryContext).toEqual({ retryCount: 0, maxRetryCount: 0 });
		expect(payloads()[0]).toMatchObject({ ScheduleStatus: null });
		await timers.stop();
	});

	test('catches up once on times that were missed while the host was down', async () => {
		const missed = { Last: '2026-03-01T07:00:00Z', Next: '2026-03-01T08:00:00Z', LastUpdated: '2026-03-01T07:00:00Z' };
		const statuses = new Map([['resync', missed]]);
		const { clock, times, payloads } = await start({ schedule: '0 0 * * * *', statuses });
		await clock.advanceTo('2026-03-01T10:59:00Z');
		expect(times).toEqual(['10:00:30']);
		expect(payloads()[0]).toMatchObject({ IsPastDue: true, ScheduleStatus: missed });
		expect(statuses.get('resync')?.Next).toBe('2026-03-01T11:00:00+00:00');
	});

	test.each([
		['its interval is below a minute', { schedule: '*/20 * * * * *' }],
		['useMonitor is false', { fields: { useMonitor: false } }],
	])('keeps no status when %s', async (_why, setup) => {
		const { clock, times, statuses, timers } = await start(setup);
		await clock.advanceTo('2026-03-01T10:01:00Z');
		expect(times.length).toBeGreaterThan(0);
		expect(statuses.size).toBe(0);
		await timers.stop();
	});

	test('runs at the start if asked to', async () => {
		const { clock, times } = await start({ fields: { runOnStartup: true } });
		await clock.advanceTo('2026-03-01T10:00:40Z');
		expect(times).toEqual(['10:00:30']);
	});

	test('runs by hand, named without regard to case', async () => {
		const { clock, times, timers } = await start({});
		expect(timers.run('RESYNC')).toBe(true);
		expect(timers.run('other')).toBe(false);
		await clock.advanceTo('2026-03-01T10:00:40Z');
		expect(times).toEqual(['10:00:30']);
	});

	test('runs once at a time: a run that is due during another one follows it', async () => {
		const ends: (() => void)[] = [];
		const { clock, times } = await start({ behave: () => new Promise((resolve) => ends.push(resolve)) });
		await clock.advanceTo('2026-03-01T10:02:10Z');
		expect(times).toEqual(['10:01:00']);
		ends[0]?.();
		await clock.advanceTo('2026-03-01T10:02:20Z');
		expect(times).toEqual(['10:01:00', '10:02:10']);
	});

	test('goes on after a failure, which it logs', async () => {
		const { clock, times, logged } = await start({
			behave: () => {
				throw new Error('invented failure');
			},
		});
		await clock.advanceTo('2026-03-01T10:02:10Z');
		expect(times).toHaveLength(2);
		expect(logged[0]).toBe('Timer function "resync" failed: invented failure');
	});

	test.each<[string, RetryOptions, string[]]>([
		[
			'fixed delays',
			{ maxRetryCount: 2, retryStrategy: 'fixedDelay', delayInterval: { seconds: 5 } },
			['10:30:00', '10:30:05', '10:30:10'],
		],
		[
			'doubled delays up to a maximum',
			{
				maxRetryCount: 3,
				retryStrategy: 'exponentialBackoff',
				minimumInterval: { seconds: 2 },
				maximumInterval: { seconds: 3 },
			},
			['10:30:00', '10:30:02', '10:30:05', '10:30:08'],
		],
	])('is retried with %s', async (_what, retry, expected) => {
		const behave = () => {
			throw new Error('invented failure');
		};
		const { clock, times, worker } = await start({ schedule: '0 30 * * * *', retry, behave });
		await clock.advanceTo('2026-03-01T10:40:00Z');
		expect(times).toEqual(expected);
		const { maxRetryCount } = retry;
		expect(worker.calls.at(-1)?.request.retryContext).toEqual({ retryCount: maxRetryCount, maxRetryCount });
	});

	test('does not wait for a retry when it is stopped', async () => {
		const retry: RetryOptions = { maxRetryCount: -1, retryStrategy: 'fixedDelay', delayInterval: { seconds: 3600 } };
		const behave = () => {
			throw new Error('invented failure');
		};
		const { clock, times, timers } = await start({ retry, behave });
		await clock.advanceTo('2026-03-01T10:01:10Z');
		await timers.stop();
		expect(times).toEqual(['10:01:00']);
	});
});
