import type { HostClock } from '../host-clock.ts';
import { errorLine, type HostLog } from '../host-log.ts';
import type { RegisteredFunction, Worker } from '../worker/worker-contract.ts';
import { nextOccurrence, parseSchedule, type Schedule } from './ncrontab.ts';
import { invokeWithRetry } from './timer-invocation.ts';
import { dotNetTime, never, type TimerStatus, type TimerStatusStore } from './timer-status.ts';

export interface TimersOptions {
	worker: Worker;
	store: TimerStatusStore;
	clock: HostClock;
	/** Resolves `%NAME%` in a schedule. */
	setting(name: string): string | undefined;
	log: HostLog;
}

export interface Timers {
	/** Runs a timer function now; false when there is none of that name. */
	run(name: string): boolean;
	/** Starts no further run and waits for running ones. */
	stop(): Promise<void>;
}

/** Azure monitors a schedule, and catches up on a missed run, from this interval on. */
const monitoredIntervalMs = 60_000;

/** Arms every timer function of the app; schedules are UTC. */
export async function startTimers(options: TimersOptions): Promise<Timers> {
	const functions = options.worker.functions.filter(({ trigger }) => trigger.type.toLowerCase() === 'timertrigger');
	const timers = functions.map((target) => createTimer(target, options));
	for (const timer of timers) await timer.start();
	return {
		run(name) {
			const timer = timers.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
			timer?.run(false);
			return timer !== undefined;
		},
		stop: async () => void (await Promise.all(timers.map((timer) => timer.stop()))),
	};
}

function createTimer(target: RegisteredFunction, options: TimersOptions) {
	const { clock, store, log } = options;
	const schedule = readSchedule(target, options.setting);
	const monitored = target.trigger.useMonitor !== false && intervalMs(schedule, clock.now()) >= monitoredIntervalMs;
	let cancel = () => {};
	const stopping = new AbortController();
	let running: Promise<void> = Promise.resolve();

	const arm = () => {
		const next = nextOccurrence(schedule, clock.now());
		if (stopping.signal.aborted || !next) return;
		cancel = clock.after(next.getTime() - clock.now().getTime(), () => {
			// A timer may fire early by a fraction; the same moment must not come twice.
			if (clock.now() < next) return arm();
			run(false);
			arm();
		});
	};
	// One run at a time, as on Azure: a run that is due during another one follows it.
	const run = (isPastDue: boolean) => {
		running = running.then(() => (stopping.signal.aborted ? undefined : saying(runOnce(isPastDue))));
	};
	const saying = async (work: Promise<void>) => {
		try {
			await work;
		} catch (error) {
			log('error', `Timer function "${target.name}" failed: ${errorLine(error)}`);
		}
	};
	// What is kept is the start of the run, and it is kept after failures too.
	const runOnce = async (isPastDue: boolean) => {
		const status = monitored ? await store.read(target.name) : undefined;
		const startedAt = dotNetTime(clock.now());
		await saying(invokeWithRetry(target, options, { isPastDue, status, stopping: stopping.signal }));
		if (monitored) await store.write(target.name, newStatus(schedule, clock.now(), startedAt));
	};
	return {
		name: target.name,
		run,
		async start() {
			const status = monitored ? await store.read(target.name) : undefined;
			if (status && new Date(status.Next) < clock.now()) run(true);
			else if (target.trigger.runOnStartup === true) run(false);
			if (monitored && !status) await store.write(target.name, newStatus(schedule, clock.now(), never));
			arm();
		},
		async stop() {
			stopping.abort();
			cancel();
			await running;
		},
	};
}

function readSchedule(target: RegisteredFunction, setting: TimersOptions['setting']): Schedule {
	const text = String(target.trigger.schedule).replace(/%([^%]+)%/g, (_match, name: string) => {
		const value = setting(name);
		if (value === undefined) {
			throw new Error(
				`Cannot start timer "${target.name}": its schedule names the setting "${name}", which is not set`,
			);
		}
		return value;
	});
	return parseSchedule(text);
}

function intervalMs(schedule: Schedule, now: Date): number {
	const first = nextOccurrence(schedule, now);
	const second = first && nextOccurrence(schedule, first);
	return first && second ? second.getTime() - first.getTime() : Number.POSITIVE_INFINITY;
}

function newStatus(schedule: Schedule, now: Date, last: string): TimerStatus {
	const next = nextOccurrence(schedule, now) ?? now;
	return { Last: last, Next: dotNetTime(next), LastUpdated: dotNetTime(now) };
}
