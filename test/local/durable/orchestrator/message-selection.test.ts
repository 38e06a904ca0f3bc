import { describe, expect, test } from 'vitest';
import { canTake, selectMessages } from '../../../../src/local/durable/orchestrator/message-selection.ts';
import {
	eventTypes,
	type HistoryEvent,
	type NewEvent,
	stampEvent,
} from '../../../../src/local/durable/storage/history-events.ts';
import type { InstanceRecord, Message } from '../../../../src/local/durable/storage/instance-record.ts';

const now = new Date('2026-03-01T10:00:00Z');
const record = { executionId: 'e2', isSuspended: false } as InstanceRecord;
const suspended = { ...record, isSuspended: true };
const stamp = (event: NewEvent) => stampEvent(event, now);

let sequence = 0;
function message(event: NewEvent, executionId?: string): Message {
	sequence += 1;
	return { sequence, event: stamp(event), isStored: true, ...(executionId ? { executionId } : {}) };
}

const raise = (Name: string) => message({ EventType: eventTypes.eventRaised, Name, Input: '1' });
const suspend = () => message({ EventType: eventTypes.executionSuspended, Reason: '' });
const resume = () => message({ EventType: eventTypes.executionResumed, Reason: '' });
const terminate = () => message({ EventType: eventTypes.executionTerminated, Input: '"enough"' });
const result = (TaskScheduledId: number, executionId = 'e2') =>
	message({ EventType: eventTypes.taskCompleted, TaskScheduledId, Result: '1' }, executionId);
const scheduled = (EventId: number): HistoryEvent =>
	stamp({ EventType: eventTypes.taskScheduled, EventId, Name: 'a', Version: '', Input: '[{}]' });

const select = (inbox: Message[], of = record, history: HistoryEvent[] = []) => selectMessages(inbox, of, history);
const eventsOf = (messages: Message[]) => messages.map(({ event }) => event);

describe('an episode takes', () => {
	test('everything, in order', () => {
		const inbox = [raise('a'), raise('b')];
		expect(select(inbox)).toEqual({ taken: inbox, events: eventsOf(inbox), isSuspended: false });
	});

	test('what comes before a suspension, and holds what comes after it', () => {
		const inbox = [raise('a'), suspend(), raise('b')];
		const { taken, isSuspended } = select(inbox);
		expect(taken).toEqual(inbox.slice(0, 2));
		expect(isSuspended).toBe(true);
	});

	test('what was held, after the message that resumes', () => {
		const [early, resumed, late] = [raise('a'), resume(), raise('b')];
		const { events, isSuspended } = select([early, resumed, late], suspended);
		expect(events).toEqual(eventsOf([resumed, early, late]));
		expect(isSuspended).toBe(false);
	});

	test('termination alone, wherever it stands, also of a suspended instance', () => {
		const inbox = [raise('a'), suspend(), terminate(), raise('b')];
		for (const of of [record, suspended]) {
			expect(select(inbox, of)).toMatchObject({ taken: inbox, events: [], termination: inbox[2]?.event });
		}
	});

	test('a result once', () => {
		const inbox = [result(0), result(0)];
		const { taken, events } = select(inbox, record, [scheduled(0)]);
		expect(taken).toEqual(inbox);
		expect(events).toEqual(eventsOf(inbox.slice(0, 1)));
	});

	test.each<[string, Message, HistoryEvent[]]>([
		['that the history knows', result(0), [scheduled(0), result(0).event]],
		['for another execution', result(0, 'e1'), [scheduled(0)]],
		['for a task that nobody has started', result(5), [scheduled(0)]],
	])('a result %s without effect', (_which, late, history) => {
		expect(select([late], record, history)).toEqual({ taken: [late], events: [], isSuspended: false });
	});

	test('no more messages with rows than its transaction can delete', () => {
		const inbox = Array.from({ length: 150 }, () => raise('a'));
		const { taken } = select(inbox);
		expect(taken.length).toBeGreaterThan(10);
		expect(taken.length).toBeLessThan(100);
		expect(taken).toEqual(inbox.slice(0, taken.length));
	});
});

test('a suspended instance has something to do only when it is resumed or ended', () => {
	expect(canTake([raise('a')], record)).toBe(true);
	expect(canTake([], record)).toBe(false);
	expect(canTake([raise('a')], suspended)).toBe(false);
	expect(canTake([raise('a'), resume()], suspended)).toBe(true);
	expect(canTake([terminate()], suspended)).toBe(true);
});
