import { eventTypes, type SchedulingEvent } from '../storage/history-events.ts';
import { actionTypes, type FunctionAction } from './orchestrator-actions.ts';
import { WorkflowFailure } from './workflow-failure.ts';

interface FunctionTask {
	EventType: typeof eventTypes.taskScheduled | typeof eventTypes.subOrchestrationCreated;
	Name: string;
	Version: string;
	Input: string;
	InstanceId?: string;
}

/** A scheduling event to be, without its id. */
export type ScheduledTask = FunctionTask | { EventType: typeof eventTypes.timerCreated; FireAt: string };

/** A timer that fires at a time in milliseconds since 1970. */
export function toTimer(fireAt: number): ScheduledTask {
	return { EventType: eventTypes.timerCreated, FireAt: new Date(fireAt).toISOString() };
}

export function toScheduledTask(action: FunctionAction): ScheduledTask {
	const { functionName: Name, version: Version = '', instanceId, input = null } = action;
	if (action.actionType === actionTypes.callActivity || action.actionType === actionTypes.callActivityWithRetry) {
		return { EventType: eventTypes.taskScheduled, Name, Version: '', Input: JSON.stringify([input]) };
	}
	const ownId = instanceId ? { InstanceId: instanceId } : {};
	return { EventType: eventTypes.subOrchestrationCreated, Name, Version, Input: JSON.stringify(input), ...ownId };
}

/** Azure names a child without an id of its own after its parent's execution and its task. */
export function withChildId(task: ScheduledTask, executionId: string, taskId: number): ScheduledTask {
	if (task.EventType !== eventTypes.subOrchestrationCreated || task.InstanceId) return task;
	return { ...task, InstanceId: `${executionId}:${taskId.toString(16).toUpperCase().padStart(8, '0')}` };
}

/** Throws unless the task of the history is the one that the orchestrator starts now. */
export function claim(recorded: SchedulingEvent, task: ScheduledTask): void {
	if (recorded.EventType !== task.EventType || nameOf(recorded).toLowerCase() !== nameOf(task).toLowerCase()) {
		throw nonDeterministic(recorded, `the orchestrator starts ${describe(task)} in its place`);
	}
}

export function nonDeterministic(recorded: SchedulingEvent, present: string): WorkflowFailure {
	return new WorkflowFailure(
		`Non-Deterministic workflow detected: task ${recorded.EventId} was ${describe(recorded)} when it was recorded, but now ${present}; an orchestrator must do the same in every replay, and its code must not change under a running instance`,
	);
}

const taskKinds = {
	[eventTypes.taskScheduled]: 'activity',
	[eventTypes.subOrchestrationCreated]: 'sub-orchestration',
	[eventTypes.timerCreated]: 'a timer',
};

function nameOf(task: ScheduledTask | SchedulingEvent): string {
	return 'Name' in task ? task.Name : '';
}

function describe(task: ScheduledTask | SchedulingEvent): string {
	const name = nameOf(task);
	return name === '' ? taskKinds[task.EventType] : `${taskKinds[task.EventType]} "${name}"`;
}
