import { RestError } from '@azure/data-tables';
import { errorText } from '../../host-log.ts';
import type { SchedulingEvent } from '../storage/history-events.ts';
import type { EngineCore } from './engine-core.ts';
import { type LiveInstance, openTasksOf, toLiveInstance } from './live-instance.ts';

export interface RecoveryEffects {
	dispatch(instance: LiveInstance, tasks: readonly SchedulingEvent[]): void;
	wake(instance: LiveInstance): void;
}

/** Loads of instances at a time. */
const parallelLoads = 8;

/**
 * Takes up all instances that are unfinished in the table: activities run again, timers are armed with their old time,
 * children are looked after, and waiting messages are played.
 */
export async function recoverInstances(core: EngineCore, effects: RecoveryEffects): Promise<void> {
	const ids = await core.store.findUnfinished();
	const lanes = Array.from({ length: parallelLoads }, async () => {
		for (let id = ids.pop(); id !== undefined; id = ids.pop()) await loadOrAbandon(core, id);
	});
	await Promise.all(lanes);
	// Only now, because the end of a child must find its parent.
	for (const instance of [...core.live.values()]) resume(core, effects, instance);
}

async function loadOrAbandon(core: EngineCore, instanceId: string): Promise<void> {
	try {
		await load(core, instanceId);
	} catch (error) {
		// Storage that does not answer is no damage.
		if (error instanceof RestError && error.statusCode !== 404) throw error;
		core.log('error', `Cannot recover instance "${instanceId}", which fails: ${errorText(error)}`);
		await core.store.abandon(instanceId, JSON.stringify('The storage has lost a part of this instance.'));
	}
}

async function load({ store, live, skipSequence }: EngineCore, instanceId: string): Promise<void> {
	const loaded = await store.load(instanceId);
	if (!loaded) return;
	if (loaded.garbage.length > 0) await store.removeRows(instanceId, loaded.garbage);
	for (const { sequence } of loaded.messages) skipSequence(sequence);
	live.set(instanceId, toLiveInstance(loaded, loaded));
}

function resume({ log }: EngineCore, effects: RecoveryEffects, instance: LiveInstance): void {
	const { history, inbox, stored } = instance;
	const open = openTasksOf(instance);
	const found = `${history.length} events, ${open.length} open tasks, ${inbox.size} waiting messages`;
	log('information', `Recovered instance "${stored.record.instanceId}": ${found}`);
	effects.dispatch(instance, open);
	effects.wake(instance);
}
