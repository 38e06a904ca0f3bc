import type { FoundRekeyed, Slice } from '../../../domain/sync/course.ts';
import { rekeyedHold } from '../../../domain/sync/holds/rekeyed-hold.ts';
import { type RekeyedPair, rekeyedKinds } from '../../../domain/sync/holds/rekeys.ts';
import { leavesOut, Movers, type Rekeys, type Waiting } from '../../../domain/sync/left-out.ts';
import { forEachPlanLine, isRemoval, PlanParts, plannedPart, recordsIn } from '../../../domain/sync/plan.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import { schoolSisIdOf } from '../../../domain/sync/records/directory-records.ts';
import { type MembershipKind, membershipKinds, type SyncKind } from '../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../ports.ts';
import { requireHistory } from '../files/histories.ts';
import { readHolds, saveHolds } from '../files/holds.ts';
import { readPlan, writePlan } from '../files/plan-files.ts';
import {
	findLeftOut,
	hasPairs,
	type LeftOut,
	leftOutPlace,
	readRekeys,
	writeLeftOut,
	writeRekeys,
} from '../files/rekeyed-files.ts';
import { rekeyedPath } from '../files/roster-paths.ts';
import { loadRun, type SyncDeps } from '../sync-deps.ts';
import { type FindScope, historyOf, isNew, plannedOf, plansOf, textOf } from './planned-lines.ts';
import { findClasses, findSchools } from './rekeyed-groups.ts';
import { findPeople } from './rekeyed-people.ts';

interface FindRef extends SyncRef {
	/** Of which records both come and are gone. */
	kinds: readonly SyncKind[];
	/** Of the whole plan. */
	slices: readonly Slice[];
}

/**
 * Step *find rekeyed*: records that came under new SIS ids are held, and the plan is what remains without them. Idempotent: what was found is
 * written before the plan is changed, and is not looked for again; and a plan without the lines stays as it is when they are taken out.
 */
export async function findRekeyed(deps: SyncDeps, { kinds, slices, ...ref }: FindRef): Promise<FoundRekeyed> {
	const { waiting, answer } = (await findLeftOut(deps.rosters, ref)) ?? (await find(deps, ref, { kinds, slices }));
	if (answer.held === 0) return answer;
	const rekeys = await readRekeys(deps.rosters, (kind) => rekeyedPath(ref, kind));
	const isLeftOut = leavesOut(rekeys, waiting, deps.hashSeed());
	for (const { at } of answer.left) {
		const slice = slices[at] as Slice;
		const [kept, left] = parted(await readPlan(deps.rosters, ref, slice), (...line) => isLeftOut(slice.kind, ...line));
		if (left.length === 0) continue;
		await writePlan(deps.rosters, ref, { ...leftOutPlace(slice), bytes: left });
		await writePlan(deps.rosters, ref, { ...slice, bytes: kept });
	}
	return answer;
}

const nothingFound: LeftOut = {
	waiting: { sections: [], absent: [], movers: {} },
	answer: { held: 0, left: [] },
	places: [],
};

async function find(
	deps: SyncDeps,
	ref: SyncRef,
	{ kinds, slices }: Pick<FindRef, 'kinds' | 'slices'>,
): Promise<LeftOut> {
	const { profile, run } = await loadRun(deps, ref);
	// What an undo does was looked at as it is.
	if (run.undoes) return nothingFound;
	const scope: FindScope = { ref, profile, history: await requireHistory(deps, ref), slices };
	const rekeys = await pairsOf(deps, scope, kinds);
	if (!hasPairs(rekeys)) return nothingFound;
	await writeRekeys(deps.rosters, (kind) => rekeyedPath(ref, kind), rekeys);
	const waiting = await waitingFor(deps, scope, rekeys);
	const isLeftOut = leavesOut(rekeys, waiting, deps.hashSeed());
	const left: FoundRekeyed['left'][number][] = [];
	const places: LeftOut['places'][number][] = [];
	for (const [at, slice] of slices.entries()) {
		const plan = await readPlan(deps.rosters, ref, slice);
		const [kept, rest] = parted(plan, (...line) => isLeftOut(slice.kind, ...line));
		if (rest.length === 0) continue;
		left.push({ at, changes: plannedPart(slice.kind, kept) });
		places.push({ ...leftOutPlace(slice), changes: plannedPart(slice.kind, rest) });
	}
	const held = places.reduce((sum, { changes }) => sum + recordsIn(changes), 0);
	await holdPairs(deps, scope, rekeys);
	const found: LeftOut = { waiting, answer: { held, left }, places };
	await writeLeftOut(deps.rosters, ref, found);
	return found;
}

