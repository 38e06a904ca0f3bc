import { describe, expect, test } from 'vitest';
import { type RosterKind, rosterFileName } from '../../../src/domain/roster/format/kinds.ts';
import type { VerificationOptions } from '../../../src/domain/roster/verification-options.ts';
import { verifyRoster } from './verified-roster.ts';

/**
 * Every rule at every column, as the documentation of the format has them: one value of one row is changed, and exactly that row,
 * column and rule is found. The table is written by hand, so that the columns of the code are held against something.
 * https://learn.microsoft.com/schooldatasync/school-data-sync-format-csv-files
 */

type Traits =
	| { type: 'key' | 'sectionKey' | 'reference' | 'username'; need: 'always' | 'creating' }
	| { type: 'name' | 'password'; max: number; need: 'always' | 'creating' | 'optional' }
	| { type: 'text' | 'code' | 'email' | 'date' | 'year'; need: 'optional' };

type Column = [name: string, traits: Traits, value: (row: number) => string];

const text: Traits = { type: 'text', need: 'optional' };
const code: Traits = { type: 'code', need: 'optional' };
const email: Traits = { type: 'email', need: 'optional' };
const date: Traits = { type: 'date', need: 'optional' };
const reference: Traits = { type: 'reference', need: 'always' };
const key: Traits = { type: 'key', need: 'always' };
const personName: Traits = { type: 'name', max: 64, need: 'creating' };

const numbered = (word: string) => (row: number) => `${word}${row}`;
const same = (value: string) => () => value;

const person = (word: string): Column[] => [
	['SIS ID', key, numbered(word)],
	['School SIS ID', reference, same('A1')],
	['First Name', personName, numbered('Given')],
	['Last Name', personName, numbered('Family')],
	['Username', { type: 'username', need: 'creating' }, numbered(`${word}user`)],
	['Password', { type: 'password', max: 256, need: 'creating' }, numbered('Passw0rd!')],
	['State ID', code, numbered('9')],
];

const columns: Readonly<Record<RosterKind, readonly Column[]>> = {
	school: [
		['SIS ID', key, numbered('A')],
		['Name', { type: 'name', max: 256, need: 'always' }, numbered('School ')],
		...['School Number', 'School NCES_ID', 'State ID'].map((name): Column => [name, code, numbered('7')]),
		['Grade Low', text, same('9')],
		['Grade High', text, same('12')],
		['Principal SIS ID', code, numbered('8')],
		['Principal Name', text, numbered('Principal ')],
		['Principal Secondary Email', email, (row) => `p${row}@example.org`],
		...['Address', 'City', 'State', 'Country'].map((name): Column => [name, text, numbered('x')]),
		['Zip', code, same('98052')],
		['Phone', code, same('+14255550123')],
		['Zone', text, same('North')],
	],
	section: [
		['SIS ID', { type: 'sectionKey', need: 'always' }, numbered('C')],
		['School SIS ID', reference, same('A1')],
		['Section Name', { type: 'name', max: 256, need: 'always' }, numbered('Biology ')],
		['Section Number', code, numbered('4')],
		['Term SIS ID', code, same('T1')],
		['Term Name', text, same('Autumn')],
		['Term StartDate', date, same('8/17/2026')],
		['Term EndDate', date, same('2026-12-18')],
		['Course SIS ID', code, same('5')],
		['Course Name', text, same('Life & science')],
		['Course Number', code, same('101')],
		['Course Description', text, same('Cells, mostly')],
		['Course Subject', text, same('Science')],
		['Periods', text, same('1, 2')],
		['Status', text, same('Active')],
	],
	student: [
		...person('P'),
		['Secondary Email', email, (row) => `s${row}@example.org`],
		['Student Number', code, numbered('6')],
		['Middle Name', { type: 'name', max: 256, need: 'optional' }, same('Q')],
		['Grade', text, same('9')],
		['Status', text, same('Active')],
		['Birthdate', date, same('20100228')],
		['Graduation Year', { type: 'year', need: 'optional' }, same('2028')],
	],
	teacher: [
		...person('T'),
		['Teacher Number', code, numbered('3')],
		['Status', text, same('Active')],
		['Middle Name', { type: 'name', max: 256, need: 'optional' }, same('Z')],
		['Secondary Email', email, (row) => `t${row}@example.org`],
		['Title', text, same('Dr')],
		['Qualification', text, same('MSc')],
	],
	// The third section, student and teacher have nobody who refers to them, so that a change to their ids is one fault.
	studentEnrollment: [
		['Section SIS ID', reference, (row) => ['C1', 'C1', 'C2'][row - 1] as string],
		['SIS ID', reference, (row) => ['P1', 'P2', 'P2'][row - 1] as string],
	],
	teacherRoster: [
		['Section SIS ID', reference, (row) => ['C1', 'C1', 'C2'][row - 1] as string],
		['SIS ID', reference, (row) => ['T1', 'T2', 'T1'][row - 1] as string],
	],
};

