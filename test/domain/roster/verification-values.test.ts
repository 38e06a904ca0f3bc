import { describe, expect, test } from 'vitest';
import type { VerificationOptions } from '../../../src/domain/roster/verification-options.ts';
import { verifyRoster } from './verified-roster.ts';

const replacing: Partial<VerificationOptions> = { handleSpecialCharacterConstraint: true };
const matchingByUsername: Partial<VerificationOptions> = { createsUsers: false, domains: {} };

/** Type and reason of what is said about one value of one row, or nothing. */
function judge(
	kind: 'school' | 'section' | 'student',
	column: string,
	value: string,
	options = {},
): string | undefined {
	const row: Record<string, string> = {
		'SIS ID': 'X1',
		'School SIS ID': 'A',
		Name: 'Alpha',
		'Section Name': 'Biology',
		'First Name': 'Ada',
		'Last Name': 'Abel',
		Username: 'ada.abel',
		Password: 'Passw0rd!',
		[column]: value,
	};
	if (kind === 'school') delete row['School SIS ID'];
	const quoted = Object.values(row).map((each) => `"${each.replaceAll('"', '""')}"`);
	const files = {
		section: ['SIS ID,School SIS ID,Section Name'],
		student: ['SIS ID,School SIS ID,First Name,Last Name,Username,Password'],
		teacher: ['SIS ID,School SIS ID,First Name,Last Name,Username,Password'],
		studentEnrollment: ['Section SIS ID,SIS ID'],
		teacherRoster: ['Section SIS ID,SIS ID'],
		...(kind === 'school' ? {} : { school: ['SIS ID,Name', 'A,Alpha'] }),
		[kind]: [Object.keys(row).join(','), quoted.join(',')],
	};
	const { findings } = verifyRoster(files, options);
	const { severity, reason } = findings.find((each) => each.kind === kind) ?? {};
	return severity && `${severity} ${reason}`;
}

const judgeAll = (kind: 'school' | 'section' | 'student', column: string, values: readonly string[], options = {}) =>
	values.map((value) => judge(kind, column, value, options));

const fine = (values: readonly string[]) => values.map(() => undefined);

const blank = 'Error has a blank inside';
const invisible = 'Error has an invisible character';
const special = 'Error has one of the characters !@~#%*{}:<>?+&,$|';

describe('an id', () => {
	test('may be any text of 256 characters', () => {
		const ids = ['1', 'é', '王王', 'x'.repeat(256), 'é'.repeat(256), 'a/b(c);=^[d]\'"\\', ' trimmed '];
		expect(judgeAll('student', 'SIS ID', ids)).toEqual(fine(ids));
		expect(judge('student', 'SIS ID', 'x'.repeat(257))).toBe('Error is longer than 256 characters');
		expect(judge('student', 'SIS ID', 'é'.repeat(257))).toBe('Error is longer than 256 characters');
	});

	test('has no blank, and nothing that cannot be seen, inside', () => {
		for (const options of [{}, replacing]) {
			expect(judgeAll('student', 'SIS ID', ['a b', 'a\tb', 'a\u00a0b', 'a\u200bb', '\ufeffa'], options)).toEqual([
				blank,
				blank,
				invisible,
				invisible,
				invisible,
			]);
		}
	});

	test('has none of the special characters, unless the profile handles them', () => {
		for (const character of '!@~#%*{}:<>?+&,$|') {
			expect(judge('school', 'SIS ID', `a${character}b`)).toBe(special);
			expect(judge('school', 'SIS ID', `a${character}b`, replacing)).toBeUndefined();
		}
	});

	test('of a section fits into a mail nickname', () => {
		const ids = ['Math_7-b.2', 'x'.repeat(56)];
		expect(judgeAll('section', 'SIS ID', ids)).toEqual(fine(ids));
		expect(judge('section', 'SIS ID', 'x'.repeat(57))).toBe('Error is longer than 56 characters');
		expect(judgeAll('section', 'SIS ID', ['a/b', 'é', 'a(b)'], replacing)).toEqual(
			Array(3).fill('Error has characters other than letters A to Z, digits, ".", "_" and "-"'),
		);
		expect(judge('section', 'SIS ID', 'a b', replacing)).toBe(blank);
		expect(judge('section', 'SIS ID', 'a#b')).toBe(special);
		expect(judge('section', 'SIS ID', 'a#b', replacing)).toBeUndefined();
	});
});

