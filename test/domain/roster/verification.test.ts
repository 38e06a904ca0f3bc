import { describe, expect, test } from 'vitest';
import { createVerification } from '../../../src/domain/roster/verification.ts';
import { creatingOptions, soundRoster, verifyRoster } from './verified-roster.ts';

const userHeader = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';

describe('a sound roster', () => {
	test('gives no message, and every row may be synced', () => {
		const verdict = verifyRoster();
		expect(verdict).toMatchObject({ messages: [], findings: [], failed: false, unreadable: false });
		expect(verdict.rowCounts).toEqual({
			school: 1,
			section: 2,
			student: 2,
			teacher: 1,
			studentEnrollment: 2,
			teacherRoster: 1,
		});
		expect(verdict.acceptedCounts).toEqual(verdict.rowCounts);
		expect(verdict.sunk).toHaveLength(9);
	});
});

describe('missing data', () => {
	test.each([
		['school', 'Name', ['SIS ID,Name', 'A,', 'A2, \t']],
		['section', 'SIS ID', ['SIS ID,School SIS ID,Section Name', ',A,Biology', ' ,A,Physics']],
		['student', 'School SIS ID', [userHeader, '8,,Ada,Abel,ada8,Passw0rd!', '9,,Ada,Abel,ada9,Passw0rd!']],
		['teacher', 'Password', [userHeader, '8,A,Ada,Abel,ada8,', '9,A,Ada,Abel,ada9,']],
	] as const)('in %s is an error of the field %s', (kind, column, lines) => {
		const { told, found, failed, unreadable } = verifyRoster({
			[kind]: lines,
			section: kind === 'section' ? lines : soundRoster.section.slice(0, 1),
			studentEnrollment: ['Section SIS ID,SIS ID', 'S1,1'].slice(0, 1),
			teacherRoster: ['Section SIS ID,SIS ID'],
		});
		expect(told).toContain(`${kind}.csv Error 2 row(s) have missing data for the field - ${column}`);
		expect(found).toContain(`${kind}.csv:2 ${column} missing`);
		expect({ failed, unreadable }).toEqual({ failed: true, unreadable: false });
	});

	test('in columns for new accounts is fine if no accounts are made', () => {
		const student = ['SIS ID,School SIS ID,Username', '1,A,', '2,A,'];
		expect(
			verifyRoster({ student }, { createsUsers: false, matchingColumns: { student: 'Student Number' } }).told,
		).toEqual(['student.csv Error Required column(s) missing - Student Number']);
		expect(verifyRoster({ student }, { createsUsers: false }).told).toEqual([]);
	});

	test('in a column by which users are matched is an error', () => {
		const { told } = verifyRoster(
			{ student: ['SIS ID,School SIS ID,Student Number', '1,A,', '2,A,77'] },
			{ createsUsers: false, matchingColumns: { student: 'Student Number' } },
		);
		expect(told).toEqual(['student.csv Error 1 row(s) have missing data for the field - Student Number']);
	});

	test('in an optional column is a warning if the profile names the column, and nothing otherwise', () => {
		const school = ['SIS ID,Name,Zone,Phone', 'A,Alpha,,'];
		expect(verifyRoster({ school }).told).toEqual([]);
		const { told, failed, sunk } = verifyRoster({ school }, { optionalColumns: { school: ['zone'] } });
		expect(told).toEqual(['school.csv Warning 1 row(s) have missing data for the field - Zone']);
		expect({ failed, sunk: sunk[0] }).toEqual({ failed: false, sunk: 'school 2 A' });
	});
});

describe('a reference', () => {
	test.each([
		['section', 'School SIS ID', ['SIS ID,School SIS ID,Section Name', 'S1,A,B', 'S2,a,B']],
		['student', 'School SIS ID', [userHeader, '1,X,A,B,a,Passw0rd!', '2,A,A,B,b,Passw0rd!']],
		['teacher', 'School SIS ID', [userHeader, 'T1,X,A,B,a,Passw0rd!']],
		['studentEnrollment', 'Section SIS ID', ['Section SIS ID,SIS ID', 'S9,1']],
		['studentEnrollment', 'SIS ID', ['Section SIS ID,SIS ID', 'S1,T1']],
		['teacherRoster', 'Section SIS ID', ['Section SIS ID,SIS ID', 's1,T1']],
		['teacherRoster', 'SIS ID', ['Section SIS ID,SIS ID', 'S1,1']],
	] as const)('from %s by %s to nothing is an error; case counts', (kind, column, lines) => {
		const { told, acceptedCounts } = verifyRoster({ [kind]: lines });
		const description = `1 row(s) have referenced data not found in source. Field - ${column}`;
		expect(told).toEqual([`${kind.toLowerCase()}.csv Error ${description}`]);
		expect(acceptedCounts[kind]).toBe(lines.length - 2);
	});

	test('to a row with other errors is fine, even if that row has another number of columns', () => {
		const student = [userHeader, '1,A,Ada,,ada,Passw0rd!', '2,A,Ben'];
		expect(verifyRoster({ student }).told).toEqual([
			'student.csv Error 1 row(s) have a different number of columns than the header.',
			'student.csv Error 1 row(s) have missing data for the field - Last Name',
		]);
	});

	test('is not judged if the other file could not be read', () => {
		const { told } = verifyRoster({ student: undefined });
		expect(told).toEqual(['student.csv Error File is missing.']);
	});

	test('of a principal is not checked', () => {
		expect(verifyRoster({ school: ['SIS ID,Name,Principal SIS ID', 'A,Alpha,nobody'] }).told).toEqual([]);
	});
});