const kinds = Object.keys(columns) as RosterKind[];
const faultyRow = 3;
const rowsOf = (kind: RosterKind) => [1, 2, faultyRow].map((row) => columns[kind].map(([, , value]) => value(row)));
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
const lines = (kind: RosterKind, rows: readonly (readonly string[])[] = rowsOf(kind)) => [
	columns[kind].map(([name]) => name).join(','),
	...rows.map((row) => row.map(quoted).join(',')),
];
const roster = Object.fromEntries(kinds.map((kind) => [kind, lines(kind)]));

type Options = Partial<VerificationOptions>;

/** What is found when one value of the last row is something else. */
function changed(kind: RosterKind, name: string, value: string | ((sound: string) => string), options: Options = {}) {
	const rows = rowsOf(kind);
	const at = columns[kind].findIndex(([each]) => each === name);
	const row = rows.at(-1) as string[];
	row[at] = typeof value === 'string' ? value : value(row[at] as string);
	return findingsOf({ ...roster, [kind]: lines(kind, rows) }, options);
}

function findingsOf(files: Parameters<typeof verifyRoster>[0], options: Options = {}) {
	const { findings, messages } = verifyRoster(files, options);
	// Every finding is in a message, and there is no message without one.
	expect(messages).toHaveLength(new Set(findings.map(({ rule, column }) => `${rule} ${column}`)).size);
	return findings.map(({ fileName, line, column, rule, severity }) => ({ fileName, line, column, rule, severity }));
}

type Rule = 'missing' | 'format' | 'duplicate' | 'reference';

const only = (kind: RosterKind, column: string, rule: Rule, severity: 'Error' | 'Warning' = 'Error') => [
	{ fileName: rosterFileName(kind), line: faultyRow + 1, column, rule, severity },
];

const all = kinds.flatMap((kind) => columns[kind].map(([name, traits]) => ({ kind, name, traits })));
const where = (isMeant: (traits: Traits) => boolean) => all.filter(({ traits }) => isMeant(traits));
const isA =
	(...types: Traits['type'][]) =>
	(traits: Traits) =>
		types.includes(traits.type);

const matchingBy = (kind: 'student' | 'teacher', column: string): Options => ({
	createsUsers: false,
	matchingColumns: { [kind]: column },
});

test('the roster as it stands has nothing wrong with it', () => {
	expect(findingsOf(roster)).toEqual([]);
});

describe('missing data', () => {
	test.each(where(({ need }) => need !== 'optional'))('of $kind, $name, is an error', ({ kind, name }) => {
		expect(changed(kind, name, '')).toEqual(only(kind, name, 'missing'));
	});

	test.each(where(({ need }) => need === 'optional'))(
		'of $kind, $name, is a warning if the profile names the column',
		({ kind, name }) => {
			expect(changed(kind, name, '', { optionalColumns: { [kind]: [name] } })).toEqual(
				only(kind, name, 'missing', 'Warning'),
			);
			expect(changed(kind, name, '')).toEqual([]);
		},
	);

	test.each(where(({ need }) => need === 'creating'))(
		'of $kind, $name, is none if no accounts are made',
		({ kind, name }) => {
			expect(changed(kind, name, '', { createsUsers: false })).toEqual([]);
		},
	);

	const isDistinct = (name: string) =>
		columns.student.some(([each, , value]) => each === name && value(1) !== value(2));
	const matching = all.filter(({ kind, name, traits }) => {
		return kind === 'student' && isDistinct(name) && !isA('reference', 'password')(traits);
	});
	test.each(matching)('of $kind, $name, is an error if users are matched by it', ({ kind, name }) => {
		expect(changed(kind, name, '', matchingBy('student', name))).toEqual(only(kind, name, 'missing'));
	});
});