describe('a username', () => {
	test('is a local part of 64 characters without blanks', () => {
		expect(judge('student', 'Username', 'x'.repeat(64))).toBeUndefined();
		expect(judge('student', 'Username', 'x'.repeat(65))).toBe('Error is longer than 64 characters');
		expect(judge('student', 'Username', 'ada abel', replacing)).toBe(blank);
		expect(judge('student', 'Username', 'ada\u00a0abel')).toBe(invisible);
		expect(judge('student', 'Username', 'ada#abel')).toBe(special);
	});

	test('may carry the domain that the profile appends, and no other', () => {
		expect(judge('student', 'Username', `${'x'.repeat(64)}@EXAMPLE.org`)).toBeUndefined();
		const other = 'Error has an "@", and behind it something else than the domain "example.org"';
		expect(judgeAll('student', 'Username', ['a@b.org', 'a@xexample.org', 'a@b@example.org', 'a@'])).toEqual(
			Array(4).fill(other),
		);
		expect(judge('student', 'Username', '@example.org')).toBe('Error has nothing before "@"');
	});

	test('may have one "@" if no domain is appended', () => {
		expect(judge('student', 'Username', 'a@b.org', matchingByUsername)).toBeUndefined();
		expect(judge('student', 'Username', 'a@b@c', matchingByUsername)).toBe(special);
		expect(judge('student', 'Username', '@b.org', matchingByUsername)).toBe('Error has nothing before "@"');
	});

	test('is not bound to a domain that is appended to another column', () => {
		const options = { createsUsers: false, matchingColumns: { student: 'SIS ID' } };
		expect(judge('student', 'Username', 'a@b.org', options)).toBeUndefined();
	});
});

describe('a name', () => {
	test('with special characters is a warning, unless the profile handles them', () => {
		const warning = special.replace('Error', 'Warning');
		expect(judge('school', 'Name', 'Bell & Sons')).toBe(warning);
		expect(judge('section', 'Section Name', 'AP: Physics')).toBe(warning);
		expect(judge('student', 'Last Name', 'Abel, Jr.')).toBe(warning);
		expect(judge('student', 'Middle Name', 'A+')).toBe(warning);
		expect(judge('student', 'Middle Name', 'A+', replacing)).toBeUndefined();
		expect(judge('student', 'Last Name', "O'Neil-(Smith) / 王; Ü")).toBeUndefined();
	});

	test('fits into the directory', () => {
		expect(judge('school', 'Name', 'x'.repeat(257))).toBe('Error is longer than 256 characters');
		expect(judge('student', 'First Name', '😀'.repeat(64))).toBeUndefined();
		expect(judge('student', 'First Name', 'x'.repeat(65))).toBe('Error is longer than 64 characters');
	});
});

