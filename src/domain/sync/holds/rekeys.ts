import type { EntityKind } from '../records/attribute-map.ts';

/** Records that came under new SIS ids: schools first, since classes are known by theirs, and by their people. */
export const rekeyedKinds: readonly EntityKind[] = ['school', 'student', 'teacher', 'section'];

/** Why two records are taken for the same. */
export const rekeyEvidence = ['username', 'name', 'nameAndMembers'] as const;
type RekeyEvidence = (typeof rekeyEvidence)[number];

export interface RekeyedPair {
	/** SIS ids. */
	from: string;
	to: string;
	/** Directory id. */
	id: string;
	evidence: RekeyEvidence;
}

/** A record of the files whose account the directory has already. */
export interface NamedPerson {
	sisId: string;
	/** Directory id of whoever has the sign-in name. */
	holder: string;
	/** The history does not have the record. */
	isNew: boolean;
}

/**
 * People whose sign-in names belong to those whom the files do not have any more. Where new ids overlap with old ones, somebody's old
 * id is the new one of somebody else: such a chain counts if it leads from an id that is gone to one that is new. Whoever merely exchanges
 * names is in none. `known` has SIS ids by directory id.
 */
export function rekeyedPeople(
	{ gone, known }: { gone: ReadonlyMap<string, string>; known: ReadonlyMap<string, string> },
	people: readonly NamedPerson[],
): RekeyedPair[] {
	const claims = Map.groupBy(people, ({ holder }) => holder);
	const idOf = new Map([...known, ...gone].map(([id, sisId]) => [sisId, id]));
	const pairs: RekeyedPair[] = [];
	for (const start of gone.keys()) {
		const chain: RekeyedPair[] = [];
		for (let id: string | undefined = start; id !== undefined; ) {
			const [heir, ...others]: readonly NamedPerson[] = claims.get(id) ?? [];
			const from: string | undefined = gone.get(id) ?? known.get(id);
			if (!heir || others.length > 0 || from === undefined || from === heir.sisId) break;
			chain.push({ from, to: heir.sisId, id, evidence: 'username' });
			if (heir.isNew) pairs.push(...chain);
			id = heir.isNew ? undefined : idOf.get(heir.sisId);
		}
	}
	return inOrder(pairs);
}

interface NamedObject {
	sisId: string;
	name: string;
}

/** Schools of the same name, if no other that is gone, and no other that is new, has it. */
export function rekeyedSchools(
	gone: readonly (NamedObject & { id: string })[],
	come: readonly NamedObject[],
): RekeyedPair[] {
	const newNames = Map.groupBy(come, ({ name }) => nameKey(name));
	const pairs: RekeyedPair[] = [];
	for (const [name, [old, ...twins]] of Map.groupBy(gone, (each) => nameKey(each.name))) {
		const [heir, ...others] = newNames.get(name) ?? [];
		if (!old || !heir || twins.length + others.length > 0) continue;
		pairs.push({ from: old.sisId, to: heir.sisId, id: old.id, evidence: 'name' });
	}
	return inOrder(pairs);
}

/** As people write names: neither case nor the spelling of accents counts. */
const nameKey = (name: string) => name.normalize('NFC').trim().toLowerCase();

interface ClassObject extends NamedObject {
	/** Directory id. */
	schoolId: string;
}

/** Numbers stand for people, who have the same on both sides. */
export interface ClassMembers {
	students: readonly number[];
	teachers: readonly number[];
}

interface ClassSides {
	gone: readonly (ClassObject & { id: string })[];
	come: readonly ClassObject[];
}

/** Classes that may be the same, by their names and schools: only of them it matters who is in them. */
export function likelyClasses({ gone, come }: ClassSides): ClassSides {
	const placesOf = (classes: readonly ClassObject[]) => new Set(classes.map(placeOf));
	const [left, taken] = [placesOf(gone), placesOf(come)];
	return {
		gone: gone.filter((each) => taken.has(placeOf(each))),
		come: come.filter((each) => left.has(placeOf(each))),
	};
}

