import { createHash } from 'node:crypto';
import type { PlannedWrites } from '../../../directory-ports.ts';
import { type Run, runPhases } from '../../../domain/run.ts';
import type { KindShards, PlannedSlice } from '../../../domain/sync/course.ts';
import { type PlanCounts, type PlannedPart, recordsIn } from '../../../domain/sync/plan.ts';
import { isMembership, membershipRules, type SyncKind, syncKinds } from '../../../domain/sync/sync-kinds.ts';
import type { Tallies } from '../../../domain/sync/tally.ts';
import type { SyncRef } from '../../../ports.ts';
import { countHeld, readHolds } from '../files/holds.ts';
import { type PlanIndex, writeClasses, writePlanIndex } from '../files/plan-index.ts';
import { findLeftOut } from '../files/rekeyed-files.ts';
import { schoolsOfClasses } from '../files/schools-of-classes.ts';
import { RunFailure } from '../run-failure.ts';
import { phaseOf, progressStep } from '../shard-progress.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { changedByHand } from '../undo/changed-by-hand.ts';

type Planned = PlannedSlice<PlannedPart>;

interface PlanRef extends SyncRef {
	planned: readonly Planned[];
	shards: readonly KindShards[];
	/** How many records of each kind there is nothing to do for. */
	unchanged: Tallies;
}

/**
 * Announces what the run is going to write, so that progress can be shown against it, and the plan be read. Idempotent: it only
 * overwrites.
 */
export async function planRun(deps: SyncDeps, { planned, shards, unchanged, ...run }: PlanRef): Promise<void> {
	for (const { slice } of planned)
		await deps.runs.reportProgress(run, progressStep(slice), { done: 0, total: slice.records });
	if (planned.some(({ slice }) => isOfClasses(slice.kind)))
		await writeClasses(deps.rosters, run, await schoolsOfClasses(deps, run, shards));
	const index = await indexOf(deps, { planned, shards, unchanged, ...run });
	const stored = await deps.runs.get(run.profileId, run.runId);
	if (stored?.expectedPlan && stored.expectedPlan !== index.etag)
		throw new RunFailure('the plan is another one than was looked at. Nothing was written. Undo the run anew.');
	await writePlanIndex(deps.rosters, run, index);
	const byHand = stored?.undoes ? await changedByHand(deps, run, planned) : [];
	const phases = new Set(planned.map(({ slice }) => phaseOf(slice.kind)));
	const first = runPhases.find((phase) => phases.has(phase)) ?? 'finish';
	if (stored && !stored.outcome)
		await deps.runs.save({ ...stored, phase: stored.isDryRun ? 'finish' : first, ...told(stored, byHand) });
}

const told = ({ cannotUndo = [] }: Run, byHand: readonly string[]): Partial<Run> =>
	byHand.length > 0 ? { cannotUndo: [...cannotUndo.filter((each) => !byHand.includes(each)), ...byHand] } : {};

const isOfClasses = (kind: SyncKind) => isMembership(kind) && membershipRules[kind].group === 'section';

async function indexOf(deps: SyncDeps, { planned, shards, unchanged, ...run }: PlanRef): Promise<PlanIndex> {
	const order = syncKinds.flatMap((kind) => planned.filter(({ slice }) => slice.kind === kind));
	const digest = createHash('sha256');
	for (const { slice, changes } of order)
		digest.update(`${slice.kind}/${slice.shard}/${slice.part} ${changes.digest}\n`);
	digest.update((await readHolds(deps, run)).etag);
	const { places: leftOut } = (await findLeftOut(deps.rosters, run)) ?? { places: [] };
	const held = syncKinds.flatMap((kind) => leftOut.filter((place) => place.kind === kind));
	for (const { kind, shard, part, changes } of held) digest.update(`${kind}/${shard}/${part} ${changes.digest}\n`);
	const counts: Partial<Record<SyncKind, PlanCounts>> = {};
	for (const { kind } of shards) {
		const weighed = isMembership(kind) ? await countHeld(deps, run, kind) : 0;
		const waiting = held.reduce((total, place) => total + (place.kind === kind ? recordsIn(place.changes) : 0), 0);
		const sum = (pick: 'added' | 'changed' | 'removed') =>
			order.reduce((total, { slice, changes }) => total + (slice.kind === kind ? changes[pick] : 0), 0);
		counts[kind] = {
			added: sum('added'),
			changed: sum('changed'),
			removed: sum('removed') - weighed,
			unchanged: unchanged[kind]?.unchanged ?? 0,
			held: weighed + waiting,
		};
	}
	return {
		etag: `"${digest.digest('base64url')}"`,
		slices: [
			...order.map(({ slice: { kind, shard, part } }) => ({ kind, shard, part })),
			...held.map(({ kind, shard, part }) => ({ kind, shard, part, isHeld: true as const })),
		],
		counts,
		estimate: deps.directory.estimate(writesOf(order)),
	};
}

function writesOf(planned: readonly Planned[]): PlannedWrites {
	const of = (kinds: readonly SyncKind[], count: (changes: PlannedPart) => number) =>
		planned.reduce((sum, { slice, changes }) => sum + (kinds.includes(slice.kind) ? count(changes) : 0), 0);
	// Who left the files stays in the directory as they are.
	const written = ({ removed, ...changes }: PlannedPart) => recordsIn({ ...changes, removed: 0 });
	return {
		schools: of(['school'], written),
		users: of(['student', 'teacher'], written),
		classes: of(['section'], written),
		groups: of(syncKinds, ({ groups }) => groups),
	};
}
