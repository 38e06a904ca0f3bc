import { canTake } from '../orchestrator/message-selection.ts';
import { type HistoryEvent, hasBegun, openTasks, type SchedulingEvent } from '../storage/history-events.ts';
import type { Message } from '../storage/instance-record.ts';
import type { LoadedInstance } from '../storage/instance-rows.ts';
import type { StoredInstance } from '../storage/instance-store.ts';

/** An unfinished instance in memory: what its rows say, and what runs for it. */
export interface LiveInstance {
	stored: StoredInstance;
	history: HistoryEvent[];
	/** By sequence, which is also the order. */
	inbox: Map<number, Message>;
	/** An episode is running; the next one follows it. */
	isBusy: boolean;
	/** A write has failed and may have taken place: only the table knows, and must be asked first. */
	isDoubtful: boolean;
	/** Cancels the armed timers, by task id. */
	timers: Map<number, () => void>;
}

export function toLiveInstance(stored: StoredInstance, loaded?: LoadedInstance): LiveInstance {
	return {
		stored,
		history: loaded?.history ?? [],
		inbox: new Map(loaded?.messages.map((message) => [message.sequence, message])),
		isBusy: false,
		isDoubtful: false,
		timers: new Map(),
	};
}

export function hasWork({ stored: { record }, history, inbox, isDoubtful }: LiveInstance): boolean {
	return isDoubtful || canTake(inbox.values(), record) || (!record.isSuspended && !hasBegun(history));
}

/** Tasks whose results are neither in the history nor in the inbox. */
export function openTasksOf({ stored: { record }, history, inbox }: LiveInstance): SchedulingEvent[] {
	const answers = [...inbox.values()].filter(({ executionId }) => executionId === record.executionId);
	return openTasks(
		history,
		answers.map(({ event }) => event),
	);
}

export function cancelTimers({ timers }: LiveInstance): void {
	for (const cancel of timers.values()) cancel();
	timers.clear();
}
