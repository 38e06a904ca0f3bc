import type { RosterKind } from '../../../domain/roster/format/kinds.ts';
import type { Run } from '../../../domain/run.ts';
import { compareEntities, compareMemberships } from '../../../domain/sync/comparison.ts';
import type { ShardPlan } from '../../../domain/sync/course.ts';
import { plannedPart } from '../../../domain/sync/plan.ts';
import { mappingFingerprint } from '../../../domain/sync/records/mapping.ts';
import { fileOf, isMembership, membershipRules } from '../../../domain/sync/sync-kinds.ts';
import { requireHistory } from '../files/histories.ts';
import { writePlan } from '../files/plan-files.ts';
import { shardPath } from '../files/roster-paths.ts';
import { forms, readSealed } from '../files/sealed-files.ts';
import { readSnapshot } from '../files/snapshots.ts';
import { loadRun, type ShardRef, type SyncDeps } from '../sync-deps.ts';
import { leaveFound } from '../undo/earlier-roster.ts';

/**
 * Step *compare*: one shard of the wanted roster against its snapshot; writes the plan of changes, slice by slice.
 * Idempotent: it reads what no later step has touched yet, and overwrites its own plan.
 */
export async function compareShard(deps: SyncDeps, ref: ShardRef): Promise<ShardPlan> {
	const { kind, shard } = ref;
	const { profile, run } = await loadRun(deps, ref);
	const { files } = await requireHistory(deps, ref);
	const name = `the file of ${kind} shard ${shard}`;
	const rows = await readSealed(deps.rosters, { path: shardPath(ref, kind, shard), form: forms.rows, name });
	const previous = await readSnapshot(deps, ref.profileId, { files, kind, shard });
	// An undo marks nobody as gone from the files, and leaves members alone whom no file brought.
	if (run.undoes && isMembership(kind)) leaveFound(previous);
	const options = {
		seed: deps.hashSeed(),
		mayRemove: run.undoes ? isMembership(kind) : isWhole(run, fileOf(kind)),
		recordsPerSlice: deps.recordsPerSlice,
	};
	const { unchanged, gone, parts } = isMembership(kind)
		? compareMemberships(rows, previous, { ...options, cutsGroups: membershipRules[kind].group === 'school' })
		: compareEntities(rows, previous, { ...options, mapping: mappingFingerprint(profile, kind) });
	for (const [part, bytes] of parts.entries()) await writePlan(deps.rosters, ref, { kind, shard, part, bytes });
	return { unchanged, gone, parts: parts.map((bytes) => plannedPart(kind, bytes)) };
}

/** Whether every row of a file was sound: as long as some are skipped, nobody knows whom they were about. */
function isWhole({ rows, skippedRows = {} }: Run, kind: RosterKind): boolean {
	return rows[kind] === undefined || (skippedRows[kind] ?? 0) === 0;
}
