import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import type { runWorld } from '../worlds/run-world.ts';

/**
 * A district apart from its SIS ids: each school, class and person has a key of its own, and a source gives each an id. A migration is the
 * same district under other ids.
 */
export interface ModelDistrict {
	schools: Readonly<Record<string, string>>;
	classes: Readonly<Record<string, ModelClass>>;
	/** By key, school and username. */
	students: Readonly<Record<string, ModelPerson>>;
	teachers: Readonly<Record<string, ModelPerson>>;
}

export interface ModelClass {
	school: string;
	name: string;
	students: readonly string[];
	teachers: readonly string[];
}

interface ModelPerson {
	school: string;
	username: string;
}

export type Ids = (key: string) => string;

/** Keys are the ids of the old source, such as `P-1`. */
export const oldIds: Ids = (key) => key;

/** The new source's: of those keys only that begin with one of the letters, if there are any. */
export const newIds =
	(letters = 'SCPT'): Ids =>
	(key) =>
		letters.includes(key.charAt(0)) ? key.replace('-', '-00') : key;

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;

export function filesOf(
	{ schools, classes, students, teachers }: ModelDistrict,
	idOf: Ids,
): Record<RosterKind, string> {
	const people = (own: ModelDistrict['students']) =>
		lines(
			'SIS ID,School SIS ID,First Name,Last Name,Username,Password',
			...Object.entries(own).map(
				([key, { school, username }]) => `${idOf(key)},${idOf(school)},First,Last,${username},Welcome-2026!`,
			),
		);
	const members = (role: 'students' | 'teachers') =>
		lines(
			'Section SIS ID,SIS ID',
			...Object.entries(classes).flatMap(([key, each]) => each[role].map((person) => `${idOf(key)},${idOf(person)}`)),
		);
	return {
		school: lines('SIS ID,Name', ...Object.entries(schools).map(([key, name]) => `${idOf(key)},${name}`)),
		section: lines(
			'SIS ID,School SIS ID,Section Name',
			...Object.entries(classes).map(([key, { school, name }]) => `${idOf(key)},${idOf(school)},${name}`),
		),
		student: people(students),
		teacher: people(teachers),
		studentEnrollment: members('students'),
		teacherRoster: members('teachers'),
	};
}

/** Two schools, four classes, eight students and two teachers. */
export function smallDistrict(): ModelDistrict {
	const students = Array.from({ length: 8 }, (_, at) => `P-${at}`);
	const ofSchool = (school: number) => students.filter((_, at) => at % 2 === school);
	const classOf = (school: number, name: string): ModelClass => ({
		school: `S-${school}`,
		name,
		students: ofSchool(school),
		teachers: [`T-${school}`],
	});
	return {
		schools: { 'S-0': 'Birch School', 'S-1': 'Alder School' },
		classes: {
			'C-0': classOf(0, 'Maths 7'),
			'C-1': classOf(1, 'Maths 7'),
			'C-2': classOf(0, 'Art 8'),
			'C-3': classOf(1, 'Art 8'),
		},
		students: Object.fromEntries(students.map((key, at) => [key, { school: `S-${at % 2}`, username: `pupil${at}` }])),
		teachers: { 'T-0': { school: 'S-0', username: 'teach0' }, 'T-1': { school: 'S-1', username: 'teach1' } },
	};
}

type World = ReturnType<typeof runWorld>;

/** What a directory has of a district: by SIS id, with who is where by SIS ids; and the directory ids. */
export function imageOf({ directory }: Pick<World, 'directory'>, wanted: ReadonlySet<string>) {
	const sisId = (id: string) =>
		(directory.users.get(id) ?? directory.schools.get(id) ?? directory.classes.get(id))?.externalId ?? id;
	const named = (ids: readonly string[]) => ids.map(sisId).sort();
	const pick = <T>(objects: ReadonlyMap<string, { id: string; externalId: string }>, show: (id: string) => T) =>
		Object.fromEntries(
			[...objects.values()]
				.filter(({ externalId }) => wanted.has(externalId))
				.sort((left, right) => (left.externalId < right.externalId ? -1 : 1))
				.map(({ id, externalId }) => [externalId, show(id)]),
		);
	const classImage = (id: string) => {
		const { displayName, schoolId = '' } = directory.classes.get(id) ?? {};
		const [students, teachers] = [named(directory.membersOf(id, 'student')), named(directory.membersOf(id, 'teacher'))];
		return { displayName, school: sisId(schoolId), students, teachers };
	};
	return {
		schools: pick(directory.schools, (id) => ({
			displayName: directory.schools.get(id)?.displayName,
			people: named(directory.membersOfSchool(id)),
		})),
		classes: pick(directory.classes, classImage),
		users: pick(directory.users, (id) => directory.users.get(id)?.userPrincipalName),
	};
}

/** Directory ids by SIS id, of one kind or all. */
export function objectIds({ directory }: Pick<World, 'directory'>): ReadonlyMap<string, string> {
	const objects = [directory.schools, directory.classes, directory.users].flatMap((each) => [...each.values()]);
	return new Map(objects.map(({ id, externalId }) => [externalId, id]));
}

/** Who is in which class and school, by directory ids. */
export function memberships({ directory }: Pick<World, 'directory'>): ReadonlySet<string> {
	return new Set([
		...[...directory.classes.keys()].flatMap((id) =>
			(['student', 'teacher'] as const).flatMap((role) => directory.membersOf(id, role).map((each) => `${id} ${each}`)),
		),
		...[...directory.schools.keys()].flatMap((id) => directory.membersOfSchool(id).map((each) => `${id} ${each}`)),
	]);
}

export const keysOf = ({ schools, classes, students, teachers }: ModelDistrict) => [
	...Object.keys(schools),
	...Object.keys(classes),
	...Object.keys(students),
	...Object.keys(teachers),
];

export interface Sync {
	approvedRunId?: string;
	deliver?: Parameters<World['carry']>[1];
}
