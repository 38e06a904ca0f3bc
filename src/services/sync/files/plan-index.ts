import type { WriteEstimate } from '../../../directory-ports.ts';
import type { SlicePlace } from '../../../domain/sync/history/history.ts';
import type { PlanCounts } from '../../../domain/sync/plan.ts';
import { forEachLine } from '../../../domain/sync/shards/shard-rows.ts';
import type { SyncKind } from '../../../domain/sync/sync-kinds.ts';
import type { RosterStore, RunRef } from '../../../ports.ts';
import { readJson, writeJson } from './roster-files.ts';
import { classesPath, planIndexPath } from './roster-paths.ts';
import type { SchoolsOfClasses } from './schools-of-classes.ts';
import { findSealed, forms, writeSealed } from './sealed-files.ts';

/** What whoever reads a plan must know of its files. */
export interface PlanIndex {
	/** The same for the same changes, of which the same are held. */
	etag: string;
	/** Those are held as a whole that are about records under new SIS ids. */
	slices: readonly (SlicePlace & { isHeld?: true })[];
	counts: Readonly<Partial<Record<SyncKind, PlanCounts>>>;
	estimate: WriteEstimate;
}

/** Undefined as long as a run has no plan, and once it is not kept any more. */
export const findPlanIndex = (rosters: RosterStore, run: RunRef): Promise<PlanIndex | undefined> =>
	readJson<PlanIndex>(rosters, planIndexPath(run));

export const writePlanIndex = (rosters: RosterStore, run: RunRef, index: PlanIndex): Promise<void> =>
	writeJson(rosters, planIndexPath(run), index);

export async function writeClasses(rosters: RosterStore, run: RunRef, schools: SchoolsOfClasses): Promise<void> {
	await writeSealed(rosters, { path: classesPath(run), form: forms.rows }, linesOf(schools));
}

/** About so many classes are written at once. */
const classesAtOnce = 1000;

function* linesOf(schools: SchoolsOfClasses): Generator<Uint8Array> {
	let lines: string[] = [];
	for (const pair of schools) {
		if (lines.push(`${pair.join('\x1f')}\n`) < classesAtOnce) continue;
		yield Buffer.from(lines.join(''));
		lines = [];
	}
	yield Buffer.from(lines.join(''));
}

/** Empty where the plan needs none. */
export async function readClasses(rosters: RosterStore, run: RunRef): Promise<SchoolsOfClasses> {
	const stored = await findSealed(rosters, {
		path: classesPath(run),
		form: forms.rows,
		name: 'the classes of the plan',
	});
	const schools = new Map<string, string>();
	const decoder = new TextDecoder();
	if (!stored) return schools;
	forEachLine(stored, (start, end) => {
		const [section = '', school = ''] = decoder.decode(stored.subarray(start, end)).split('\x1f');
		schools.set(section, school);
	});
	return schools;
}
