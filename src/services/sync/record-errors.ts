import { type RosterKind, rosterKinds } from '../../domain/roster/kinds.ts';
import { syncErrorId } from '../../domain/run-id.ts';
import type { SyncError } from '../../domain/sync-error.ts';
import type { SyncErrorCode } from '../../domain/sync-error-codes.ts';
import type { ShardRef, SyncDeps } from './sync-deps.ts';

/** One record that could not be written, in the words of the error resource. */
export interface RecordFailure {
	entryType: string;
	code: SyncErrorCode;
	message: string;
	joiningValue: string;
	reportableIdentifier: string;
}

/** Verification errors of kind k stand at stage k, sync errors after all of them. */
const firstSyncStage = 8;

/** Written this many at a time, so that a shard in which everything fails stays small in memory. */
const flushAt = 1000;

/** Collects the failures of one shard. Their ids come from their place, so that a repeated step overwrites its own. */
export function failureLog(deps: Pick<SyncDeps, 'errors' | 'clock'>, ref: ShardRef) {
	const stage = firstSyncStage + rosterKinds.indexOf(ref.kind);
	const recordedDateTime = `${deps.clock.now().toISOString().slice(0, 19)}Z`;
	let waiting: SyncError[] = [];
	let count = 0;
	async function flush(): Promise<void> {
		if (waiting.length > 0) await deps.errors.save(ref.profileId, waiting);
		waiting = [];
	}
	return {
		get count() {
			return count;
		},
		async add({ code, message, ...failure }: RecordFailure): Promise<void> {
			const id = syncErrorId({ runId: ref.runId, stage, shard: ref.shard, index: count++ });
			waiting.push({ id, errorCode: code, errorMessage: message, recordedDateTime, ...failure });
			if (waiting.length >= flushAt) await flush();
		},
		flush,
	};
}

export type FailureLog = ReturnType<typeof failureLog>;

/** `Student`, `Section`…, as the error resource names what a row is about. */
export function entryTypeOf(kind: RosterKind | 'file'): string {
	return kind.charAt(0).toUpperCase() + kind.slice(1);
}
