import type { RosterKind } from './kinds.ts';

/** How the files of one edition of School Data Sync name their columns. */
export interface RosterFormat {
	readonly name: string;
	/** By our column name: the accepted header names, the usual one first. Columns left out keep their own name. */
	readonly headers: Readonly<Partial<Record<RosterKind, HeaderNames>>>;
}

type HeaderNames = Readonly<Record<string, readonly string[]>>;

// Microsoft's older UK samples write `School Dfe Number`, and `Zip` where newer ones write `Postal Code`.
const ukSchool: HeaderNames = { 'SIS ID': ['DfE Number'], Zip: ['Postal Code', 'Zip'] };
const ukEntity: HeaderNames = { 'SIS ID': ['ID'], 'School SIS ID': ['School DfE Number', 'School Dfe Number'] };
const ukMembership: HeaderNames = { 'Section SIS ID': ['Section ID'], 'SIS ID': ['ID'] };

/** https://learn.microsoft.com/schooldatasync/uk-csv-file-format */
export const rosterFormats = [
	{ name: 'SDS', headers: {} },
	{
		name: 'UK',
		headers: {
			school: ukSchool,
			section: ukEntity,
			student: ukEntity,
			teacher: ukEntity,
			studentEnrollment: ukMembership,
			teacherRoster: ukMembership,
		},
	},
] as const satisfies readonly [RosterFormat, ...RosterFormat[]];

export function headerNames(format: RosterFormat, kind: RosterKind, column: string): readonly [string, ...string[]] {
	const [usual = column, ...others] = format.headers[kind]?.[column] ?? [];
	return [usual, ...others];
}