describe('the format', () => {
	const maxOf = (traits: Traits) =>
		traits.type === 'sectionKey' ? 56 : traits.type === 'username' ? 64 : 'max' in traits ? traits.max : 256;

	test.each(where(isA('key', 'sectionKey', 'username', 'name', 'password', 'text', 'code')))(
		'of $kind, $name, has a greatest length',
		({ kind, name, traits }) => {
			expect(changed(kind, name, 'x'.repeat(maxOf(traits)))).toEqual([]);
			expect(changed(kind, name, 'x'.repeat(maxOf(traits) + 1))).toEqual(only(kind, name, 'format'));
		},
	);

	test.each(where(isA('key', 'sectionKey', 'username')))('of $kind, $name, has no blank inside', ({ kind, name }) => {
		for (const value of ['a b', 'a\tb', 'a\u00a0b', 'a\u200bb'])
			expect(changed(kind, name, value)).toEqual(only(kind, name, 'format'));
	});

	test.each(all)('of $kind, $name, has special characters or not', ({ kind, name, traits }) => {
		if (isA('reference', 'email', 'date', 'year')(traits)) return;
		for (const character of '!@~#%*{}:<>?+&,$|') {
			const severity = traits.type === 'name' ? 'Warning' : 'Error';
			const isFree = isA('text', 'code', 'password')(traits);
			const value = `1234${character}5678`;
			expect(changed(kind, name, value), character).toEqual(isFree ? [] : only(kind, name, 'format', severity));
			const handled = { handleSpecialCharacterConstraint: true };
			expect(changed(kind, name, value, handled), character).toEqual([]);
		}
	});

	test.each(where(isA('key', 'sectionKey', 'code')))(
		'of $kind, $name, is no rounded number',
		({ kind, name, traits }) => {
			const severity = traits.type === 'code' ? 'Warning' : 'Error';
			expect(changed(kind, name, '1.23457E+11')).toEqual(only(kind, name, 'format', severity));
		},
	);

	test.each(where(isA('sectionKey')))('of $kind, $name, fits a mail nickname', ({ kind, name }) => {
		for (const value of ['a/b', 'é', 'a;b']) expect(changed(kind, name, value)).toEqual(only(kind, name, 'format'));
	});

	test.each(where(isA('email')))('of $kind, $name, is an address', ({ kind, name }) => {
		expect(changed(kind, name, 'nobody')).toEqual(only(kind, name, 'format', 'Warning'));
		expect(changed(kind, name, `x@${'y'.repeat(255)}`)).toEqual(only(kind, name, 'format'));
	});

	test.each(where(isA('date')))('of $kind, $name, is a date', ({ kind, name }) => {
		for (const value of ['tomorrow', '2026-02-30', '38353', '31/12/2026'])
			expect(changed(kind, name, value)).toEqual(only(kind, name, 'format'));
	});

	test('of section, Term EndDate, is not before the start', () => {
		expect(changed('section', 'Term EndDate', '2026-08-16')).toEqual(only('section', 'Term EndDate', 'format'));
	});

	test('of student, Graduation Year, is a year', () => {
		expect(changed('student', 'Graduation Year', '28')).toEqual(only('student', 'Graduation Year', 'format'));
	});

	test.each(where(isA('password')))('of $kind, $name, has a least length', ({ kind, name }) => {
		expect(changed(kind, name, 'short')).toEqual(only(kind, name, 'format'));
	});

	test.each(all)('of $kind, $name, has no line break, control character or stray quotation mark', ({ kind, name }) => {
		for (const value of ['a\r\nb', 'a\nb', 'a\u0000b', 'a\u007fb'])
			expect(changed(kind, name, value), JSON.stringify(value)).toEqual(only(kind, name, 'format'));
		const at = columns[kind].findIndex(([each]) => each === name);
		for (const torn of ['a"b', '"a"b']) {
			const row = (rowsOf(kind).at(-1) as string[]).map(quoted).with(at, torn).join(',');
			const files = { ...roster, [kind]: [...lines(kind).slice(0, -1), row] };
			expect(findingsOf(files), torn).toEqual(only(kind, name, 'format'));
		}
	});
});

