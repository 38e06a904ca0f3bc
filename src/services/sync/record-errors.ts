import type { RosterKind } from '../../domain/roster/format/kinds.ts';
import { syncErrorId } from '../../domain/run-id.ts';
import { type SyncKind, syncKinds } from '../../domain/sync/sync-kinds.ts';
import type { SyncError } from '../../domain/sync-error.ts';
import type { SyncErrorCode } from '../../domain/sync-error-codes.ts';
import type { SyncDeps } from './sync-deps.ts';

/** One record that could not be written, in the words of the error resource. */
export interface RecordFailure {
	entryType: string;
	code: SyncErrorCode;
	message: string;
	joiningValue: string;
	reportableIdentifier: string;
}

/** Verification errors of kind k stand at stage k, sync errors after all of them. */
export const firstSyncStage = 8;

/** The place of a slice: the errors of one are written in one go, in their order, and a repeated step overwrites its own. */
interface LogPlace {
	profileId: string;
	runId: string;
	kind: SyncKind;
	number: number;
}

/** Collects the failures of one slice. */
export function failureLog(deps: Pick<SyncDeps, 'errors' | 'clock'>, { profileId, runId, kind, number }: LogPlace) {
	const stage = firstSyncStage + syncKinds.indexOf(kind);
	const recordedDateTime = `${deps.clock.now().toISOString().slice(0, 19)}Z`;
	const errors: SyncError[] = [];
	return {
		get count() {
			return errors.length;
		},
		add({ code, message, ...failure }: RecordFailure): void {
			const id = syncErrorId({ runId, stage, shard: number, index: errors.length });
			errors.push({ id, errorCode: code, errorMessage: message, recordedDateTime, ...failure });
		},
		async flush(): Promise<void> {
			if (errors.length > 0) await deps.errors.save(profileId, errors);
		},
	};
}

export type FailureLog = ReturnType<typeof failureLog>;

/** `Student`, `Section`…, as the error resource names what a row is about. */
export function entryTypeOf(kind: RosterKind | 'file'): string {
	return kind.charAt(0).toUpperCase() + kind.slice(1);
}
