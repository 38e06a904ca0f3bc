import { randomUUID } from 'node:crypto';
import { errorText } from '../../host-log.ts';
import { playEpisode } from '../orchestrator/episode.ts';
import { callOrchestrator, orchestratorInput } from '../orchestrator/orchestrator-call.ts';
import { WorkflowFailure } from '../orchestrator/workflow-failure.ts';
import { type HistoryEvent, isScheduling, type SchedulingEvent } from '../storage/history-events.ts';
import { type InstanceRecord, isFinished } from '../storage/instance-record.ts';
import type { EngineCore } from './engine-core.ts';
import { cancelTimers, hasWork, type LiveInstance, openTasksOf } from './live-instance.ts';

export interface EpisodeEffects {
	/** Starts tasks whose scheduling is committed. */
	dispatch(instance: LiveInstance, tasks: readonly SchedulingEvent[]): void;
	/** The end of the instance is committed. */
	finished(record: InstanceRecord): void;
}

export interface EpisodeLoop {
	/** Plays episodes as long as there is something to do, one at a time for each instance. */
	wake(instance: LiveInstance): void;
}

export function createEpisodeLoop(core: EngineCore, effects: EpisodeEffects): EpisodeLoop {
	const isLive = (instance: LiveInstance) => core.live.get(instance.stored.record.instanceId) === instance;
	async function run(instance: LiveInstance): Promise<void> {
		while (!core.isClosed() && isLive(instance) && hasWork(instance)) {
			try {
				if (instance.isDoubtful) await loadAgain(core, effects, instance);
				else await playAndCommit(core, effects, instance);
			} catch (error) {
				// The write may have taken place although its answer was lost: from here on only the table knows.
				instance.isDoubtful = true;
				const { instanceId } = instance.stored.record;
				core.log('warning', `Cannot save instance "${instanceId}" and will try again: ${errorText(error)}`);
				await core.pause(core.storageRetryMs);
			}
		}
		instance.isBusy = false;
	}
	return {
		wake(instance) {
			if (instance.isBusy) return;
			instance.isBusy = true;
			core.track(run(instance));
		},
	};
}

async function playAndCommit(core: EngineCore, effects: EpisodeEffects, instance: LiveInstance): Promise<void> {
	const { stored, history, inbox } = instance;
	const episode = await playEpisode({
		record: stored.record,
		history,
		inbox: inbox.values(),
		now: core.clock.now(),
		newExecutionId: () => randomUUID().replaceAll('-', ''),
		orchestrate: (past, fresh) => orchestrate(core, stored.record, past, fresh),
	});
	const consumed = episode.consumed.filter(({ isStored }) => isStored);
	if (episode.events.length > 0 || consumed.length > 0 || episode.record.executionId !== stored.record.executionId) {
		instance.stored = await core.store.commit(stored, { ...episode, consumed });
	}
	for (const { sequence } of episode.consumed) inbox.delete(sequence);
	applyCommitted(core, effects, instance, { before: stored.record, events: episode.events });
}

interface Committed {
	before: InstanceRecord;
	events: readonly HistoryEvent[];
}

function applyCommitted(
	core: EngineCore,
	effects: EpisodeEffects,
	instance: LiveInstance,
	{ before, events }: Committed,
): void {
	const { record } = instance.stored;
	if (record.executionId !== before.executionId) {
		cancelTimers(instance);
		instance.history = [];
		core.track(removeExecution(core, before));
		return;
	}
	instance.history.push(...events);
	if (isFinished(record)) end(core, effects, instance);
	else effects.dispatch(instance, events.filter(isScheduling));
}

function end(core: EngineCore, effects: EpisodeEffects, instance: LiveInstance): void {
	const { record } = instance.stored;
	cancelTimers(instance);
	core.live.delete(record.instanceId);
	effects.finished(record);
}

/** Puts the table's state in the place of the one in memory; results that have no row exist in memory only, and stay. */
async function loadAgain(core: EngineCore, effects: EpisodeEffects, instance: LiveInstance): Promise<void> {
	const { instanceId, executionId } = instance.stored.record;
	const before = [...instance.inbox.values()];
	// What arrives while the table is read is in the new inbox, and perhaps in the answer as well.
	instance.inbox = new Map();
	try {
		const loaded = await core.store.load(instanceId);
		if (!loaded) throw new Error(`Cannot load instance "${instanceId}": it has no row`);
		const arrived = [...instance.inbox.values()];
		const known = [...before.filter(({ isStored }) => !isStored), ...loaded.messages, ...arrived];
		known.sort((left, right) => left.sequence - right.sequence);
		instance.inbox = new Map(known.map((message) => [message.sequence, message]));
		instance.stored = loaded;
		instance.history = loaded.history;
		instance.isDoubtful = false;
	} catch (error) {
		instance.inbox = new Map([...before.map((message) => [message.sequence, message] as const), ...instance.inbox]);
		throw error;
	}
	if (instance.stored.record.executionId !== executionId) cancelTimers(instance);
	if (isFinished(instance.stored.record)) end(core, effects, instance);
	else effects.dispatch(instance, openTasksOf(instance));
}

function orchestrate(
	core: EngineCore,
	record: InstanceRecord,
	past: readonly HistoryEvent[],
	fresh: readonly HistoryEvent[],
) {
	const target = core.functions.orchestrator(record.name);
	if (!target) {
		throw new WorkflowFailure(
			`The function '${record.name}' doesn't exist, is disabled, or is not an orchestrator function.`,
		);
	}
	return callOrchestrator(core.worker, target, orchestratorInput(record, past, fresh));
}

/** Nothing depends on it: what stays is removed when the instance is loaded again. */
async function removeExecution({ store, log }: EngineCore, { instanceId, executionId }: InstanceRecord): Promise<void> {
	try {
		await store.removeExecution(instanceId, executionId);
	} catch (error) {
		log('debug', `Cannot remove the history of an ended execution of "${instanceId}": ${errorText(error)}`);
	}
}
