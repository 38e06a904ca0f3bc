import type { NewEvent, SchedulingEvent } from '../storage/history-events.ts';
import {
	type Action,
	actionTypes,
	type CompoundAction,
	type EventAction,
	type FunctionAction,
	type RetryOptions,
	type TimerAction,
	unknownActionText,
} from './orchestrator-actions.ts';
import { claim, type ScheduledTask, toScheduledTask, toTimer, withChildId } from './scheduled-task.ts';
import { nextTimerStep, retryDelayMs } from './timer-steps.ts';
import { WorkflowFailure } from './workflow-failure.ts';

type OnSettled = (isSuccess: boolean) => void;

/** Everything that one walk knows. */
export interface Walk {
	executionId: string;
	/** Scheduling events of the history by task id; each is taken out when an action claims it. */
	recorded: Map<number, SchedulingEvent>;
	scheduled: NewEvent[];
	nextTaskId: number;
	/** Time of the latest OrchestratorStarted, in milliseconds since 1970. */
	now: number;
	waitingTasks: Map<number, OnSettled>;
	/** Newest last: the SDK serves several waits for one event last in, first out. */
	waitingEvents: Map<string, OnSettled[]>;
	/** Results that nobody waits for yet, oldest first. */
	early: Map<number | string, boolean[]>;
}

type Start<A> = (walk: Walk, action: A, onSettled: OnSettled) => void;

const starters = {
	[actionTypes.callActivity]: startFunction,
	[actionTypes.callSubOrchestrator]: startFunction,
	[actionTypes.callActivityWithRetry]: startWithRetry,
	[actionTypes.callSubOrchestratorWithRetry]: startWithRetry,
	[actionTypes.createTimer]: startTimer,
	[actionTypes.waitForExternalEvent]: startEvent,
	[actionTypes.whenAny]: startAny,
	[actionTypes.whenAll]: startAll,
	// Takes no id: whoever commits the episode looks for it.
	[actionTypes.continueAsNew]: (_walk: Walk, _action: Action, onSettled: OnSettled) => onSettled(true),
};

/** Starts what the action stands for; calls `onSettled` once, at once if the result is there already. */
export function startAction(walk: Walk, action: Action, onSettled: OnSettled): void {
	const start = starters[action.actionType] as Start<Action> | undefined;
	if (!start) throw new WorkflowFailure(unknownActionText(action.actionType));
	start(walk, action, onSettled);
}

function startAny(walk: Walk, { compoundActions }: CompoundAction, onSettled: OnSettled): void {
	let isSettled = false;
	for (const child of compoundActions) {
		startAction(walk, child, () => {
			if (!isSettled) onSettled(true);
			isSettled = true;
		});
	}
}

function startAll(walk: Walk, { compoundActions }: CompoundAction, onSettled: OnSettled): void {
	let open = compoundActions.length;
	let isFailed = false;
	for (const child of compoundActions) {
		startAction(walk, child, (isSuccess) => {
			open -= 1;
			if (!isSuccess && !isFailed) onSettled(false);
			isFailed ||= !isSuccess;
			if (open === 0 && !isFailed) onSettled(true);
		});
	}
}

function startFunction(walk: Walk, action: FunctionAction, onSettled: OnSettled): void {
	startTask(walk, toScheduledTask(action), onSettled);
}

/** A timer follows every failure, the last one too: SDK and framework agree on it, and the history must have it. */
function startWithRetry(walk: Walk, action: FunctionAction, onSettled: OnSettled): void {
	const retry = action.retryOptions as RetryOptions;
	if (retry.retryTimeoutInMilliseconds !== undefined) {
		throw new WorkflowFailure(
			'Cannot run the orchestrator: it sets retryTimeoutInMilliseconds, which Azure obeys and the SDK does not know, so that it would wait for ever; use maxNumberOfAttempts',
		);
	}
	const attempt = (number: number) =>
		startFunction(walk, action, (isSuccess) => {
			if (isSuccess) {
				onSettled(true);
				return;
			}
			const isLast = number >= retry.maxNumberOfAttempts;
			const timer = toTimer(walk.now + retryDelayMs(retry, number));
			startTask(walk, timer, () => (isLast ? onSettled(false) : attempt(number + 1)));
		});
	attempt(1);
}

function startTimer(walk: Walk, timer: TimerAction, onSettled: OnSettled): void {
	const fireAt = Date.parse(timer.fireAt);
	const step = nextTimerStep(walk.now, fireAt);
	const onFired = step === fireAt ? onSettled : () => startTimer(walk, timer, onSettled);
	// A timer that was cancelled before it was created is never created, but takes its id.
	if (timer.isCanceled && !walk.recorded.has(walk.nextTaskId)) walk.nextTaskId += 1;
	else startTask(walk, toTimer(step), onFired);
}

function startEvent(walk: Walk, { externalEventName: name }: EventAction, onSettled: OnSettled): void {
	if (walk.early.get(name)?.shift()) onSettled(true);
	else walk.waitingEvents.set(name, [...(walk.waitingEvents.get(name) ?? []), onSettled]);
}

/** Gives the task the next id, and checks it against the history or adds it to the new ones. */
function startTask(walk: Walk, task: ScheduledTask, onSettled: OnSettled): void {
	const taskId = walk.nextTaskId;
	walk.nextTaskId += 1;
	const recorded = walk.recorded.get(taskId);
	if (recorded) claim(recorded, task);
	else walk.scheduled.push({ ...withChildId(task, walk.executionId, taskId), EventId: taskId } as NewEvent);
	walk.recorded.delete(taskId);
	const early = walk.early.get(taskId)?.shift();
	if (early === undefined) walk.waitingTasks.set(taskId, onSettled);
	else onSettled(early);
}
