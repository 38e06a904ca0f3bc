import type { RosterKind } from '../../src/domain/roster/kinds.ts';
import { addTally, plannedWrites, type Tallies } from '../../src/domain/sync/tally.ts';
import type { SyncRef } from '../../src/ports.ts';
import { applyShard } from '../../src/services/sync/apply-shard.ts';
import { beginRun } from '../../src/services/sync/begin-run.ts';
import { compareShard } from '../../src/services/sync/compare-shard.ts';
import type { RunResult } from '../../src/services/sync/finish-run.ts';
import { type PlannedShard, planRun } from '../../src/services/sync/plan-run.ts';
import { shardRefs, shardRoster, snapshotCountsAfter } from '../../src/services/sync/shard-roster.ts';
import type { SyncDeps } from '../../src/services/sync/sync-deps.ts';

/** Does a step of a run; it may wait before, or do it twice, since delivery is at least once. */
export type StepDelivery = <T>(work: () => Promise<T>) => Promise<T>;

/** As `functions/sync-profile.ts` has it. */
const applyOrder: readonly (readonly RosterKind[])[] = [
	['school'],
	['student', 'teacher'],
	['section'],
	['studentEnrollment', 'teacherRoster'],
];

/** The steps of a run up to its last, in the order of the orchestration, without it. */
export async function runSteps(deps: SyncDeps, run: SyncRef, step: StepDelivery): Promise<RunResult> {
	await step(() => beginRun(deps, run));
	const manifest = await step(() => shardRoster(deps, run));
	let tallies: Tallies = {};
	const planned: PlannedShard[] = [];
	const compared = await Promise.all(
		shardRefs(run, manifest).map(async (ref) => ({ ref, tally: await step(() => compareShard(deps, ref)) })),
	);
	for (const { ref, tally } of compared) {
		tallies = addTally(tallies, ref.kind, tally);
		if (plannedWrites(tally) > 0) planned.push({ ref, writes: plannedWrites(tally) });
	}
	await step(() => planRun(deps, run, planned));
	const counts = snapshotCountsAfter(manifest);
	let directoryWrites = 0;
	for (const kinds of applyOrder) {
		const refs = planned.map(({ ref }) => ref).filter(({ kind }) => kinds.includes(kind));
		const applied = await Promise.all(
			refs.map(async ({ kind, ...ref }) => ({
				kind,
				...(await step(() => applyShard(deps, { ...ref, kind }, counts))),
			})),
		);
		for (const { kind, failed, writes } of applied) {
			tallies = addTally(tallies, kind, { failed });
			directoryWrites += writes;
		}
	}
	return { tallies, directoryWrites, manifest: counts };
}