describe('a value that occurs again', () => {
	test.each(where(isA('key', 'sectionKey', 'username')))('in $kind, $name, is a warning', ({ kind, name }) => {
		const first = columns[kind].find(([each]) => each === name)?.[2](1) as string;
		expect(changed(kind, name, first)).toEqual(only(kind, name, 'duplicate', 'Warning'));
	});

	test.each(where(isA('username')))('in $kind, $name, counts in any case', ({ kind, name }) => {
		const first = columns[kind].find(([each]) => each === name)?.[2](1) as string;
		expect(changed(kind, name, first.toUpperCase())).toEqual(only(kind, name, 'duplicate', 'Warning'));
	});

	const matching = all.filter(({ kind, name }) => {
		const isUser = kind === 'student' || kind === 'teacher';
		return isUser && ['State ID', 'Student Number', 'Teacher Number', 'Secondary Email'].includes(name);
	});
	test.each(matching)('in $kind, $name, counts only if users are matched by it', ({ kind, name }) => {
		const first = columns[kind].find(([each]) => each === name)?.[2](1) as string;
		const byIt = matchingBy(kind as 'student' | 'teacher', name);
		expect(changed(kind, name, first, byIt)).toEqual(only(kind, name, 'duplicate', 'Warning'));
		expect(changed(kind, name, first)).toEqual([]);
	});

	test.each(['studentEnrollment', 'teacherRoster'] as const)('as a pair in %s, is a warning', (kind) => {
		const rows = rowsOf(kind);
		const files = { ...roster, [kind]: lines(kind, [...rows.slice(0, 2), rows[0] as string[]]) };
		expect(findingsOf(files)).toEqual(only(kind, 'Section SIS ID, SIS ID', 'duplicate', 'Warning'));
	});
});

test.each(where(isA('reference')))('a reference of $kind, $name, leads somewhere', ({ kind, name }) => {
	for (const value of ['nowhere', '1.23457E+11'])
		expect(changed(kind, name, value)).toEqual(only(kind, name, 'reference'));
	expect(changed(kind, name, (sound) => sound.toLowerCase())).toEqual(only(kind, name, 'reference'));
});

describe('a row', () => {
	test.each(kinds)('of %s has as many values as the header', (kind) => {
		const row = rowsOf(kind).at(-1) as string[];
		for (const values of [[...row, 'more'], row.slice(0, -1), ['one']]) {
			const { findings } = verifyRoster({ ...roster, [kind]: lines(kind, [...rowsOf(kind).slice(0, -1), values]) });
			expect(findings).toMatchObject([{ fileName: rosterFileName(kind), line: faultyRow + 1, rule: 'raggedRow' }]);
			expect(findings[0]).not.toHaveProperty('column');
		}
	});
});

describe('a header', () => {
	const without = (kind: RosterKind, name: string) => {
		const at = columns[kind].findIndex(([each]) => each === name);
		const rows = [columns[kind].map(([each]) => each), ...rowsOf(kind)];
		return { ...roster, [kind]: rows.map((row) => row.toSpliced(at, 1).map(quoted).join(',')) };
	};

	test.each(where(({ need }) => need !== 'optional'))('of $kind has the column $name', ({ kind, name }) => {
		const { told, findings } = verifyRoster(without(kind, name));
		expect(told).toEqual([`${rosterFileName(kind)} Error Required column(s) missing - ${name}`]);
		expect(findings).toEqual([]);
	});

	test.each(where(({ need }) => need === 'optional'))('of $kind may lack the column $name', ({ kind, name }) => {
		expect(verifyRoster(without(kind, name)).told).toEqual([]);
	});

	test.each(all)('of $kind has the column $name once', ({ kind, name }) => {
		const [header, ...rows] = lines(kind);
		const twice = { ...roster, [kind]: [`${header},${name}`, ...rows.map((row) => `${row},x`)] };
		expect(verifyRoster(twice).told).toEqual([`${rosterFileName(kind)} Error Duplicate column(s) found - ${name}`]);
	});
});
