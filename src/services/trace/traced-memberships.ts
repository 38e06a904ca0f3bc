import { type MembershipKind, membershipKinds, membershipRules } from '../../domain/sync/sync-kinds.ts';
import type { MembershipName } from '../../domain/trace/naming.ts';
import type { PickedRow } from '../../domain/trace/row-picker.ts';
import type { MembershipState } from '../../domain/trace/traced-facts.ts';
import { oneOf } from '../../domain/trace/value-tests.ts';
import type { TraceScope } from './trace-scope.ts';
import { pickRows } from './traced-files.ts';
import { heldMemberships, type KnownMembership, membershipHistories } from './traced-history.ts';
import type { Candidate } from './traced-people.ts';

/** A membership that somebody may be asking for, and where it is known. */
export interface MembershipCandidate extends MembershipName {
	rows: readonly PickedRow[];
	history: MembershipState;
	isHeld: boolean;
}

/** Enough for anybody's timetable. */
const membershipsKept = 200;

type Found = Map<string, MembershipCandidate>;

/** The memberships of some people: in one section, or in all that files, history or holds know. */
export async function findMemberships(
	scope: TraceScope,
	people: readonly Candidate[],
	section?: string,
): Promise<MembershipCandidate[]> {
	const found: Found = new Map();
	for (const kind of membershipKinds) {
		const { group: groupKind, role } = membershipRules[kind];
		if (section !== undefined && groupKind === 'school') continue;
		const own = people.filter((person) => person.kind === role);
		if (own.length === 0) continue;
		if (groupKind === 'school') addSchools(found, kind, own);
		else await addSections(found, { scope, kind, people: own, section });
		const query = { people: own.map(({ sisId }) => sisId), ...(section === undefined ? {} : { group: section }) };
		addKnown(found, kind, await membershipHistories(scope, kind, query));
	}
	const ids = [...new Set(people.map(({ sisId }) => sisId))];
	const held = await heldMemberships(scope, { people: ids, ...(section === undefined ? {} : { group: section }) });
	for (const { kind, ...pair } of held) {
		const isOfThem = people.some(
			({ kind: role, sisId }) => role === membershipRules[kind].role && sisId === pair.person,
		);
		if (isOfThem) candidateIn(found, { kind, ...pair }).isHeld = true;
	}
	return [...found.values()].slice(0, membershipsKept);
}

function candidateIn(found: Found, name: MembershipName): MembershipCandidate {
	const key = JSON.stringify([name.kind, name.group, name.person]);
	const known = found.get(key) ?? { ...name, rows: [], history: 'notSynced', isHeld: false };
	found.set(key, known);
	return known;
}

/** A row of a person for each school. */
function addSchools(found: Found, kind: MembershipKind, people: readonly Candidate[]): void {
	for (const { sisId: person, rows } of people)
		for (const row of rows) addRow(found, { kind, group: row.values.get('School SIS ID') ?? '', person }, row);
}

interface SectionSearch {
	scope: TraceScope;
	kind: MembershipKind;
	people: readonly Candidate[];
	section: string | undefined;
}

async function addSections(found: Found, { scope, kind, people, section }: SectionSearch): Promise<void> {
	const seed = scope.deps.hashSeed();
	const isPerson = oneOf(
		people.map(({ sisId }) => sisId),
		seed,
	);
	const isSection = section === undefined ? () => true : oneOf([section], seed);
	const { rows } = await pickRows(scope, {
		kind: membershipRules[kind].file,
		isWanted: (has) => has('SIS ID', isPerson) && has('Section SIS ID', isSection),
	});
	for (const row of rows) {
		const { values } = row;
		addRow(found, { kind, group: values.get('Section SIS ID') ?? '', person: values.get('SIS ID') ?? '' }, row);
	}
}

function addRow(found: Found, name: MembershipName, row: PickedRow): void {
	const candidate = candidateIn(found, name);
	candidate.rows = [...candidate.rows, row];
}

function addKnown(found: Found, kind: MembershipKind, known: readonly KnownMembership[]): void {
	for (const { state, ...pair } of known) candidateIn(found, { kind, ...pair }).history = state;
}
