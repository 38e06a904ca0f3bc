import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';

/** One file as it was uploaded once. Its number stands in it, so that it is known wherever it turns up. */
export interface FileVersion {
	kind: RosterKind;
	/** Later uploads have higher ones. */
	version: number;
	isFaulty: boolean;
}

/** Which version of each file. */
export type Versions = ReadonlyMap<RosterKind, number>;

/** As "school v1, section v2". */
export const textOf = (versions: Versions) => [...versions].map(([kind, version]) => `${kind} v${version}`).join(', ');

export const uploadNames: Readonly<Record<RosterKind, string>> = {
	school: 'School.csv',
	section: 'Section.csv',
	student: 'Student.csv',
	teacher: 'Teacher.csv',
	studentEnrollment: 'StudentEnrollment.csv',
	teacherRoster: 'TeacherRoster.csv',
};

const pupils = ['P1', 'P2', 'P3', 'P4'];
const teachers = ['T1', 'T2'];
const sections = ['C1', 'C2', 'C3'];

interface Table {
	header: string;
	/** Without the version, which is the last column. */
	rows: (version: number) => string[];
	/** An error of this file alone. */
	faultyRow: string;
}

/** Each entity has a column that becomes a directory attribute for its version; memberships have one that is ignored. */
const tables: Readonly<Record<RosterKind, Table>> = {
	school: { header: 'SIS ID,Name,School Number', rows: () => ['S1,North', 'S2,South'], faultyRow: 'S3,' },
	section: {
		header: 'SIS ID,School SIS ID,Section Name,Section Number',
		rows: () => sections.map((id) => `${id},S1,Class ${id}`),
		faultyRow: 'C9,S9,Nowhere',
	},
	student: {
		header: 'SIS ID,School SIS ID,First Name,Last Name,Username,Password,Student Number',
		rows: () => pupils.map((id) => `${id},S1,Zoë,Ardent,pupil.${id},Welcome-2026!`),
		faultyRow: 'P9,S9,Zoë,Ardent,pupil.P9,Welcome-2026!',
	},
	teacher: {
		header: 'SIS ID,School SIS ID,First Name,Last Name,Username,Password,Teacher Number',
		rows: () => teachers.map((id) => `${id},S2,Vera,Elm,teacher.${id},Welcome-2026!`),
		faultyRow: 'T9,S9,Vera,Elm,teacher.T9,Welcome-2026!',
	},
	studentEnrollment: {
		header: 'Section SIS ID,SIS ID,Version',
		rows: (version) => memberships(pupils, version),
		faultyRow: 'C1,P8',
	},
	teacherRoster: {
		header: 'Section SIS ID,SIS ID,Version',
		rows: (version) => memberships(teachers, version),
		faultyRow: 'C1,T8',
	},
};

/** Other people in other classes for each version; somebody is always there. */
function memberships(people: readonly string[], version: number): string[] {
	const pairs = sections.flatMap((section) => people.map((person) => `${section},${person}`));
	const bits = Math.imul(version + 1, 0x9e3779b1) >>> 7;
	return pairs.filter((_, at) => at === 0 || ((bits >>> at) & 1) === 1);
}

export function fileText({ kind, version, isFaulty }: FileVersion): string {
	const { header, rows, faultyRow } = tables[kind];
	const all = [...rows(version), ...(isFaulty ? [faultyRow] : [])];
	return `${[header, ...all.map((row) => `${row},v${version}`)].join('\r\n')}\r\n`;
}

export function versionIn(text: string): number {
	return Number(/,v(\d+)\r\n/.exec(text)?.[1]);
}

/** What the directory shows of a roster: for each object the version it was written from, and who is in which class. */
export interface RosterImage {
	/** By kind and id, as "school S1". */
	objects: ReadonlyMap<string, string>;
	/** As "studentEnrollment C1,P1". */
	memberships: ReadonlySet<string>;
}

export function imageOf(versions: Versions): RosterImage {
	const objects = new Map<string, string>();
	const members = new Set<string>();
	for (const kind of rosterKinds) {
		const version = versions.get(kind) ?? Number.NaN;
		for (const row of tables[kind].rows(version)) {
			if (kind === 'studentEnrollment' || kind === 'teacherRoster') members.add(`${kind} ${row}`);
			else objects.set(`${kind} ${row.split(',')[0]}`, `v${version}`);
		}
	}
	return { objects, memberships: members };
}
