import type { SlicePlace } from '../../../domain/sync/history/history.ts';
import { withoutPasswords } from '../../../domain/sync/plan.ts';
import type { RosterStore, RunRef } from '../../../ports.ts';
import { findPlanIndex } from './plan-index.ts';
import { classesPath, journalPath, planIndexPath, planPath, plansFolder, postponedPath } from './roster-paths.ts';
import { findSealed, forms, readSealed, writeSealed } from './sealed-files.ts';

const nameOf = ({ kind, shard }: SlicePlace) => `${kind} shard ${shard}`;

/** The plan of a slice: immutable, so that a step that is repeated does the same. */
export function readPlan(rosters: RosterStore, run: RunRef, place: SlicePlace): Promise<Uint8Array> {
	return readSealed(rosters, { path: planPath(run, place), form: forms.plan, name: `the plan of ${nameOf(place)}` });
}

export async function writePlan(
	rosters: RosterStore,
	run: RunRef,
	plan: SlicePlace & { bytes: Uint8Array },
): Promise<void> {
	await writeSealed(rosters, { path: planPath(run, plan), form: forms.plan }, [plan.bytes]);
}

/**
 * Of a run that has come to its end, leaves what whoever looks at its plan needs: no initial passwords, since the accounts exist, and
 * nothing that helped to carry it out. Idempotent.
 */
export async function leavePlanToRead(rosters: RosterStore, run: RunRef): Promise<void> {
	const index = await findPlanIndex(rosters, run);
	const kept = new Set(index ? [planIndexPath(run), classesPath(run)] : []);
	for (const place of index?.slices ?? []) {
		kept.add(planPath(run, place));
		if (place.kind !== 'student' && place.kind !== 'teacher') continue;
		const plan = await readPlan(rosters, run, place);
		const bytes = withoutPasswords(plan);
		if (bytes !== plan) await writePlan(rosters, run, { ...place, bytes });
	}
	await rosters.deleteAll(plansFolder(run), (path) => kept.has(path));
}

/** Of a slice of people: those who wait for their sign-in names, as the plan has them. */
export async function writePostponed(
	rosters: RosterStore,
	run: RunRef,
	{ records, ...place }: SlicePlace & { records: readonly { op: number; line: Uint8Array }[] },
): Promise<void> {
	const lines = records.map(({ op, line }) => Buffer.concat([Uint8Array.of(op), line, lineEnd]));
	await writeSealed(rosters, { path: postponedPath(run, place), form: forms.plan }, lines);
}

const lineEnd = Buffer.from('\n');

export function readPostponed(rosters: RosterStore, run: RunRef, place: SlicePlace): Promise<Uint8Array> {
	const name = `the postponed part of the plan of ${nameOf(place)}`;
	return readSealed(rosters, { path: postponedPath(run, place), form: forms.plan, name });
}

/** Undefined as long as a slice has not come to its end. */
export function findJournal(rosters: RosterStore, run: RunRef, place: SlicePlace): Promise<Uint8Array | undefined> {
	const path = journalPath(run, place);
	return findSealed(rosters, { path, form: forms.journal, name: `the journal of ${nameOf(place)}` });
}

export async function writeJournal(
	rosters: RosterStore,
	run: RunRef,
	{ parts, ...place }: SlicePlace & { parts: readonly Uint8Array[] },
): Promise<void> {
	await writeSealed(rosters, { path: journalPath(run, place), form: forms.journal }, parts);
}
