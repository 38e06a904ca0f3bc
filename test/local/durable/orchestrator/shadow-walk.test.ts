import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	type Action,
	actionTypes,
	type RetryOptions,
} from '../../../../src/local/durable/orchestrator/orchestrator-actions.ts';
import { walkShadow } from '../../../../src/local/durable/orchestrator/shadow-walk.ts';
import {
	eventTypes,
	type HistoryEvent,
	isScheduling,
	type NewEvent,
	type SchedulingEvent,
	stampEvent,
} from '../../../../src/local/durable/storage/history-events.ts';

const startTime = '2026-03-01T10:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(startTime) + seconds * 1000);
const stamp = (event: NewEvent, seconds = 0) => stampEvent(event, at(seconds));

const begun: HistoryEvent[] = [
	stamp({ EventType: eventTypes.orchestratorStarted }),
	stamp({
		EventType: eventTypes.executionStarted,
		Name: 'sync',
		Version: '',
		Input: null,
		Tags: null,
		OrchestrationInstance: { InstanceId: 'i', ExecutionId: 'e' },
		ParentInstance: null,
	}),
];
const turn = (seconds: number) => stamp({ EventType: eventTypes.orchestratorStarted }, seconds);
const done = (TaskScheduledId: number) => stamp({ EventType: eventTypes.taskCompleted, TaskScheduledId, Result: null });
const failed = (TaskScheduledId: number) =>
	stamp({ EventType: eventTypes.taskFailed, TaskScheduledId, Reason: 'r', Details: 'd' });
const fired = (TimerId: number) => stamp({ EventType: eventTypes.timerFired, TimerId, FireAt: startTime });
const raised = (Name: string) => stamp({ EventType: eventTypes.eventRaised, Name, Input: '1' });

const activity = (functionName: string): Action => ({ actionType: actionTypes.callActivity, functionName, input: {} });
const child = (functionName: string, instanceId?: string): Action => ({
	actionType: actionTypes.callSubOrchestrator,
	functionName,
	...(instanceId ? { instanceId } : {}),
});
const retried = (functionName: string, options: Partial<RetryOptions> = {}): Action => ({
	actionType: actionTypes.callActivityWithRetry,
	functionName,
	retryOptions: { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: 2, ...options },
});
const timer = (seconds: number, isCanceled = false): Action => ({
	actionType: actionTypes.createTimer,
	fireAt: at(seconds).toISOString(),
	isCanceled,
});
const event = (externalEventName: string): Action => ({
	actionType: actionTypes.waitForExternalEvent,
	externalEventName,
});
const all = (...compoundActions: Action[]): Action => ({ actionType: actionTypes.whenAll, compoundActions });
const any = (...compoundActions: Action[]): Action => ({ actionType: actionTypes.whenAny, compoundActions });

/** New tasks as "id name", "id timer seconds" or "id name as child id". */
function walk(history: HistoryEvent[], ...actions: Action[]): string[] {
	return walkShadow(history, actions, 'exec').map(describeTask);
}

function describeTask(task: NewEvent): string {
	if (task.EventType === eventTypes.timerCreated) {
		return `${task.EventId} timer ${(Date.parse(task.FireAt) - Date.parse(startTime)) / 1000}`;
	}
	if (task.EventType === eventTypes.subOrchestrationCreated)
		return `${task.EventId} ${task.Name} as ${task.InstanceId}`;
	return `${task.EventId} ${'Name' in task ? task.Name : task.EventType}`;
}

/** Adds what the walk schedules to the history, as an episode does. */
function played(history: HistoryEvent[], ...actions: Action[]): HistoryEvent[] {
	return [...history, ...walkShadow(history, actions, 'exec').map((task) => stamp(task))];
}

describe('the walk', () => {
	test('numbers tasks depth-first, in the order in which they are yielded', () => {
		const first = all(activity('a'), any(activity('b'), event('x'), timer(5)), child('c'));
		expect(walk(begun, first, activity('later'))).toEqual(['0 a', '1 b', '2 timer 5', '3 c as exec:00000003']);
	});

	test('goes on to the next action when the one before is finished', () => {
		const history = [...played(begun, activity('a')), turn(1), done(0)];
		expect(walk(history, activity('a'), activity('b'))).toEqual(['1 b']);
		expect(walk(played(begun, activity('a')), activity('a'), activity('b'))).toEqual([]);
	});

	test('starts nothing before the execution begins', () => {
		expect(walk(begun.slice(0, 1), activity('a'))).toEqual([]);
	});

	test('names a child by its parent only if it has no name of its own', () => {
		expect(walk(begun, all(child('c', 'mine'), child('c')))).toEqual(['0 c as mine', '1 c as exec:00000001']);
	});

	test('ends Task.any with the first child, also when that fails', () => {
		const race = any(activity('a'), activity('b'));
		const history = played(begun, race);
		expect(walk([...history, failed(1)], race, activity('next'))).toEqual(['2 next']);
	});

	test('ends Task.all with the first failure, or when all have succeeded', () => {
		const both = all(activity('a'), activity('b'));
		const history = played(begun, both);
		expect(walk([...history, done(0)], both, activity('next'))).toEqual([]);
		expect(walk([...history, failed(0)], both, activity('next'))).toEqual(['2 next']);
		expect(walk([...history, done(1), done(0)], both, activity('next'))).toEqual(['2 next']);
	});

	test('keeps an event that comes before it is waited for', () => {
		const history = [...played(begun, activity('a')), raised('x'), raised('x'), done(0)];
		expect(walk(history, activity('a'), event('x'), event('x'), activity('b'))).toEqual(['1 b']);
		expect(walk(history, activity('a'), event('x'), event('x'), event('x'), activity('b'))).toEqual([]);
	});

	test('serves several waits for one event last in, first out', () => {
		const waits = all(event('x'), any(event('x'), activity('a')));
		const history = [...played(begun, waits), raised('x')];
		// The second wait has it; the first one still holds the whole up.
		expect(walk(history, waits, activity('next'))).toEqual([]);
		expect(walk([...history, raised('x')], waits, activity('next'))).toEqual(['1 next']);
	});

	test('schedules a task again that is yielded again inside Task.any (durable-js issue 574)', () => {
		const tasks = any(activity('a'), activity('b'));
		const history = [...played(begun, tasks), done(0)];
		expect(walk(history, tasks, tasks)).toEqual(['2 a', '3 b']);
	});
});

