import {
	completedTaskId,
	eventTypes,
	type HistoryEvent,
	isScheduling,
	type NewEvent,
} from '../storage/history-events.ts';
import type { Action } from './orchestrator-actions.ts';
import { nonDeterministic } from './scheduled-task.ts';
import { startAction, type Walk } from './shadow-tasks.ts';

/**
 * The tasks that the orchestrator has started and that are not in the history yet, with their ids. Throws
 * `WorkflowFailure` when the orchestration must fail.
 *
 * The SDK reports all actions since the start of the execution, without ids and without saying which are new. Azure's
 * extension carries them all out again, one after the other, against the history; so does this walk, event by event, in
 * the order in which the SDK itself assigns ids. Where that differs from what the orchestrator meant (a task yielded
 * twice is scheduled twice, https://github.com/Azure/azure-functions-durable-js/issues/574), it differs on Azure too.
 */
export function walkShadow(
	history: readonly HistoryEvent[],
	actions: readonly Action[],
	executionId: string,
): NewEvent[] {
	const walk: Walk = {
		executionId,
		recorded: new Map(history.filter(isScheduling).map((event) => [event.EventId, event])),
		scheduled: [],
		nextTaskId: 0,
		now: 0,
		waitingTasks: new Map(),
		waitingEvents: new Map(),
		early: new Map(),
	};
	let cursor = 0;
	let isBusy = true;
	for (const event of history) {
		if (event.EventType === eventTypes.executionStarted) isBusy = false;
		else applyEvent(walk, event);
		// An action may be finished as soon as it starts; its result is noted, and the next one starts here, not inside it.
		for (let action = actions[cursor]; action && !isBusy; action = actions[cursor]) {
			cursor += 1;
			isBusy = true;
			startAction(walk, action, () => {
				isBusy = false;
			});
		}
	}
	const [leftOver] = walk.recorded.values();
	if (leftOver) throw nonDeterministic(leftOver, 'the orchestrator did not schedule it again');
	return walk.scheduled;
}

function applyEvent(walk: Walk, event: HistoryEvent): void {
	if (event.EventType === eventTypes.orchestratorStarted) {
		walk.now = Math.max(walk.now, Date.parse(event.Timestamp));
	} else if (event.EventType === eventTypes.eventRaised) {
		settle(walk, walk.waitingEvents.get(event.Name)?.pop(), { key: event.Name, isSuccess: true });
	} else {
		const taskId = completedTaskId(event);
		if (taskId === undefined) return;
		const isSuccess =
			event.EventType !== eventTypes.taskFailed && event.EventType !== eventTypes.subOrchestrationFailed;
		const waiting = walk.waitingTasks.get(taskId);
		walk.waitingTasks.delete(taskId);
		settle(walk, waiting, { key: taskId, isSuccess });
	}
}

/** Hands a result to whoever waits for it, or keeps it until somebody does. */
function settle(
	walk: Walk,
	waiting: ((isSuccess: boolean) => void) | undefined,
	{ key, isSuccess }: { key: number | string; isSuccess: boolean },
): void {
	if (waiting) waiting(isSuccess);
	else walk.early.set(key, [...(walk.early.get(key) ?? []), isSuccess]);
}
