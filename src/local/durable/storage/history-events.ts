/**
 * The events of an orchestration's history, in the shape that the durable-functions SDK replays (its
 * `HistoryEventType`). Every `Input` and `Result` is JSON text.
 */
export const eventTypes = {
	executionStarted: 0,
	executionCompleted: 1,
	executionTerminated: 3,
	taskScheduled: 4,
	taskCompleted: 5,
	taskFailed: 6,
	subOrchestrationCreated: 7,
	subOrchestrationCompleted: 8,
	subOrchestrationFailed: 9,
	timerCreated: 10,
	timerFired: 11,
	orchestratorStarted: 12,
	orchestratorCompleted: 13,
	eventRaised: 15,
	executionSuspended: 19,
	executionResumed: 20,
} as const;

type Type = typeof eventTypes;

interface Fields<T extends number> {
	EventType: T;
	/** Task id of a scheduling event, -1 of every other. */
	EventId: number;
	IsPlayed: boolean;
	/** ISO time. */
	Timestamp: string;
}

interface InstanceRef {
	InstanceId: string;
	ExecutionId: string;
}

export interface ExecutionStarted extends Fields<Type['executionStarted']> {
	Name: string;
	Version: string;
	Input: string | null;
	Tags: null;
	OrchestrationInstance: InstanceRef;
	ParentInstance: { OrchestrationInstance: InstanceRef; TaskScheduleId: number } | null;
}

interface ExecutionCompleted extends Fields<Type['executionCompleted']> {
	OrchestrationStatus: 'Completed' | 'Failed' | 'Terminated';
	Result: string | null;
}

interface ExecutionTerminated extends Fields<Type['executionTerminated']> {
	Input: string;
}

export interface TaskScheduled extends Fields<Type['taskScheduled']> {
	Name: string;
	Version: string;
	/** JSON text of an array with the one input. */
	Input: string;
}

export interface SubOrchestrationCreated extends Fields<Type['subOrchestrationCreated']> {
	Name: string;
	Version: string;
	InstanceId: string;
	Input: string;
}

export interface TimerCreated extends Fields<Type['timerCreated']> {
	FireAt: string;
}

interface TimerFired extends Fields<Type['timerFired']> {
	TimerId: number;
	FireAt: string;
}

interface Completed extends Fields<Type['taskCompleted'] | Type['subOrchestrationCompleted']> {
	TaskScheduledId: number;
	Result: string | null;
}

interface Failed extends Fields<Type['taskFailed'] | Type['subOrchestrationFailed']> {
	TaskScheduledId: number;
	Reason: string;
	Details: string;
}

interface EventRaised extends Fields<Type['eventRaised']> {
	Name: string;
	Input: string;
}

interface Paused extends Fields<Type['executionSuspended'] | Type['executionResumed']> {
	Reason: string;
}

type Marker = Fields<Type['orchestratorStarted'] | Type['orchestratorCompleted']>;

/** A task that the orchestrator has started; its `EventId` is the task id. */
export type SchedulingEvent = TaskScheduled | SubOrchestrationCreated | TimerCreated;

type CompletionEvent = Completed | Failed | TimerFired;

export type HistoryEvent =
	| ExecutionStarted
	| ExecutionCompleted
	| ExecutionTerminated
	| SchedulingEvent
	| CompletionEvent
	| EventRaised
	| Paused
	| Marker;

type WithoutStamp<E> = E extends HistoryEvent ? Omit<E, 'EventId' | 'IsPlayed' | 'Timestamp'> : never;
export type NewEvent = WithoutStamp<HistoryEvent> & { EventId?: number };

/** Completes an event that happens now. */
export function stampEvent(event: NewEvent, now: Date): HistoryEvent {
	return { EventId: -1, IsPlayed: false, Timestamp: now.toISOString(), ...event } as HistoryEvent;
}

const schedulingTypes: ReadonlySet<number> = new Set([
	eventTypes.taskScheduled,
	eventTypes.subOrchestrationCreated,
	eventTypes.timerCreated,
]);

export function isScheduling(event: HistoryEvent): event is SchedulingEvent {
	return schedulingTypes.has(event.EventType);
}

/** The task that the event completes; undefined when it completes none. */
export function completedTaskId(event: HistoryEvent): number | undefined {
	if ('TaskScheduledId' in event) return event.TaskScheduledId;
	return 'TimerId' in event ? event.TimerId : undefined;
}

/** Tasks that are scheduled in `history`, and complete neither there nor in `waiting`. */
export function openTasks(history: readonly HistoryEvent[], waiting: readonly HistoryEvent[]): SchedulingEvent[] {
	const completed = new Set([...history, ...waiting].map(completedTaskId));
	return history.filter(isScheduling).filter(({ EventId }) => !completed.has(EventId));
}

export function hasBegun(history: readonly HistoryEvent[]): boolean {
	return history.some(({ EventType }) => EventType === eventTypes.executionStarted);
}
