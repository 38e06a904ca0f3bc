import type { Run } from '../../../domain/run.ts';
import { limitsOf } from '../../../domain/safety.ts';
import type { KindShards, Slice } from '../../../domain/sync/course.ts';
import { coveredBy, RemovalScale } from '../../../domain/sync/holds/removals.ts';
import { forEachPlanLine, isRemoval } from '../../../domain/sync/plan.ts';
import { fileOf, type MembershipKind, membershipKinds } from '../../../domain/sync/sync-kinds.ts';
import type { RunRef, SyncRef } from '../../../ports.ts';
import { requireHistory } from '../files/histories.ts';
import { heldRemovals, readHolds, saveHolds, writeHeld } from '../files/holds.ts';
import { schoolsOfClasses } from '../files/schools-of-classes.ts';
import { readSnapshot } from '../files/snapshots.ts';
import { loadRun, type SyncDeps } from '../sync-deps.ts';
import { forEachRemoval, readPlans } from './planned-removals.ts';
import { returnedMembers } from './returned-members.ts';

interface WeighRef extends SyncRef {
	slices: readonly Slice[];
	shards: readonly KindShards[];
}

/**
 * Step *weigh*: what the plan would remove from classes, against what is there. What is too much is held: it is left out when the plan is
 * carried out, but for what somebody has approved. Idempotent: it reads what no later step has touched yet, and overwrites its own files.
 */
export async function weighRemovals(deps: SyncDeps, { slices, shards, ...ref }: WeighRef): Promise<void> {
	const { profile, run } = await loadRun(deps, ref);
	// Somebody has looked at each of them, or is about to.
	if (run.undoes) return saveHolds(deps, ref, []);
	// Those by which the files were accepted, be there none.
	const { safety } = run.settings ?? profile;
	const schools = await schoolsOfClasses(deps, ref, shards);
	const schoolOf = (section: string) => schools.get(section);
	const holds = (await readHolds(deps, ref)).holds.filter(({ scope }) => scope === 'rekeyed');
	for (const kind of membershipKinds) {
		const plans = slices.filter((slice) => slice.kind === kind);
		const rows = run.rows[fileOf(kind)] ?? Number.POSITIVE_INFINITY;
		const limits = limitsOf(safety, kind, new Date(run.startedDateTime));
		const scale = new RemovalScale({ kind, seed: deps.hashSeed(), rows, schoolOf, limits });
		const isReturned = await returnedMembers(deps, ref, { kind, plans });
		if (!(await putOnScale(deps, ref, { kind, plans, scale, isReturned }))) continue;
		const isApproved = await approvedRemovals(deps, ref, { run, kind, schoolOf });
		const found = scale.holds();
		const isHeld = scale.heldBy(found);
		const held: { op: number; line: Uint8Array }[] = [];
		for await (const plan of readPlans(deps, ref, plans))
			forEachRemoval(plan, (op, line) => {
				if (isHeld(op, line) && !isReturned(line) && !isApproved(op, line))
					held.push({ op, line: Uint8Array.from(line) });
			});
		if (held.length === 0) continue;
		for (const hold of found) {
			const isIn = scale.heldBy([hold]);
			// What is approved is not held any more.
			if (held.some(({ op, line }) => isIn(op, line))) holds.push(hold);
		}
		const lines = held.map(({ line }) => line);
		await writeHeld(deps, ref, { kind, by: 'weighing', lines });
	}
	await saveHolds(deps, ref, holds);
}

interface Approving {
	run: Run;
	kind: MembershipKind;
	schoolOf: (section: string) => string | undefined;
}

/** Tells of a removal whether somebody has approved just that. */
async function approvedRemovals(
	deps: SyncDeps,
	ref: SyncRef,
	{ run: { approvedRunId, approvedHolds }, kind, schoolOf }: Approving,
): Promise<(op: number, line: Uint8Array) => boolean> {
	if (!approvedRunId) return () => false;
	const approved: RunRef = { ...ref, runId: approvedRunId };
	const wasHeld = await heldRemovals(deps, approved, kind);
	const { holds } = await readHolds(deps, approved);
	const isChosen = coveredBy(
		holds.filter(({ id }) => approvedHolds?.includes(id) ?? true),
		kind,
		schoolOf,
	);
	return (op, line) => wasHeld(line) && isChosen(op, line);
}

interface Weighing {
	kind: MembershipKind;
	plans: readonly Slice[];
	scale: RemovalScale;
	/** Those who are removed from nowhere. */
	isReturned: (line: Uint8Array) => boolean;
}

/** False if nothing is to be removed. */
async function putOnScale(
	deps: SyncDeps,
	ref: SyncRef,
	{ kind, plans, scale, isReturned }: Weighing,
): Promise<boolean> {
	let removals = 0;
	for await (const plan of readPlans(deps, ref, plans)) {
		forEachPlanLine(plan, (op, line) => {
			if (isRemoval(op) && isReturned(line)) return;
			scale.see(op, line);
			if (isRemoval(op)) removals++;
		});
	}
	if (removals === 0) return false;
	for await (const plan of readPlans(deps, ref, plans))
		forEachRemoval(plan, (op, line) => {
			if (!isReturned(line)) scale.weigh(op, line);
		});
	const { files } = await requireHistory(deps, ref);
	for (const shard of (files[kind] ?? []).keys()) {
		const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
		snapshot.forEach((key) => {
			scale.count(key);
		});
	}
	return true;
}