async function pairsOf(deps: SyncDeps, scope: FindScope, kinds: readonly SyncKind[]): Promise<Rekeys> {
	const rekeys: Partial<Record<EntityKind, readonly RekeyedPair[]>> = {};
	for (const kind of rekeyedKinds.filter((each) => kinds.includes(each))) {
		if (kind === 'school') rekeys[kind] = await findSchools(deps, scope);
		else if (kind === 'section') rekeys[kind] = await findClasses(deps, scope, rekeys);
		else rekeys[kind] = await findPeople(deps, scope, kind);
	}
	return rekeys;
}

async function waitingFor(deps: SyncDeps, scope: FindScope, rekeys: Rekeys): Promise<Waiting> {
	const classes = { ...(await waitingClasses(deps, scope, rekeys)), movers: {} };
	const isLeftOut = leavesOut(rekeys, classes, deps.hashSeed());
	const movers: Partial<Record<MembershipKind, readonly string[]>> = {};
	for (const kind of membershipKinds) {
		const found = new Movers(deps.hashSeed());
		for await (const plan of plansOf(deps, scope, kind))
			forEachPlanLine(plan, (op, line) => {
				if (!isRemoval(op) && isLeftOut(kind, op, line)) found.comes(line);
			});
		for await (const plan of plansOf(deps, scope, kind))
			forEachPlanLine(plan, (op, line) => {
				if (isRemoval(op) && !isLeftOut(kind, op, line)) found.leaves(line);
			});
		movers[kind] = found.sisIds;
	}
	return { ...classes, movers };
}

/** Those that the files put into a school under its new id; what they are otherwise does not matter. */
async function waitingClasses(
	deps: SyncDeps,
	scope: FindScope,
	{ school = [] }: Rekeys,
): Promise<Pick<Waiting, 'sections' | 'absent'>> {
	const newSchools = new Set(school.map(({ to }) => to));
	const [sections, absent]: [string[], string[]] = [[], []];
	if (newSchools.size === 0) return { sections, absent };
	const history = await historyOf(deps, scope, 'section');
	for await (const { records } of plannedOf(deps, scope, 'section'))
		for (const planned of records) {
			if (!newSchools.has(schoolSisIdOf(planned.record))) continue;
			sections.push(textOf(planned.key));
			if (isNew(history, planned)) absent.push(textOf(planned.key));
		}
	return { sections, absent };
}

/** The lines that stay in the plan, and those that do not. */
function parted(plan: Uint8Array, isLeftOut: (op: number, line: Uint8Array) => boolean): [Uint8Array, Uint8Array] {
	const [kept, left] = [new PlanParts(Number.POSITIVE_INFINITY), new PlanParts(Number.POSITIVE_INFINITY)];
	forEachPlanLine(plan, (op, line) => {
		const part = isLeftOut(op, line) ? left : kept;
		part.begin();
		part.append(op, line);
	});
	return [kept.finish()[0] ?? nothing, left.finish()[0] ?? nothing];
}

const nothing = new Uint8Array();

async function holdPairs(deps: SyncDeps, scope: FindScope, rekeys: Rekeys): Promise<void> {
	const holds = [];
	for (const kind of rekeyedKinds) {
		const pairs = rekeys[kind] ?? [];
		if (pairs.length > 0) holds.push(rekeyedHold(kind, pairs, (await historyOf(deps, scope, kind)).size));
	}
	const others = (await readHolds(deps, scope.ref)).holds.filter(({ scope: what }) => what !== 'rekeyed');
	await saveHolds(deps, scope.ref, [...holds, ...others]);
}
