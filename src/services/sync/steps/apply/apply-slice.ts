import { Journal, replay, resultOf, type SliceResult } from '../../../../domain/sync/history/journal.ts';
import type { EntityKind } from '../../../../domain/sync/records/attribute-map.ts';
import { isMembership, type SyncKind } from '../../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../../ports.ts';
import { beginSlice, commitFile, endSlice, requireHistory } from '../../files/histories.ts';
import { findJournal, readPlan, writeJournal, writePostponed } from '../../files/plan-files.ts';
import { payloadBytesOf, readSnapshot, writeSnapshot } from '../../files/snapshots.ts';
import { failureLog } from '../../record-errors.ts';
import { progressReporter, progressStep } from '../../shard-progress.ts';
import { loadRun, type SyncDeps } from '../../sync-deps.ts';
import { applyEntities } from './apply-entities.ts';
import { applyMemberships } from './apply-memberships.ts';
import type { PlannedRecord } from './planned-records.ts';
import type { MembershipScope, SliceRef, SliceScope } from './slice-scope.ts';

/**
 * Step *apply*: carries out one slice; with the last one of a shard, what all of them came to is committed. What it is about to change
 * is said before the directory is asked, and what came of it after, so that a kill leaves one slice in doubt and no more. A slice
 * that has its journal is not carried out again.
 */
export async function applySlice(deps: SyncDeps, ref: SliceRef): Promise<SliceResult> {
	const journal = await findJournal(deps.rosters, ref, ref);
	try {
		const result = journal ? resultOf(journal) : await carryOut(deps, ref);
		if (ref.part === ref.parts - 1) await commitShard(deps, ref);
		else await endSlice(deps, ref, ref);
		return result;
	} catch (error) {
		// Nothing is under way any more: whoever comes next need not wait. Without a journal the slice stays in doubt.
		await endSlice(deps, ref, ref).catch(() => {});
		throw error;
	}
}

async function carryOut(deps: SyncDeps, ref: SliceRef): Promise<SliceResult> {
	const { profile } = await loadRun(deps, ref);
	const plan = await readPlan(deps.rosters, ref, ref);
	const history = await requireHistory(deps, ref);
	const lease = await beginSlice(deps, ref, ref);
	const failures = failureLog(deps, ref);
	const journal = new Journal(payloadBytesOf(ref.kind));
	const report = progressReporter(deps, ref, { step: progressStep(ref), total: ref.records });
	const scope: SliceScope = { ref, profile, plan, history, lease, failures, journal, report };
	const { writes, held = 0, waiting = 0, postponed = [] } = await apply(deps, scope);
	if (postponed.length > 0) await writePostponed(deps.rosters, ref, { ...ref, records: postponed });
	// A run that has a successor must not list its errors among those of the successor.
	await requireHistory(deps, ref);
	await failures.flush();
	const result = { failed: failures.count + waiting, writes, held, postponed: postponed.length };
	await report(ref.records, writes);
	await writeJournal(deps.rosters, ref, { ...ref, parts: journal.encode(result) });
	return result;
}

/** What came of a slice besides its journal. */
interface Applied {
	writes: number;
	held?: number;
	waiting?: number;
	postponed?: readonly PlannedRecord[];
}

function apply(deps: SyncDeps, scope: SliceScope): Promise<Applied> {
	if (isMembership(scope.ref.kind)) return applyMemberships(deps, scope as MembershipScope);
	return applyEntities(deps, scope as SliceScope & { ref: { kind: EntityKind } });
}

/** Step *commit*: the shard's history takes up its journals. */
async function commitShard(deps: SyncDeps, ref: SliceRef): Promise<void> {
	const parts = Array.from({ length: ref.parts }, (_, part) => part);
	await commitJournals(deps, ref, { kind: ref.kind, shard: ref.shard, parts, file: ref.runId });
}

interface Commit {
	kind: SyncKind;
	shard: number;
	parts: readonly number[];
	/** The name of the history file that has it all. */
	file: string;
}

/** The history of a shard takes up the journals of these slices. Idempotent: once it has, nothing happens. */
export async function commitJournals(
	deps: SyncDeps,
	ref: SyncRef,
	{ kind, shard, parts, file }: Commit,
): Promise<void> {
	const { files } = await requireHistory(deps, ref);
	if (files[kind]?.[shard] === file) return;
	const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
	for (const part of parts) {
		const journal = await findJournal(deps.rosters, ref, { kind, shard, part });
		if (!journal) throw new Error(`Cannot commit ${kind} shard ${shard}: slice ${part} has no journal.`);
		replay(journal, snapshot);
	}
	await writeSnapshot(deps.rosters, ref.profileId, { kind, shard, file, snapshot });
	await commitFile(deps, ref, { kind, shard, file });
}
