import type { HostClock } from '../../host-clock.ts';
import type { HostLog } from '../../host-log.ts';
import type { Worker } from '../../worker/worker-contract.ts';
import type { DurableFunctions } from '../durable-functions.ts';
import type { InstanceStore } from '../storage/instance-store.ts';
import { activitiesOf, type RunActivity } from './activity-call.ts';
import { createKeyedLock, type KeyedLock } from './keyed-lock.ts';
import type { LiveInstance } from './live-instance.ts';

export interface EngineOptions {
	worker: Pick<Worker, 'functions' | 'invoke'>;
	store: InstanceStore;
	clock: HostClock;
	maxConcurrentActivities: number;
	/** Default: in this process. */
	runActivity?: RunActivity;
	log: HostLog;
	/** Before a failed write is tried again. Default 1000. */
	storageRetryMs?: number;
}

/** What the parts of the engine share. */
export interface EngineCore extends EngineOptions {
	storageRetryMs: number;
	runActivity: RunActivity;
	functions: DurableFunctions;
	/** All unfinished instances, by id. */
	live: Map<string, LiveInstance>;
	/** Guards creation, messages and end of one instance id against each other; episodes need no lock. */
	lock: KeyedLock;
	/** Numbers messages in order of arrival, also over restarts. */
	nextSequence(): number;
	/** Later numbers follow this one. */
	skipSequence(used: number): void;
	/** Lets the stop wait for the work. */
	track(work: Promise<void>): void;
	/** From then on nothing begins; settles when all tracked work has ended. */
	close(): Promise<void>;
	isClosed(): boolean;
	/** Waits, or returns early at the close. */
	pause(ms: number): Promise<void>;
}

const defaultStorageRetryMs = 1000;

export function createEngineCore(options: EngineOptions, functions: DurableFunctions): EngineCore {
	let lastSequence = 0;
	let isClosed = false;
	const closing = Promise.withResolvers<void>();
	const tracked = new Set<Promise<void>>();
	return {
		storageRetryMs: defaultStorageRetryMs,
		runActivity: activitiesOf(options.worker, functions),
		...options,
		functions,
		live: new Map(),
		lock: createKeyedLock(),
		nextSequence() {
			// Microseconds of the clock, so that a new process continues where the last one ended.
			lastSequence = Math.max(lastSequence + 1, options.clock.now().getTime() * 1000);
			return lastSequence;
		},
		skipSequence(used) {
			lastSequence = Math.max(lastSequence, used);
		},
		track(work) {
			const tracking = work.finally(() => tracked.delete(tracking));
			tracked.add(tracking);
		},
		async close() {
			isClosed = true;
			closing.resolve();
			while (tracked.size > 0) await Promise.all(tracked);
		},
		isClosed: () => isClosed,
		async pause(ms) {
			const elapsed = Promise.withResolvers<void>();
			const cancel = options.clock.after(ms, elapsed.resolve);
			await Promise.race([elapsed.promise, closing.promise]);
			cancel();
		},
	};
}