describe('other values', () => {
	test('passwords have 8 to 256 characters, and are not looked at if no accounts are made', () => {
		expect(judgeAll('student', 'Password', [' 2345678', 'é'.repeat(8), '#'.repeat(256)])).toEqual(fine(['', '', '']));
		expect(judgeAll('student', 'Password', ['1234567', 'x'.repeat(257)])).toEqual([
			'Error is shorter than 8 characters',
			'Error is longer than 256 characters',
		]);
		expect(judge('student', 'Password', 'x', matchingByUsername)).toBeUndefined();
	});

	test('texts have up to 256 characters of any kind', () => {
		expect(judge('student', 'State ID', '<&> #')).toBeUndefined();
		expect(judge('section', 'Course Description', 'x'.repeat(257))).toBe('Error is longer than 256 characters');
	});

	test('e-mail addresses have something on both sides of one "@", which is worth a warning', () => {
		expect(judgeAll('student', 'Secondary Email', ['a@b', 'é+x@example.org'])).toEqual(fine(['', '']));
		for (const address of ['call home', 'call home@example.org', '@b', 'a@', 'a@b@c', 'a']) {
			expect(judge('student', 'Secondary Email', address)).toBe('Warning is no e-mail address');
		}
	});

	test('dates come in three spellings', () => {
		const dates = [
			'2010-02-28',
			'20100228',
			'2/28/2010',
			'02/28/2010',
			'2/8/2010',
			'12/31/2010',
			'2/29/2012',
			'2000-02-29',
		];
		expect(judgeAll('student', 'Birthdate', dates)).toEqual(fine(dates));
	});

	test.each([
		...['28.0.2010', '2010-2-28', '2010/02/28', '2/28/10', '13/13/2010', '2/29/2011', '1900-02-29', '2010-13-01'],
		...['2010-00-10', '20100431', '0/1/2010', '1/0/2010', '0000-01-01', '2010-0228', '1//2010', '/1/2010', '1/2/20100'],
		...['2010-02-2x', '201002', 'today', '1/2/2010 0:00', '001/2/2010', '-1/2/2010'],
	])('"%s" is no date', (date) => {
		expect(judge('student', 'Birthdate', date)).toBe('Error is no date like YYYY-MM-DD, YYYYMMDD or M/D/YYYY');
	});

	test('graduation years have four digits', () => {
		expect(judge('student', 'Graduation Year', '2028')).toBeUndefined();
		for (const year of ['28', '20288', '202x', '2027-28']) {
			expect(judge('student', 'Graduation Year', year)).toBe('Error is no year of four digits');
		}
	});

	test('a term does not end before it starts', () => {
		const section = (dates: string) =>
			verifyRoster({
				section: ['SIS ID,School SIS ID,Section Name,Term EndDate,Term StartDate', `S1,A,x,${dates}`, 'S2,A,x,,'],
			}).found;
		expect(section('8/1/2026,2026-08-01')).toEqual([]);
		expect(section('8/1/2026,')).toEqual([]);
		expect(section('20260731,2026-08-01')).toEqual(['section.csv:2 Term EndDate format']);
		expect(section('20260731,tomorrow')).toEqual(['section.csv:2 Term StartDate format']);
	});
});

describe('a column that the profile does not sync', () => {
	test('may hold anything', () => {
		expect(judge('student', 'Birthdate', 'a\nb', { optionalColumns: { student: ['Grade'] } })).toBeUndefined();
		expect(judge('student', 'Birthdate', 'a\nb', { optionalColumns: { student: ['Birth_date'] } })).toBe(
			'Error has a line break',
		);
	});
});

describe('a torn value', () => {
	test.each([
		['"x" y', 'has text behind its closing quotation mark'],
		['x "y"', 'has a quotation mark and is not enclosed in quotation marks'],
		['x\ry', 'has a carriage return without a line feed'],
		['x\0y', 'has a control character'],
		['"x\ny"', 'has a line break'],
	])('%j is an invalid format of its column, and the next row is fine', (raw, reason) => {
		const { told, findings, sunk } = verifyRoster({
			school: ['SIS ID,Name', `B,${raw}`, 'A,Alpha'],
		});
		expect(told).toEqual(['school.csv Error 1 row(s) have an invalid format for the field - Name']);
		expect(findings).toMatchObject([{ column: 'Name', key: 'B', reason }]);
		expect(sunk[0]).toMatch(/^school \d A$/);
	});

	test('in the id itself leaves the finding without an id', () => {
		const { findings } = verifyRoster({ school: ['SIS ID,Name', '"B\nC",x', 'A,Alpha'] });
		expect(findings[0]).toMatchObject({ column: 'SIS ID', reason: 'has a line break' });
		expect(findings[0]).not.toHaveProperty('key');
	});
});