describe('a retry', () => {
	test('takes an id for a timer after each failure, the last one too, and one for each attempt', () => {
		const retry = retried('a');
		let history = [...played(begun, retry), turn(10), failed(0)];
		expect(walk(history, retry)).toEqual(['1 timer 11']);
		history = [...played(history, retry), turn(20), fired(1)];
		expect(walk(history, retry)).toEqual(['2 a']);
		history = [...played(history, retry), turn(30), failed(2)];
		expect(walk(history, retry, activity('next'))).toEqual(['3 timer 31']);
		history = [...played(history, retry), turn(40), fired(3)];
		expect(walk(history, retry, activity('next'))).toEqual(['4 next']);
	});

	test('waits longer each time, up to the maximum', () => {
		const retry = retried('a', {
			maxNumberOfAttempts: 9,
			backoffCoefficient: 3,
			maxRetryIntervalInMilliseconds: 5000,
		});
		let history = played(begun, retry);
		const waits: string[] = [];
		for (let attempt = 0; attempt < 4; attempt += 1) {
			history = [...history, failed(attempt * 2)];
			waits.push(...walk(history, retry));
			history = [...played(history, retry), fired(attempt * 2 + 1)];
			history = played(history, retry);
		}
		expect(waits).toEqual(['1 timer 1', '3 timer 3', '5 timer 5', '7 timer 5']);
	});

	test('inside Task.all takes its ids when its failure comes', () => {
		const both = all(retried('a'), retried('b'));
		const history = [...played(begun, both), failed(1), failed(0)];
		expect(walk(history, both)).toEqual(['2 timer 1', '3 timer 1']);
	});
});

describe('a timer', () => {
	test('that is cancelled before it was created takes its id and is not created', () => {
		expect(walk(begun, any(event('x'), timer(5, true)), activity('a'))).toEqual([]);
		const history = [...begun, raised('x')];
		expect(walk(history, any(event('x'), timer(5, true)), activity('a'))).toEqual(['1 a']);
	});

	test('that is cancelled later stays in the history', () => {
		const history = [...played(begun, any(event('x'), timer(5))), raised('x')];
		expect(walk(history, any(event('x'), timer(5, true)), activity('a'))).toEqual(['1 a']);
	});
});

describe('a workflow that is not deterministic', () => {
	test.each<[string, Action, string]>([
		['another activity', activity('b'), 'the orchestrator starts activity "b" in its place'],
		['another kind of task', timer(5), 'the orchestrator starts a timer in its place'],
	])('is found by %s', (_what, action, message) => {
		const history = played(begun, activity('a'));
		expect(() => walk(history, action)).toThrow(message);
		expect(() => walk(history, action)).toThrow('Non-Deterministic workflow detected: task 0 was activity "a"');
	});

	test('is found by a task that is not started any more', () => {
		expect(() => walk(played(begun, activity('a')))).toThrow('the orchestrator did not schedule it again');
	});

	test('is not one because of letter case', () => {
		expect(walk(played(begun, activity('a')), activity('A'))).toEqual([]);
	});
});

test('an action of an unknown type fails with the words of Azure', () => {
	const unknown = { actionType: 99 } as unknown as Action;
	const message = "Received an unexpected action type from the out-of-proc function: '99'.";
	expect(() => walk(begun, unknown)).toThrow(message);
});

test('whatever the tree of tasks and the order of results, ids are counted without gap or repetition', () => {
	const leaf = fc.constantFrom(activity('a'), retried('r'), child('c'), event('x'), timer(5));
	const tree = fc.letrec<{ action: Action }>((tie) => ({
		action: fc.oneof(
			{ maxDepth: 3 },
			leaf,
			fc.array(tie('action'), { minLength: 1, maxLength: 4 }).map((children) => all(...children)),
			fc.array(tie('action'), { minLength: 1, maxLength: 4 }).map((children) => any(...children)),
		),
	})).action;
	const pick = fc.tuple(fc.nat(), fc.boolean());
	fc.assert(
		fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), fc.array(pick, { maxLength: 30 }), (actions, picks) => {
			let history = played(begun, ...actions);
			for (const [choice, isSuccess] of picks) {
				const completed = new Set(
					history.map((one) => ('TimerId' in one ? one.TimerId : 'TaskScheduledId' in one ? one.TaskScheduledId : -1)),
				);
				const open = history.filter(isScheduling).filter(({ EventId }) => !completed.has(EventId));
				const chosen = open[choice % (open.length + 1)];
				history = played([...history, chosen ? answer(chosen, isSuccess) : raised('x')], ...actions);
				expect(walk(history, ...actions)).toEqual([]);
			}
			const ids = history.filter(isScheduling).map(({ EventId }) => EventId);
			expect(ids).toEqual(ids.map((_, index) => index));
		}),
		{ seed: 11, numRuns: 200 },
	);
});

function answer(task: SchedulingEvent, isSuccess: boolean): HistoryEvent {
	if (task.EventType === eventTypes.timerCreated) return fired(task.EventId);
	return isSuccess ? done(task.EventId) : failed(task.EventId);
}