const placeOf = ({ schoolId, name }: ClassObject) => `${schoolId} ${nameKey(name)}`;

/** So many of the members of each must be members of the other. */
const sharedPercent = 60;

/** Classes of the same name and school with mostly the same people, if it can be no other. */
export function rekeyedClasses(
	{ gone, come }: ClassSides,
	membersOf: (sisId: string, side: 'gone' | 'come') => ClassMembers,
): RekeyedPair[] {
	const candidates: RekeyedPair[] = [];
	const newClasses = Map.groupBy(come, placeOf);
	for (const [place, old] of Map.groupBy(gone, placeOf)) {
		const sharedWith = memberIndex(old.map(({ sisId }) => membersOf(sisId, 'gone')));
		for (const { sisId } of newClasses.get(place) ?? [])
			for (const at of sharedWith(membersOf(sisId, 'come'))) {
				const { sisId: from, id } = old[at] as ClassObject & { id: string };
				candidates.push({ from, to: sisId, id, evidence: 'nameAndMembers' });
			}
	}
	return inOrder(unambiguous(candidates));
}

/** Tells the places of the classes that are mostly the same as another. */
function memberIndex(classes: readonly ClassMembers[]): (other: ClassMembers) => number[] {
	const index = { students: placesByPerson(classes, 'students'), teachers: placesByPerson(classes, 'teachers') };
	return (other) => {
		const students = countPlaces(index.students, other.students);
		const teachers = countPlaces(index.teachers, other.teachers);
		return [...new Set([...students.keys(), ...teachers.keys()])].filter((at) => {
			const own = classes[at] as ClassMembers;
			const shared = (students.get(at) ?? 0) + (teachers.get(at) ?? 0);
			const hasCommonTeacher = own.teachers.length * other.teachers.length === 0 || teachers.has(at);
			return hasCommonTeacher && [own, other].every((each) => shared * 100 >= sizeOf(each) * sharedPercent);
		});
	};
}

const sizeOf = ({ students, teachers }: ClassMembers) => students.length + teachers.length;

function placesByPerson(classes: readonly ClassMembers[], role: keyof ClassMembers): ReadonlyMap<number, number[]> {
	const places = new Map<number, number[]>();
	for (const [at, each] of classes.entries())
		for (const person of each[role]) {
			const own = places.get(person);
			if (own) own.push(at);
			else places.set(person, [at]);
		}
	return places;
}

function countPlaces(places: ReadonlyMap<number, readonly number[]>, people: readonly number[]): Map<number, number> {
	const counts = new Map<number, number>();
	for (const person of people) for (const at of places.get(person) ?? []) counts.set(at, (counts.get(at) ?? 0) + 1);
	return counts;
}

function unambiguous(pairs: readonly RekeyedPair[]): RekeyedPair[] {
	const count = (side: 'from' | 'to') => Map.groupBy(pairs, (pair) => pair[side]);
	const [from, to] = [count('from'), count('to')];
	return pairs.filter((pair) => from.get(pair.from)?.length === 1 && to.get(pair.to)?.length === 1);
}

const inOrder = (pairs: RekeyedPair[]) => pairs.sort((left, right) => (left.from < right.from ? -1 : 1));

/** The pairs that still are as they were found: nobody has the new id, or whoever has it gets another one. */
export function standing(
	pairs: readonly RekeyedPair[],
	idOf: (sisId: string) => string | undefined,
): readonly RekeyedPair[] {
	let kept = pairs.filter(({ from, id }) => idOf(from) === id);
	for (;;) {
		const moving = new Set(kept.map(({ from }) => from));
		const next = kept.filter(({ to }) => idOf(to) === undefined || moving.has(to));
		if (next.length === kept.length) return kept;
		kept = next;
	}
}