describe('messages', () => {
	test('are in the order of the documented example: file, rule, column', () => {
		const { told } = verifyRoster({
			section: ['SIS ID,School SIS ID,Section Name', 'S1,A,', ',A,x', 'S 2,A,x', 'S2,Q,x', 'S2,A,x'],
			student: [userHeader, '1,A,A,B,a,Passw0rd!', '1,A,C,B,A,Passw0rd!', '2,A,A,B,c,Passw0rd!'],
			teacher: [userHeader, 'T1,A,A,B,a,Passw0rd!', 'T1,A,C,B,d,Passw0rd!'],
			studentEnrollment: ['Section SIS ID,SIS ID', 'S1,7', 'S8,1'],
			teacherRoster: ['Section SIS ID,SIS ID', 'S8,T7'],
		});
		expect(told).toEqual([
			'section.csv Error 1 row(s) have missing data for the field - SIS ID',
			'section.csv Error 1 row(s) have missing data for the field - Section Name',
			'section.csv Error 1 row(s) have an invalid format for the field - SIS ID',
			'section.csv Warning 1 duplicates found in column SIS ID which requires values to be Unique.',
			'section.csv Error 1 row(s) have referenced data not found in source. Field - School SIS ID',
			'student.csv Warning 1 duplicates found in column SIS ID which requires values to be Unique.',
			'student.csv Warning 1 duplicates found in column Username which requires values to be Unique.',
			'studentenrollment.csv Error 1 row(s) have referenced data not found in source. Field - Section SIS ID',
			'studentenrollment.csv Error 1 row(s) have referenced data not found in source. Field - SIS ID',
			'teacher.csv Warning 1 duplicates found in column SIS ID which requires values to be Unique.',
			'teacherroster.csv Error 1 row(s) have referenced data not found in source. Field - Section SIS ID',
			'teacherroster.csv Error 1 row(s) have referenced data not found in source. Field - SIS ID',
		]);
	});

	test('tell errors from warnings of the same field', () => {
		const school = ['SIS ID,Name', 'A,A & O', `B,${'x'.repeat(257)}`, 'C,C & A'];
		expect(verifyRoster({ school }).told).toEqual([
			'school.csv Error 1 row(s) have an invalid format for the field - Name',
			'school.csv Warning 2 row(s) have an invalid format for the field - Name',
		]);
	});
});

describe('a finding', () => {
	test('names file, line, column, id, value and reason; blank lines and line breaks count', () => {
		const { findings } = verifyRoster({
			section: ['SIS ID,School SIS ID,Section Name', '', 'S1,A,"two\r\nlines"', '', '', ' S2 , nowhere ,x'],
		});
		expect(findings).toEqual([
			{
				kind: 'section',
				fileName: 'section.csv',
				line: 3,
				column: 'Section Name',
				rule: 'format',
				severity: 'Error',
				reason: 'has a line break',
				cure: 'Put the value on one line.',
				key: 'S1',
			},
			{
				kind: 'section',
				fileName: 'section.csv',
				line: 7,
				column: 'School SIS ID',
				rule: 'reference',
				severity: 'Error',
				reason: 'is not in school.csv',
				cure: 'Correct the id, or add its row to school.csv.',
				key: 'S2',
				value: 'nowhere',
			},
		]);
	});

	test('of a membership names both ids', () => {
		const { findings } = verifyRoster({ studentEnrollment: ['SIS ID,Section SIS ID', '7,S1'] });
		expect(findings[0]).toMatchObject({ column: 'SIS ID', key: 'S1 / 7', value: '7' });
	});

	test('never shows a password, a birth date, or anything of a row whose values may have shifted', () => {
		const header = `${userHeader},Birthdate`;
		const { findings } = verifyRoster({
			student: [
				header,
				'1,A,Ada,Abel,ada,hushhus,20-01-1999',
				'2,A,Ben,Bach,ben,Passw0rd!,1/1/2010,hushhush',
				'3,A,"Cy"hushhush,Bach,cy,Passw0rd!,1/1/2010',
			],
		});
		const shown = findings.flatMap(({ key, value, reason }) => [key, value, reason]).join();
		expect(findings).toHaveLength(4);
		expect(shown).not.toMatch(/hush|1999/);
	});

	test('shows a long or strange value shortened and on one line', () => {
		const { findings } = verifyRoster({
			section: ['SIS ID,School SIS ID,Section Name', `S1,${'\u202e9'.repeat(90)},x`],
		});
		expect(findings[0]?.value).toMatch(/^[�9]{63}…$/u);
	});

	test('is kept up to a number per file, rule and column; the count stays exact', () => {
		const section = ['SIS ID,School SIS ID,Section Name', ...Array.from({ length: 25 }, (_, each) => `X${each},Q,`)];
		const { findings, findingCount, told } = verifyRoster({
			section,
			studentEnrollment: undefined,
			teacherRoster: undefined,
		});
		expect(findings.filter(({ rule }) => rule === 'missing').map(({ line }) => line)).toEqual([
			2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		]);
		expect(findings.filter(({ rule }) => rule === 'reference')).toHaveLength(10);
		expect(findingCount).toBe(50);
		expect(told).toContain('section.csv Error 25 row(s) have missing data for the field - Section Name');
	});
});

describe('calls in the wrong order', () => {
	test('throw, and say what is wrong', () => {
		const verification = createVerification(creatingOptions);
		expect(() => verification.write(new Uint8Array())).toThrow('no file is open');
		expect(() => verification.endFile()).toThrow('no file is open');
		verification.beginFile('student');
		expect(() => verification.beginFile('teacher')).toThrow('Cannot begin file "teacher" after "student"');
		expect(() => verification.finish()).toThrow('file "student" is open');
		verification.endFile();
		expect(() => verification.beginFile('section')).toThrow('in the order of rosterKinds');
		expect(() => verification.beginFile('student')).toThrow('in the order of rosterKinds');
	});
});
