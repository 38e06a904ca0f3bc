import { columnsOf } from '../../domain/roster/format/columns.ts';
import { forEachPlanLine, isRemoval, planOps } from '../../domain/sync/plan.ts';
import { absentField, decodeEntityLine, unknownPerson } from '../../domain/sync/shards/shard-rows.ts';
import { isMembership, type MembershipKind, membershipRules, type SyncKind } from '../../domain/sync/sync-kinds.ts';
import type { RosterStore, RunRef } from '../../ports.ts';
import { heldRemovals } from '../sync/files/holds.ts';
import { readPlan } from '../sync/files/plan-files.ts';
import { type PlanIndex, readClasses } from '../sync/files/plan-index.ts';
import type { SchoolsOfClasses } from '../sync/files/schools-of-classes.ts';

export type PlannedOperation = 'add' | 'change' | 'remove';

/** One line of a plan, as somebody looks at it. All ids but the directory's are SIS ids. */
export interface PlannedChange {
	operation: PlannedOperation;
	kind: SyncKind;
	/** The school itself, or that of the class. */
	school?: string;
	class?: string;
	person?: string;
	/** In the place of a person whom no file knows. */
	directoryId?: string;
	/** It is left out as long as nobody approves it. */
	isHeld: boolean;
}

/** Where a change stands in the plan. */
export interface ChangePlace {
	/** Of the slices of the index. */
	slice: number;
	line: number;
}

interface ReadDeps {
	rosters: RosterStore;
	hashSeed: () => number;
}

export interface PlanReading {
	/** The place of the first change that is wanted. */
	from: ChangePlace;
	/** Spares the reading of all others. */
	kind?: string | undefined;
}

/** The changes of a plan, in its order, slice by slice. Initial passwords are no part of them. */
export async function* readChanges(
	deps: ReadDeps,
	run: RunRef,
	{ index, from, kind }: PlanReading & { index: PlanIndex },
): AsyncGenerator<{ place: ChangePlace; change: PlannedChange }> {
	const schools = await readClasses(deps.rosters, run);
	const holds = new Map<MembershipKind, (line: Uint8Array) => boolean>();
	for (const [slice, place] of index.slices.entries()) {
		if (slice < from.slice || (kind !== undefined && place.kind.toLowerCase() !== kind.toLowerCase())) continue;
		const isHeld = isMembership(place.kind) ? await holdsOf(deps, run, { kind: place.kind, holds }) : () => false;
		const changes = changesOf(await readPlan(deps.rosters, run, place), place, { schools, isHeld });
		for (let line = slice === from.slice ? from.line : 0; line < changes.length; line++)
			yield { place: { slice, line }, change: changes[line] as PlannedChange };
	}
}

async function holdsOf(
	deps: ReadDeps,
	run: RunRef,
	{ kind, holds }: { kind: MembershipKind; holds: Map<MembershipKind, (line: Uint8Array) => boolean> },
): Promise<(line: Uint8Array) => boolean> {
	const isHeld = holds.get(kind) ?? (await heldRemovals(deps, run, kind, ['weighing']));
	holds.set(kind, isHeld);
	return isHeld;
}

interface Context {
	schools: SchoolsOfClasses;
	isHeld: (line: Uint8Array) => boolean;
}

function changesOf(
	plan: Uint8Array,
	{ kind, isHeld: isAllHeld }: PlanIndex['slices'][number],
	{ schools, isHeld }: Context,
): PlannedChange[] {
	const changes: PlannedChange[] = [];
	forEachPlanLine(plan, (op, line) => {
		const ids = isMembership(kind) ? membershipIds(kind, line, schools) : recordIds(kind, line);
		changes.push({
			operation: operationOf(op),
			kind,
			...ids,
			isHeld: isAllHeld === true || (isRemoval(op) && isHeld(line)),
		});
	});
	return changes;
}

function operationOf(op: number): PlannedOperation {
	if (isRemoval(op)) return 'remove';
	return op === planOps.add ? 'add' : 'change';
}

type Ids = Omit<PlannedChange, 'operation' | 'kind' | 'isHeld'>;

const schoolColumn = columnsOf('section').findIndex(({ name }) => name === 'School SIS ID');

function recordIds(kind: Exclude<SyncKind, MembershipKind>, line: Uint8Array): Ids {
	const { fields } = decodeEntityLine(line);
	const [sisId = ''] = fields;
	if (kind === 'school') return { school: sisId };
	if (kind !== 'section') return { person: sisId };
	// Of a class that left the files only the id is known.
	const school = fields[schoolColumn];
	return { ...(school === undefined || school === absentField ? {} : { school }), class: sisId };
}

const decoder = new TextDecoder();

function membershipIds(kind: MembershipKind, line: Uint8Array, schools: SchoolsOfClasses): Ids {
	const [group = '', member = ''] = decoder.decode(line).split('\x1f');
	const who = member.startsWith(unknownPerson)
		? { directoryId: member.slice(unknownPerson.length) }
		: { person: member };
	if (membershipRules[kind].group === 'school') return { school: group, ...who };
	const school = schools.get(group);
	return { ...(school === undefined ? {} : { school }), class: group, ...who };
}
