import { describe, expect, test } from 'vitest';
import {
	isRoundedNumber,
	isSpoilt,
	lostZeros,
	mistakenDate,
} from '../../../../src/domain/roster/rules/spreadsheet-damage.ts';
import { soundRoster, verifyRoster } from '../verified-roster.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const isRounded = (text: string) => isRoundedNumber(bytes(`x${text}y`), 1, 1 + text.length);

describe('a long number', () => {
	test.each(['1.23457E+11', '1E+15', '9.9E+20'])('is rounded: %s', (text) => {
		expect(isRounded(text)).toBe(true);
	});

	test.each([
		'1E5',
		'1E15',
		'E+11',
		'AE+11',
		'12E+11',
		'1.E5+11',
		'1,2E+11',
		'1.2e+11',
		'1.2E+1',
		'1.2E+1x',
		'',
		'1.xE+11',
	])('is none: %s', (text) => {
		expect(isRounded(text)).toBe(false);
	});

	const [header] = soundRoster.student;

	test('that is rounded is no id, whether or not special characters are handled', () => {
		for (const handleSpecialCharacterConstraint of [false, true]) {
			const { findings } = verifyRoster(
				{ student: [header, '1.23457E+11,A,Ada,Abel,ada,Passw0rd!'], studentEnrollment: ['Section SIS ID,SIS ID'] },
				{ handleSpecialCharacterConstraint },
			);
			expect(findings).toMatchObject([
				{
					line: 2,
					column: 'SIS ID',
					severity: 'Error',
					reason: 'is a long number that a spreadsheet has rounded',
					cure: expect.stringContaining('import the column as text'),
				},
			]);
		}
	});

	test('that is rounded where an id is referred to says so instead of "not there", and stays a reference', () => {
		const { findings } = verifyRoster({ studentEnrollment: ['Section SIS ID,SIS ID', 'S1,1.23457E+11'] });
		expect(findings).toMatchObject([{ rule: 'reference', reason: 'is a long number that a spreadsheet has rounded' }]);
	});

	test('that is rounded in an optional column is a warning', () => {
		const { findings, failed } = verifyRoster({ school: ['SIS ID,Name,Phone', 'A,Alpha,5.55123E+11'] });
		expect(findings).toMatchObject([{ column: 'Phone', severity: 'Warning', rule: 'format' }]);
		expect(failed).toBe(false);
	});
});

describe('leading zeros', () => {
	const lost = (value: string, ...known: string[]) =>
		lostZeros(bytes(value), (id) => known.includes(Buffer.from(id).toString()), 'student.csv')?.reason;

	test('that are lost, on either side, are told from ids that are not there', () => {
		expect(lost('123', '00123')).toBe('is not in student.csv, where it has leading zeros');
		expect(lost('0123', '000123')).toBe('is not in student.csv, where it has leading zeros');
		expect(lost('00123', '123')).toBe('is not in student.csv, where its leading zeros are lost');
		expect(lost('0', '000')).toBe('is not in student.csv, where it has leading zeros');
		expect(lost('1', `${'0'.repeat(15)}1`)).toBeDefined();
	});

	test('say nothing of other values', () => {
		expect(lost('123', '123', '1234', '0124')).toBeUndefined();
		expect(lost('A12', '0A12')).toBeUndefined();
		expect(lost('', '0')).toBeUndefined();
		expect(lost('1'.repeat(17), `0${'1'.repeat(17)}`)).toBeUndefined();
	});

	test('are named in a finding', () => {
		const [header] = soundRoster.student;
		const { findings } = verifyRoster({
			student: [header, '007,A,Ada,Abel,ada,Passw0rd!'],
			studentEnrollment: ['Section SIS ID,SIS ID', 'S1,7'],
		});
		expect(findings).toMatchObject([
			{
				fileName: 'studentenrollment.csv',
				line: 2,
				rule: 'reference',
				reason: expect.stringContaining('leading zeros'),
			},
		]);
	});
});

describe('a date', () => {
	test('may have become a number, or have its day in front', () => {
		expect(mistakenDate(bytes('38353'))?.cure).toContain('Format the column as a date');
		for (const date of ['31/12/2010', '31.12.2010', '13-1-2010']) {
			expect(mistakenDate(bytes(date))?.reason, date).toContain('the day seems to stand first');
		}
		for (const date of ['2010', 'today', '1.13.2010', '13/13/2010', '31/12/10', '383530']) {
			expect(mistakenDate(bytes(date)), date).toBeUndefined();
		}
	});

	test('of birth keeps its value to itself', () => {
		const [header, ada] = soundRoster.student;
		const { findings } = verifyRoster({ student: [`${header},Birthdate`, `${ada},38353`], studentEnrollment: [] });
		const finding = findings.find(({ column }) => column === 'Birthdate');
		expect(finding?.reason).toContain('the number by which a spreadsheet keeps one');
		expect(JSON.stringify(finding)).not.toContain('38353');
	});
});

describe('a value that came back from a spreadsheet', () => {
	test.each([
		['007', '7'],
		['000', '0'],
		['100200300400', '1.002E+11'],
		['1234567890123456', '1234567890123450'],
		['2010-02-03', '2/3/2010'],
		['2010-02-03', '03.02.2010'],
		['20100203', '3/2/10'],
		['2/3/2010', '2010-02-03'],
		['1999-12-31', '31-12-99'],
		['2010-02-03', '2010. 2. 3.'],
	])('is spoilt: "%s" as "%s"', (before, after) => {
		expect(isSpoilt(before, after)).toBe(true);
	});

	test.each([
		['007', '007'],
		['007', '8'],
		['7', '07'],
		['', '7'],
		['0A7', 'A7'],
		['10020', '1.002E+04'],
		['123456789012345', '123456789012340'],
		['2010-02-03', '2010-02-04'],
		['2010-02-03', ''],
		['soon', '2/3/2010'],
	])('is another: "%s" as "%s"', (before, after) => {
		expect(isSpoilt(before, after)).toBe(false);
	});
});
