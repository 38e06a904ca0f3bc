import { errorText } from '../../host-log.ts';
import {
	eventTypes,
	type NewEvent,
	type SchedulingEvent,
	type SubOrchestrationCreated,
	stampEvent,
	type TaskScheduled,
	type TimerCreated,
} from '../storage/history-events.ts';
import type { ActivityPool } from './activity-pool.ts';
import type { EngineCore } from './engine-core.ts';
import type { LiveInstance } from './live-instance.ts';

export interface TaskEffects {
	/** Hands a result to the execution that waits for it, if it still does. */
	deliver(instance: LiveInstance, executionId: string, event: NewEvent): void;
	wake(instance: LiveInstance): void;
	startChild(parent: LiveInstance, task: SubOrchestrationCreated): Promise<void>;
}

/** Starts tasks; those that run already, it leaves alone. */
export function createTaskDispatch(core: EngineCore, pool: ActivityPool, effects: TaskEffects) {
	/** Activities that wait or run, by execution and task. */
	const inFlight = new Set<string>();

	function startActivity(instance: LiveInstance, task: TaskScheduled): void {
		const { executionId, instanceId } = instance.stored.record;
		const key = `${executionId}/${task.EventId}`;
		if (inFlight.has(key)) return;
		inFlight.add(key);
		pool.add(async () => {
			try {
				if (!isCurrent(core, instance, executionId)) return;
				const result = await core.runActivity({ task, instanceId });
				await deliverActivityResult(core, effects, { instance, executionId, result });
			} finally {
				inFlight.delete(key);
			}
		});
	}

	return (instance: LiveInstance, tasks: readonly SchedulingEvent[]): void => {
		for (const task of tasks) {
			if (task.EventType === eventTypes.taskScheduled) startActivity(instance, task);
			else if (task.EventType === eventTypes.timerCreated) armTimer(core, effects, instance, task);
			else core.track(effects.startChild(instance, task));
		}
	};
}

function isCurrent(core: EngineCore, instance: LiveInstance, executionId: string): boolean {
	const { record } = instance.stored;
	return core.live.get(record.instanceId) === instance && record.executionId === executionId;
}

interface ActivityResult {
	instance: LiveInstance;
	executionId: string;
	result: NewEvent;
}

/** While an instance is suspended, a result may wait for days; it gets a row, so that no restart repeats the activity. */
async function deliverActivityResult(
	core: EngineCore,
	effects: TaskEffects,
	{ instance, executionId, result }: ActivityResult,
): Promise<void> {
	const { instanceId, isSuspended } = instance.stored.record;
	if (!isSuspended || !isCurrent(core, instance, executionId)) {
		effects.deliver(instance, executionId, result);
		return;
	}
	const event = stampEvent(result, core.clock.now());
	const message = { sequence: core.nextSequence(), executionId, event, isStored: true };
	try {
		await core.store.addMessage(instanceId, message);
		instance.inbox.set(message.sequence, message);
		effects.wake(instance);
	} catch (error) {
		core.log('warning', `Cannot save a result for the suspended instance "${instanceId}": ${errorText(error)}`);
		effects.deliver(instance, executionId, result);
	}
}

function armTimer(core: EngineCore, effects: TaskEffects, instance: LiveInstance, task: TimerCreated): void {
	const { timers, stored } = instance;
	const { executionId } = stored.record;
	if (timers.has(task.EventId)) return;
	const fire = () => {
		timers.delete(task.EventId);
		// Node's timers may be a millisecond early, but an orchestrator must never see a time before FireAt.
		if (core.clock.now().getTime() < Date.parse(task.FireAt)) return arm();
		const { EventId: TimerId, FireAt } = task;
		effects.deliver(instance, executionId, { EventType: eventTypes.timerFired, TimerId, FireAt });
	};
	const arm = () => {
		const delayMs = Date.parse(task.FireAt) - core.clock.now().getTime();
		timers.set(task.EventId, core.clock.after(Math.max(0, delayMs), fire));
	};
	arm();
}
