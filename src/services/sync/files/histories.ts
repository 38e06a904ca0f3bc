import {
	begun,
	committed,
	ended,
	type HistoryRecord,
	type SlicePlace,
	tellingUntil,
} from '../../../domain/sync/history/history.ts';
import type { ProfileRef, SyncRef } from '../../../ports.ts';
import { disturbed, untilUndisturbed } from '../../../undisturbed.ts';
import { RunEndedError, type SyncDeps } from '../sync-deps.ts';
import type { SnapshotPlace } from './snapshots.ts';

/**
 * Reads, changes and writes the history, again if somebody was faster. Throws `RunEndedError` if `edit` answers undefined: then
 * there is a newer run.
 */
export async function changeHistory(
	{ histories }: Pick<SyncDeps, 'histories'>,
	{ profileId }: ProfileRef,
	edit: (record: HistoryRecord | undefined) => HistoryRecord | undefined,
): Promise<HistoryRecord> {
	return untilUndisturbed(`change the history of profile "${profileId}"`, async () => {
		const stored = await histories.get(profileId);
		const next = edit(stored?.record);
		if (!next) throw new RunEndedError(profileId);
		if (next === stored?.record) return next;
		const written = { record: next, ...(stored ? { version: stored.version } : {}) };
		return (await histories.replace(profileId, written)) ? next : disturbed;
	});
}

/** The history, for a step that only reads. Throws `RunEndedError` if there is a newer run. */
export async function requireHistory({ histories }: Pick<SyncDeps, 'histories'>, ref: SyncRef): Promise<HistoryRecord> {
	const record = (await histories.get(ref.profileId))?.record;
	if (record?.epoch !== ref.runId) throw new RunEndedError(ref.profileId);
	return record;
}

/** How long a step may write to the directory before it must ask again. A dead one keeps its successor waiting as long. */
const leaseMs = 60_000;
/** It asks well before. */
const renewBeforeMs = 40_000;

export interface Lease {
	/** Until when the next request to the directory may last. Throws `RunEndedError` if there is a newer run. Cheap to call often. */
	renew(): Promise<Date>;
}

/** Says that a slice is about to change what its plan names; from now on that counts as unknown until there is a journal. */
export function beginSlice(deps: SyncDeps, ref: SyncRef, place: SlicePlace): Promise<Lease> {
	return lease(deps, ref, (record, until) => begun(record, ref.runId, place, until));
}

/** Says that the directory is about to be told which objects have other SIS ids. */
export function beginTelling(deps: SyncDeps, ref: SyncRef): Promise<Lease> {
	return lease(deps, ref, (record, until) => tellingUntil(record, ref.runId, until));
}

/** It is not told more, for now: whoever comes next need not wait. */
export async function endTelling(deps: SyncDeps, ref: SyncRef): Promise<void> {
	await changeHistory(deps, ref, (record) => record && tellingUntil(record, ref.runId, new Date(0)));
}

async function lease(
	deps: SyncDeps,
	ref: SyncRef,
	edit: (record: HistoryRecord, until: Date) => HistoryRecord | undefined,
): Promise<Lease> {
	const write = async (): Promise<Date> => {
		const until = new Date(deps.clock.now().getTime() + leaseMs);
		await changeHistory(deps, ref, (record) => record && edit(record, until));
		return until;
	};
	let until = await write();
	let writing: Promise<Date> | undefined;
	/** Many requests may ask at once. */
	const writeOnce = () => {
		writing ??= write().finally(() => {
			writing = undefined;
		});
		return writing;
	};
	return {
		async renew() {
			const left = until.getTime() - deps.clock.now().getTime();
			// A clock that was set back must not make the lease longer than others believe it to be.
			if (left < renewBeforeMs || left > leaseMs) until = await writeOnce();
			return until;
		},
	};
}

/** The slice writes no more. Of a run that has a successor, too: it need not wait. */
export async function endSlice(deps: SyncDeps, ref: SyncRef, place: SlicePlace): Promise<void> {
	await changeHistory(deps, ref, (record) => record && ended(record, ref.runId, place));
}

/** The shard has another file from now on. Throws `RunEndedError` if there is a newer run. */
export async function commitFile(deps: SyncDeps, ref: SyncRef, place: SnapshotPlace & { file: string }): Promise<void> {
	await changeHistory(deps, ref, (record) => record && committed(record, ref.runId, place));
}
