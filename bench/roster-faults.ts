import { type Random, seededRandom } from './random.ts';
import type { RosterFile } from './roster-files.ts';

/** One thing that is wrong on purpose: a verification must report exactly this. */
export interface InjectedFault {
	kind: FaultKind;
	file: RosterFile;
	/** Physical line; the header is line 1. */
	line: number;
	/** Absent when the whole row is at fault. */
	column?: string;
}

interface FaultyRow {
	file: RosterFile;
	line: number;
	header: readonly string[];
	values: string[];
}

export interface FaultPlan {
	/** In the order of the rows, file by file. */
	injected: InjectedFault[];
	/** The row, with a fault if one was drawn for it. */
	apply(row: FaultyRow): string[];
}

interface Fault {
	file: RosterFile;
	column?: string;
	/** Makes the faulty values out of the good ones. `first` is the file's first row. */
	spoil(values: string[], at: number, first: readonly string[]): string[];
}

const set = (value: string) => (values: string[], at: number) => values.with(at, value);

/** No two of them may meet in one row, and none may make another row faulty. */
const faults = {
	missingName: { file: 'School', column: 'Name', spoil: set('') },
	missingSchool: { file: 'Section', column: 'School SIS ID', spoil: set('') },
	missingUsername: { file: 'Student', column: 'Username', spoil: set('') },
	badBirthdate: { file: 'Student', column: 'Birthdate', spoil: set('31.12.2010') },
	badTermDate: { file: 'Section', column: 'Term StartDate', spoil: set('2026-13-40') },
	badUsername: { file: 'Teacher', column: 'Username', spoil: (values, at) => values.with(at, `${values[at]} #1`) },
	duplicateUsername: {
		file: 'Student',
		column: 'Username',
		spoil: (values, at, first) => values.with(at, (first[at] as string).toUpperCase()),
	},
	unknownSchool: { file: 'Teacher', column: 'School SIS ID', spoil: set('99999') },
	unknownSection: { file: 'StudentEnrollment', column: 'Section SIS ID', spoil: set('NO-SUCH-SECTION') },
	unknownStudent: { file: 'StudentEnrollment', column: 'SIS ID', spoil: set('NO-SUCH-STUDENT') },
	unknownTeacher: { file: 'TeacherRoster', column: 'SIS ID', spoil: set('NO-SUCH-TEACHER') },
	raggedRow: { file: 'StudentEnrollment', spoil: (values) => [...values, 'too many'] },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof faults;

export const faultKinds = Object.keys(faults) as FaultKind[];

/**
 * Draws from generators of its own, so that every other row is as it is without faults. The rows behind the first one of a file
 * get one fault of each kind, so that the rarest kind occurs at the lowest rate.
 */
export function planFaults(rate: number, seed: number): FaultPlan {
	const injected: InjectedFault[] = [];
	const draws = new Map<RosterFile, Random>();
	const firstRows = new Map<RosterFile, readonly string[]>();
	const kindsToCome = new Map<RosterFile, FaultKind[]>();
	return {
		injected,
		apply({ file, line, header, values }) {
			const random = draws.get(file) ?? seededRandom(seed + 1_000 + file.length * 31 + file.charCodeAt(0));
			draws.set(file, random);
			const first = firstRows.get(file) ?? values;
			firstRows.set(file, first);
			// Later rows refer to the first one, so it stays as it is.
			if (first === values || rate === 0) return values;
			const kinds = faultKinds.filter((each) => faults[each].file === file);
			const toCome = kindsToCome.get(file) ?? [...kinds];
			kindsToCome.set(file, toCome);
			const kind = toCome.shift() ?? (random.chance(rate) ? random.pick(kinds) : undefined);
			if (!kind) return values;
			const fault: Fault = faults[kind];
			const at = fault.column === undefined ? -1 : header.indexOf(fault.column);
			injected.push({ kind, file, line, ...(fault.column === undefined ? {} : { column: fault.column }) });
			return fault.spoil([...values], at, first);
		},
	};
}
