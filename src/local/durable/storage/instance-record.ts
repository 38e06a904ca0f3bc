import type { HistoryEvent } from './history-events.ts';

/** What is known of an instance besides its history. Texts are JSON. */
export interface InstanceRecord {
	instanceId: string;
	name: string;
	version: string;
	/** Changes with continue-as-new; task ids count within one execution. */
	executionId: string;
	status: 'Pending' | 'Running' | 'Completed' | 'Failed' | 'Terminated';
	isSuspended: boolean;
	input: string | null;
	output: string | null;
	customStatus: string | null;
	/** ISO time. */
	createdTime: string;
	lastUpdatedTime: string;
	/** Of a sub-orchestration: the task that waits for it. */
	parent: { instanceId: string; executionId: string; taskId: number } | null;
	/** Events of the present execution; whatever lies beyond was never committed. */
	historyLength: number;
}

/** Something that arrived for an instance. */
export interface Message {
	/** Order of arrival, also over restarts. */
	sequence: number;
	event: HistoryEvent;
	/** The execution whose task this completes; results for another one are foreign. */
	executionId?: string;
	/** Has a row, which the episode that consumes it deletes. */
	isStored: boolean;
}

const finishedStatuses: ReadonlySet<InstanceRecord['status']> = new Set(['Completed', 'Failed', 'Terminated']);

export function isFinished({ status }: InstanceRecord): boolean {
	return finishedStatuses.has(status);
}

/** The status that clients see. */
export function runtimeStatus(record: InstanceRecord): InstanceRecord['status'] | 'Suspended' {
	return record.isSuspended && !isFinished(record) ? 'Suspended' : record.status;
}
