import { createHash } from 'node:crypto';
import { columnsOf } from '../../../domain/roster/format/columns.ts';
import type { MembershipKind } from '../../../domain/roster/format/kinds.ts';
import type { KindShards, Slice } from '../../../domain/sync/course.ts';
import { forEachPlanLine, planOps } from '../../../domain/sync/plan.ts';
import { defaultLimits, type Hold, RemovalScale } from '../../../domain/sync/removals.ts';
import { decodeEntityLine, forEachLine } from '../../../domain/sync/shard-rows.ts';
import { Snapshot } from '../../../domain/sync/snapshot.ts';
import type { RunRef, SyncRef } from '../../../ports.ts';
import { requireHistory } from '../files/histories.ts';
import { readPlan } from '../files/plan-files.ts';
import { readJson, writeJson } from '../files/roster-files.ts';
import { heldPath, holdsPath, shardPath } from '../files/roster-paths.ts';
import { findSealed, forms, readSealed, writeSealed } from '../files/sealed-files.ts';
import { readSnapshot } from '../files/snapshots.ts';
import { loadRun, type SyncDeps } from '../sync-deps.ts';

/** What a run does not carry out, and what names it: whoever approves says that this is what was looked at. */
export interface HeldRemovals {
	etag: string;
	holds: readonly Hold[];
}

const kinds: readonly MembershipKind[] = ['studentEnrollment', 'teacherRoster'];

interface WeighRef extends SyncRef {
	slices: readonly Slice[];
	shards: readonly KindShards[];
}

/**
 * Step *weigh*: what the plan would remove from classes, against what is there. What is too much is held: it is left out when the plan is
 * carried out, but for what somebody has approved. Idempotent: it reads what no later step has touched yet, and overwrites its own files.
 */
export async function weighRemovals(deps: SyncDeps, { slices, shards, ...ref }: WeighRef): Promise<void> {
	const { run } = await loadRun(deps, ref);
	const approved: RunRef | undefined = run.approvedRunId ? { ...ref, runId: run.approvedRunId } : undefined;
	const schoolOf = await schoolsOfClasses(deps, ref, shards);
	const digest = createHash('sha256');
	const holds: Hold[] = [];
	for (const kind of kinds) {
		const plans = slices.filter((slice) => slice.kind === kind);
		const rows = run.rows[kind] ?? Number.POSITIVE_INFINITY;
		const scale = new RemovalScale({ kind, seed: deps.hashSeed(), rows, schoolOf, limits: defaultLimits });
		if (!(await putOnScale(deps, ref, { kind, plans, scale }))) continue;
		const isApproved = approved ? await heldRemovals(deps, approved, kind) : () => false;
		const found = scale.holds();
		const isHeld = scale.heldBy(found);
		const held: Uint8Array[] = [];
		for await (const plan of readPlans(deps, ref, plans))
			forEachRemoval(plan, (line) => {
				if (isHeld(line) && !isApproved(line)) held.push(Buffer.concat([line, lineEnd]));
			});
		if (held.length === 0) continue;
		for (const line of held) digest.update(line);
		for (const hold of found) {
			const isIn = scale.heldBy([hold]);
			// What is approved is not held any more.
			if (held.some((line) => isIn(line.subarray(0, -1)))) holds.push(hold);
		}
		await writeSealed(deps.rosters, { path: heldPath(ref, kind), form: forms.rows }, held);
	}
	const etag = holds.length > 0 ? `"${digest.digest('base64url')}"` : '';
	await writeJson(deps.rosters, holdsPath(ref), { etag, holds } satisfies HeldRemovals);
}

interface Weighing {
	kind: MembershipKind;
	plans: readonly Slice[];
	scale: RemovalScale;
}

/** False if nothing is to be removed. */
async function putOnScale(deps: SyncDeps, ref: SyncRef, { kind, plans, scale }: Weighing): Promise<boolean> {
	let removals = 0;
	for await (const plan of readPlans(deps, ref, plans)) {
		forEachPlanLine(plan, (op, line) => {
			scale.see(op, line);
			if (op === planOps.remove) removals++;
		});
	}
	if (removals === 0) return false;
	for await (const plan of readPlans(deps, ref, plans)) forEachRemoval(plan, (line) => scale.weigh(line));
	const { files } = await requireHistory(deps, ref);
	for (const shard of (files[kind] ?? []).keys()) {
		const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
		snapshot.forEach((key) => {
			scale.count(key);
		});
	}
	return true;
}

const lineEnd = Buffer.from('\n');

async function* readPlans(deps: SyncDeps, ref: SyncRef, slices: readonly Slice[]): AsyncGenerator<Uint8Array> {
	for (const slice of slices) yield await readPlan(deps.rosters, ref, slice);
}

function forEachRemoval(plan: Uint8Array, visit: (line: Uint8Array) => void): void {
	forEachPlanLine(plan, (op, line) => {
		if (op === planOps.remove) visit(line);
	});
}

/** By class, the school that the files give it. */
async function schoolsOfClasses(
	deps: SyncDeps,
	ref: SyncRef,
	shards: readonly KindShards[],
): Promise<(section: string) => string | undefined> {
	const schools = new Map<string, string>();
	const names = columnsOf('section').map(({ name }) => name);
	const [idAt, schoolAt] = [names.indexOf('SIS ID'), names.indexOf('School SIS ID')];
	const count = shards.find(({ kind }) => kind === 'section')?.shards ?? 0;
	for (let shard = 0; shard < count; shard++) {
		const name = `the file of section shard ${shard}`;
		const rows = await readSealed(deps.rosters, { path: shardPath(ref, 'section', shard), form: forms.rows, name });
		forEachLine(rows, (start, end) => {
			const { fields } = decodeEntityLine(rows.subarray(start, end));
			schools.set(fields[idAt] ?? '', fields[schoolAt] ?? '');
		});
	}
	return (section) => schools.get(section);
}

/** Tells of a removal whether a run holds it. */
export async function heldRemovals(
	deps: Pick<SyncDeps, 'rosters' | 'hashSeed'>,
	run: RunRef,
	kind: MembershipKind,
): Promise<(line: Uint8Array) => boolean> {
	const path = heldPath(run, kind);
	const stored = await findSealed(deps.rosters, {
		path,
		form: forms.rows,
		name: `the held part of the plan of ${kind}`,
	});
	if (!stored) return () => false;
	const keys = new Snapshot(1, deps.hashSeed());
	forEachLine(stored, (start, end) => keys.set(stored.subarray(start, end), present));
	return (line) => keys.find(line) >= 0;
}

const present = Uint8Array.of(1);

/** Empty if the run holds nothing, or is not known any more. */
export async function readHolds(deps: Pick<SyncDeps, 'rosters'>, run: RunRef): Promise<HeldRemovals> {
	return (await readJson<HeldRemovals>(deps.rosters, holdsPath(run))) ?? { etag: '', holds: [] };
}
