import { completedTaskId, eventTypes, type HistoryEvent, isScheduling } from '../storage/history-events.ts';
import type { InstanceRecord, Message } from '../storage/instance-record.ts';

/** What an episode takes from an inbox. */
export interface Selection {
	/** Everything that the episode consumes, with or without effect. */
	taken: Message[];
	/** Events for the history, in order. */
	events: HistoryEvent[];
	isSuspended: boolean;
	/** Wins over everything else. */
	termination?: HistoryEvent;
}

/** The rows that an episode deletes must fit into its transaction (100 rows), besides the instance row. */
const maxStoredMessages = 80;

/**
 * Suspending and resuming take effect in order of arrival; what arrives in between stays in the inbox. Results are
 * delivered at least once: one that the history knows, or that answers a task of another execution, has no effect.
 */
export function selectMessages(
	inbox: Iterable<Message>,
	record: InstanceRecord,
	history: readonly HistoryEvent[],
): Selection {
	const messages = atMostStored([...inbox], maxStoredMessages);
	const termination = messages.find(({ event }) => event.EventType === eventTypes.executionTerminated);
	if (termination) return { taken: messages, events: [], isSuspended: false, termination: termination.event };

	const isAnswer = answerFilter(record.executionId, history);
	let { isSuspended } = record;
	let held: Message[] = [];
	const taken: Message[] = [];
	const events: HistoryEvent[] = [];
	const take = (message: Message) => {
		taken.push(message);
		if (isAnswer(message)) events.push(message.event);
	};
	for (const message of messages) {
		const type = message.event.EventType;
		const isControl = type === eventTypes.executionSuspended || type === eventTypes.executionResumed;
		if (isSuspended && !isControl) held.push(message);
		else take(message);
		if (isControl) isSuspended = type === eventTypes.executionSuspended;
		if (!isSuspended) {
			held.forEach(take);
			held = [];
		}
	}
	return { taken, events, isSuspended };
}

/** True if the inbox holds something that an episode would take now. */
export function canTake(inbox: Iterable<Message>, { isSuspended }: InstanceRecord): boolean {
	const messages = [...inbox];
	return isSuspended ? messages.some(({ event }) => controlTypes.has(event.EventType)) : messages.length > 0;
}

const controlTypes: ReadonlySet<number> = new Set([
	eventTypes.executionSuspended,
	eventTypes.executionResumed,
	eventTypes.executionTerminated,
]);

function atMostStored(messages: readonly Message[], limit: number): Message[] {
	let stored = 0;
	return messages.filter(({ isStored }) => !isStored || ++stored <= limit);
}

/** True for everything but results that nobody waits for; remembers what it has let through. */
function answerFilter(executionId: string, history: readonly HistoryEvent[]): (message: Message) => boolean {
	const open = new Set(history.filter(isScheduling).map(({ EventId }) => EventId));
	for (const event of history) open.delete(completedTaskId(event) ?? -1);
	return (message) => {
		const taskId = completedTaskId(message.event);
		return taskId === undefined || (message.executionId === executionId && open.delete(taskId));
	};
}
