import { fieldText } from '../../../src/domain/roster/csv/records.ts';
import type { Verdict } from '../../../src/domain/roster/findings/verdict.ts';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { createVerification, type VerificationOptions } from '../../../src/domain/roster/verification.ts';

/** Each file as its lines; a kind that is undefined is missing. */
export type RosterLines = Readonly<Partial<Record<RosterKind, readonly string[] | undefined>>>;

/** The smallest roster in which everything is right. */
export const soundRoster = {
	school: ['SIS ID,Name', 'A,Alpha School'],
	section: ['SIS ID,School SIS ID,Section Name', 'S1,A,Biology', 'S2,A,Chemistry'],
	student: [
		'SIS ID,School SIS ID,First Name,Last Name,Username,Password',
		'1,A,Ada,Abel,ada,Passw0rd!',
		'2,A,Ben,Bach,ben,Passw0rd!',
	],
	teacher: ['SIS ID,School SIS ID,First Name,Last Name,Username,Password', 'T1,A,Tom,Thal,tom,Passw0rd!'],
	studentEnrollment: ['Section SIS ID,SIS ID', 'S1,1', 'S2,2'],
	teacherRoster: ['Section SIS ID,SIS ID', 'S1,T1'],
} as const satisfies RosterLines;

export const creatingOptions: VerificationOptions = {
	createsUsers: true,
	domains: { student: 'example.org', teacher: 'example.org' },
	matchingColumns: {},
	handleSpecialCharacterConstraint: false,
	optionalColumns: {},
	maxRowsPerFile: 1000,
	hashSeed: 11,
	findingsKept: 10,
};

export interface VerifiedRoster extends Verdict {
	/** What the sink got, as `kind line first-value`, marked with `+` for an additional school. */
	sunk: readonly string[];
	/** `school.csv Error File is missing.` */
	told: readonly string[];
	/** `school.csv:2 Name format` */
	found: readonly string[];
}

/** Verifies the sound roster with the given files in place of its own. */
export function verifyRoster(files: RosterLines = {}, options: Partial<VerificationOptions> = {}): VerifiedRoster {
	return verifyBytes({ ...soundRoster, ...files }, options);
}

export function verifyBytes(
	files: Readonly<Partial<Record<RosterKind, readonly string[] | Uint8Array | undefined>>>,
	options: Partial<VerificationOptions> = {},
): VerifiedRoster {
	const sunk: string[] = [];
	const verification = createVerification({ ...creatingOptions, ...options }, (row) => {
		sunk.push(`${row.kind} ${row.line} ${fieldText(row, 0)}${row.additionalSchool ? '+' : ''}`);
	});
	for (const kind of rosterKinds) {
		const file = files[kind];
		if (file === undefined) continue;
		verification.beginFile(kind);
		verification.write(file instanceof Uint8Array ? file : new TextEncoder().encode(`${file.join('\r\n')}\r\n`));
		verification.endFile();
	}
	const verdict = verification.finish();
	return {
		...verdict,
		sunk,
		told: verdict.messages.map(({ fileName, type, description }) => `${fileName} ${type} ${description}`),
		found: verdict.findings.map(({ fileName, line, column, rule }) => `${fileName}:${line} ${column ?? '-'} ${rule}`),
	};
}
