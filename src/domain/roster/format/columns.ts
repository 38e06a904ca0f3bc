import type { RosterKind } from './kinds.ts';
import { comparable } from './nearest-name.ts';

/**
 * The columns of the six files by their School Data Sync names; the order is that of the sample headers and of the
 * normalized records. https://learn.microsoft.com/schooldatasync/school-data-sync-format-csv-files
 */
export interface Column {
	readonly name: string;
	readonly value: ValueType;
	/** Any column becomes required when an identity rule matches users by it. */
	readonly required: 'always' | 'whenCreatingUsers' | 'optional';
	/** In characters. */
	readonly maxLength: number;
	readonly references?: RosterKind;
	readonly isUnique?: boolean;
	/** A date column whose day must not be later. */
	readonly notBefore?: string;
	/** Its values are never shown in a finding. */
	readonly isSecret?: boolean;
}

export type ValueType =
	| 'id'
	| 'sectionId'
	| 'reference'
	| 'name'
	| 'username'
	| 'password'
	| 'text'
	/** A number or short sign that a spreadsheet may spoil. */
	| 'code'
	| 'email'
	| 'date'
	| 'year';

/** A directory extension and a display name hold at most 256 characters. */
const directoryTextLength = 256;
/** Given name, surname and the local part of a user principal name hold at most 64 characters. */
const directoryNameLength = 64;
/** The class gets the mail nickname `Section_<id>`, and a mail nickname holds at most 64 characters. */
const sectionIdLength = 56;

type Traits = Partial<Omit<Column, 'name'>>;

function column(name: string, traits: Traits = {}): Column {
	return { name, value: 'text', required: 'optional', maxLength: directoryTextLength, ...traits };
}

const key: Traits = { value: 'id', required: 'always', isUnique: true };
const reference = (references: RosterKind): Traits => ({ value: 'reference', required: 'always', references });
const code: Traits = { value: 'code' };
const personName: Traits = { value: 'name', required: 'whenCreatingUsers', maxLength: directoryNameLength };

const userColumns = [
	column('SIS ID', key),
	column('School SIS ID', reference('school')),
	column('First Name', personName),
	column('Last Name', personName),
	column('Username', {
		value: 'username',
		required: 'whenCreatingUsers',
		maxLength: directoryNameLength,
		isUnique: true,
	}),
	column('Password', { value: 'password', required: 'whenCreatingUsers', isSecret: true }),
	column('State ID', code),
];

const rosterColumns: Readonly<Record<RosterKind, readonly Column[]>> = {
	school: [
		column('SIS ID', key),
		column('Name', { value: 'name', required: 'always' }),
		column('School Number', code),
		column('School NCES_ID', code),
		column('State ID', code),
		column('Grade Low'),
		column('Grade High'),
		// Not a checked reference: Microsoft's own samples name principals that are no teachers.
		column('Principal SIS ID', code),
		column('Principal Name'),
		column('Principal Secondary Email', { value: 'email' }),
		column('Address'),
		column('City'),
		column('State'),
		column('Country'),
		column('Zip', code),
		column('Phone', code),
		column('Zone'),
	],
	section: [
		column('SIS ID', { ...key, value: 'sectionId', maxLength: sectionIdLength }),
		column('School SIS ID', reference('school')),
		column('Section Name', { value: 'name', required: 'always' }),
		column('Section Number', code),
		column('Term SIS ID', code),
		column('Term Name'),
		column('Term StartDate', { value: 'date' }),
		column('Term EndDate', { value: 'date', notBefore: 'Term StartDate' }),
		column('Course SIS ID', code),
		column('Course Name'),
		column('Course Number', code),
		column('Course Description'),
		column('Course Subject'),
		column('Periods'),
		column('Status'),
	],
	student: [
		...userColumns,
		column('Secondary Email', { value: 'email' }),
		column('Student Number', code),
		column('Middle Name', { value: 'name' }),
		column('Grade'),
		column('Status'),
		column('Birthdate', { value: 'date', isSecret: true }),
		column('Graduation Year', { value: 'year' }),
	],
	teacher: [
		...userColumns,
		column('Teacher Number', code),
		column('Status'),
		column('Middle Name', { value: 'name' }),
		column('Secondary Email', { value: 'email' }),
		column('Title'),
		column('Qualification'),
	],
	studentEnrollment: [column('Section SIS ID', reference('section')), column('SIS ID', reference('student'))],
	teacherRoster: [column('Section SIS ID', reference('section')), column('SIS ID', reference('teacher'))],
};

/** In the order of the sample headers, which is the order of the values of a row. */
export function columnsOf(kind: RosterKind): readonly Column[] {
	return rosterColumns[kind];
}

const addressParts = ['Address', 'City', 'State', 'Zip', 'Latitude', 'Longitude', 'Country'];

/** Accepted in old files and lists of properties; no longer written since December 2018. */
const legacyColumns: Readonly<Partial<Record<RosterKind, readonly string[]>>> = {
	student: [
		...addressParts.map((part) => `Mailing ${part}`),
		...addressParts.map((part) => `Residence ${part}`),
		'Gender',
		'ELL Status',
		'FederalRace',
	],
};

/** Columns that `optionalPropertiesToSync` may select, in header order. */
export function optionalColumnsOf(kind: RosterKind): readonly string[] {
	return columnsOf(kind)
		.filter((each) => each.required === 'optional')
		.map((each) => each.name);
}

/**
 * Finds a column by the name that a profile gives it, ignoring case, blanks and punctuation: Microsoft's own examples
 * write `GradeLow` for `Grade Low` and `Email` for `Secondary Email`.
 */
export function findColumn(kind: RosterKind, name: string): Column | undefined {
	const wanted = comparable(name) === 'email' ? 'secondaryemail' : comparable(name);
	return columnsOf(kind).find((each) => comparable(each.name) === wanted);
}

export function isLegacyColumn(kind: RosterKind, name: string): boolean {
	return (legacyColumns[kind] ?? []).some((each) => comparable(each) === comparable(name));
}
