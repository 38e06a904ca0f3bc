import { findDurableFunctions } from '../durable-functions.ts';
import { type NewEvent, stampEvent } from '../storage/history-events.ts';
import { createActivityPool } from './activity-pool.ts';
import { type ClientCommands, createClientCommands } from './client-commands.ts';
import { createEngineCore, type EngineOptions } from './engine-core.ts';
import { createEpisodeLoop } from './episode-loop.ts';
import { recoverInstances } from './instance-recovery.ts';
import { cancelTimers, type LiveInstance } from './live-instance.ts';
import { createSubOrchestrations } from './sub-orchestrations.ts';
import { createTaskDispatch } from './task-dispatch.ts';

export interface Engine extends ClientCommands {
	/** Takes up everything that is unfinished. */
	start(): Promise<void>;
	/** Gives activities a moment, then ends after the running episodes; what is open continues at the next start. */
	stop(): Promise<void>;
}

/** Long enough for short steps to be saved rather than repeated; a long one must not hold up a stop. */
const activityGraceMs = 3000;

/** Throws when the app uses what this host does not have. */
export function createEngine(options: EngineOptions): Engine {
	const core = createEngineCore(options, findDurableFunctions(options.worker));
	const { live, clock } = core;
	const pool = createActivityPool(options.maxConcurrentActivities);

	function wake(instance: LiveInstance): void {
		loop.wake(instance);
	}
	function deliver(instance: LiveInstance, executionId: string, event: NewEvent): void {
		if (live.get(instance.stored.record.instanceId) !== instance) return;
		const sequence = core.nextSequence();
		instance.inbox.set(sequence, { sequence, executionId, event: stampEvent(event, clock.now()), isStored: false });
		wake(instance);
	}
	const children = createSubOrchestrations(core, { deliver, wake });
	const dispatch = createTaskDispatch(core, pool, { deliver, wake, startChild: children.start });
	const loop = createEpisodeLoop(core, { dispatch, finished: children.reportToParent });

	return {
		...createClientCommands(core, wake),
		start: () => recoverInstances(core, { dispatch, wake }),
		async stop() {
			pool.close();
			const grace = Promise.withResolvers<void>();
			const cancel = clock.after(activityGraceMs, grace.resolve);
			await Promise.race([pool.idle(), grace.promise]);
			cancel();
			for (const instance of live.values()) cancelTimers(instance);
			await core.close();
			for (const instance of live.values()) cancelTimers(instance);
		},
	};
}
