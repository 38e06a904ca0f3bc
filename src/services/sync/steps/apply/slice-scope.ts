import type { Profile } from '../../../../domain/profile.ts';
import type { Slice } from '../../../../domain/sync/course.ts';
import type { HistoryRecord } from '../../../../domain/sync/history/history.ts';
import type { Journal } from '../../../../domain/sync/history/journal.ts';
import type { MembershipKind } from '../../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../../ports.ts';
import type { Lease } from '../../files/histories.ts';
import type { FailureLog } from '../../record-errors.ts';

/** A part of a shard's plan, as the orchestration hands it to a step. */
export type SliceRef = SyncRef & Slice;

/** What carries out a slice works with. */
export interface SliceScope {
	ref: SliceRef;
	profile: Profile;
	plan: Uint8Array;
	/** As it is when the slice begins: what the kinds before have written is in it. */
	history: HistoryRecord;
	lease: Lease;
	failures: FailureLog;
	journal: Journal;
	report: (done: number) => Promise<void>;
}

export type MembershipScope = SliceScope & { ref: { kind: MembershipKind } };
