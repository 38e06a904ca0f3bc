import { describe, expect, test } from 'vitest';
import { soundRoster, verifyRoster } from './verified-roster.ts';

const userHeader = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';
const twoSchools = ['SIS ID,Name', 'A,Alpha', 'B,Beta'];
const duplicates = (column: string, count = 1) =>
	`${count} duplicates found in column ${column} which requires values to be Unique.`;
const studentsSunk = ({ sunk }: { sunk: readonly string[] }) => sunk.filter((row) => row.startsWith('student '));

describe('an id that occurs again', () => {
	test.each([
		['school', ['SIS ID,Name', 'A,Alpha', 'A,Alpha', 'a,Small', 'A,Again']],
		['section', ['SIS ID,School SIS ID,Section Name', 'S1,A,x', 'S1,A,y', 'S2,A,x', 'S1,A,x']],
		[
			'student',
			[userHeader, '1,A,A,B,a,Passw0rd!', '1,A,A,B,c,Passw0rd!', '2,A,A,B,b,Passw0rd!', '1,A,X,B,d,Passw0rd!'],
		],
	] as const)('in %s is a warning; the first row wins', (kind, lines) => {
		const verdict = verifyRoster({ [kind]: lines });
		expect(verdict.told).toEqual([`${kind}.csv Warning ${duplicates('SIS ID', 2)}`]);
		expect(verdict.found).toEqual([`${kind}.csv:3 SIS ID duplicate`, `${kind}.csv:5 SIS ID duplicate`]);
		expect(verdict.sunk.filter((row) => row.startsWith(`${kind} `)).map((row) => row.split(' ')[1])).toEqual([
			'2',
			'4',
		]);
		expect(verdict.acceptedCounts[kind]).toBe(2);
		expect(verdict.failed).toBe(false);
	});

	test('counts although the first row had an error, so that the count does not depend on other rules', () => {
		const { told } = verifyRoster({ section: ['SIS ID,School SIS ID,Section Name', 'S1,A,', 'S1,A,x', 'S2,A,x'] });
		expect(told).toEqual([
			'section.csv Error 1 row(s) have missing data for the field - Section Name',
			`section.csv Warning ${duplicates('SIS ID')}`,
		]);
	});

	test('does not count if the first row had another number of columns', () => {
		const verdict = verifyRoster({ section: ['SIS ID,School SIS ID,Section Name', 'S1,A', 'S1,A,x', 'S2,A,x'] });
		expect(verdict.told).toEqual(['section.csv Error 1 row(s) have a different number of columns than the header.']);
		expect(verdict.sunk).toContain('section 3 S1');
	});
});

describe('a student of several schools', () => {
	const school = twoSchools;

	test('has a row for each, which are accepted without a word', () => {
		const student = [userHeader, '1,A,A,B,a,Passw0rd!', '2,A,C,D,c,Passw0rd!', '1,B,A,B,a,Passw0rd!'];
		const verdict = verifyRoster({ school, student });
		expect(verdict.told).toEqual([]);
		expect(studentsSunk(verdict)).toEqual(['student 2 1', 'student 3 2', 'student 4 1+']);
		expect(verdict.acceptedCounts.student).toBe(3);
	});

	test('repeats a row if a school occurs again', () => {
		const student = [
			userHeader,
			...['A', 'B', 'A', 'B'].map((each) => `1,${each},A,B,a,Passw0rd!`),
			'2,A,A,B,b,Passw0rd!',
		];
		const verdict = verifyRoster({ school, student });
		expect(verdict.found.filter((each) => each.includes('SIS ID'))).toEqual([
			'student.csv:4 SIS ID duplicate',
			'student.csv:5 SIS ID duplicate',
		]);
		expect(studentsSunk(verdict)).toEqual(['student 2 1', 'student 3 1+', 'student 6 2']);
	});

	test('repeats a row if anything but the school differs', () => {
		const student = [userHeader, '1,A,A,B,a,Passw0rd!', '1,B,A,B,a,Passw0rd?', '2,A,A,B,b,Passw0rd!'];
		const verdict = verifyRoster({ school, student });
		expect(verdict.told).toEqual([
			`student.csv Warning ${duplicates('SIS ID')}`,
			`student.csv Warning ${duplicates('Username')}`,
		]);
		expect(studentsSunk(verdict)).toEqual(['student 2 1', 'student 4 2']);
	});

	test.each([
		['X', 'have referenced data not found in source. Field - School SIS ID'],
		['', 'have missing data for the field - School SIS ID'],
	])('at school "%s" besides has an error, and is no duplicate', (unknown, problem) => {
		const row = (each: string) => `1,${each},A,B,a,Passw0rd!`;
		const verdict = verifyRoster({
			school,
			student: [userHeader, row('A'), row(unknown), row(unknown), '2,A,A,B,b,Passw0rd!'],
		});
		expect(verdict.told).toEqual([`student.csv Error 2 row(s) ${problem}`]);
		expect(studentsSunk(verdict)).toEqual(['student 2 1', 'student 5 2']);
	});

	test('is told from another whose values are the same when put together', () => {
		const student = [userHeader, '1,A,Ab,Cd,a,Passw0rd!', '1,B,AbC,d,a,Passw0rd!', '2,A,A,B,b,Passw0rd!'];
		expect(verifyRoster({ school, student }).told[0]).toBe(`student.csv Warning ${duplicates('SIS ID')}`);
	});

	test('is known again after thousands of others', () => {
		const others = Array.from({ length: 5000 }, (_, each) => `${each + 10},A,A,B,u${each},Passw0rd!`);
		const row = (each: string) => `1,${each},A,B,a,Passw0rd!`;
		const student = [userHeader, row('A'), ...others, row('B'), row('A'), '2,A,A,B,b,Passw0rd!'];
		const verdict = verifyRoster({ school, student }, { maxRowsPerFile: 10_000 });
		expect(verdict.found).toEqual(['student.csv:5004 SIS ID duplicate', 'student.csv:5004 Username duplicate']);
		expect(studentsSunk(verdict)).toContain('student 5003 1+');
	});
});

describe('a username that occurs again', () => {
	const students = (...usernames: string[]) => [
		userHeader,
		...usernames.map((username, place) => `${place + 1},A,A,B,${username},Passw0rd!`),
	];

	test('is a warning, whatever its case and whether it carries the domain', () => {
		const verdict = verifyRoster({ student: students('Jo', 'x', 'jo', 'JO@Example.org', 'jo2') });
		expect(verdict.told).toEqual([`student.csv Warning ${duplicates('Username', 2)}`]);
		expect(verdict.findings.map(({ line, value }) => `${line} ${value}`)).toEqual(['4 jo', '5 JO@Example.org']);
		expect(studentsSunk(verdict)).toEqual(['student 2 1', 'student 3 2', 'student 6 5']);
	});

	test('may become one by handling special characters', () => {
		const options = { handleSpecialCharacterConstraint: true };
		const { told } = verifyRoster({ student: students('a#b', 'a_b') }, options);
		expect(told).toEqual([`student.csv Warning ${duplicates('Username')}`]);
	});

	test('is none if it is empty', () => {
		const student = ['SIS ID,School SIS ID,Username', '1,A,', '2,A,'];
		expect(verifyRoster({ student }, { createsUsers: false }).told).toEqual([]);
	});

	test('is none between students and teachers', () => {
		const teacher = [userHeader, 'T1,A,A,B,ada,Passw0rd!'];
		expect(verifyRoster({ teacher }).told).toEqual([]);
	});
});

describe('a column by which users are matched', () => {
	test('must be unique, and an e-mail address whatever its case', () => {
		const student = ['SIS ID,School SIS ID,Student Number,Secondary Email', '1,A,n,A@b.org', '2,A,N,a@B.org', '3,A,n,'];
		const verify = (column: string) =>
			verifyRoster({ student }, { createsUsers: false, matchingColumns: { student: column } }).told;
		expect(verify('Student Number')).toEqual([`student.csv Warning ${duplicates('Student Number')}`]);
		expect(verify('Secondary Email')).toEqual([
			'student.csv Error 1 row(s) have missing data for the field - Secondary Email',
			`student.csv Warning ${duplicates('Secondary Email')}`,
		]);
		expect(verify('SIS ID')).toEqual([]);
		expect(verify('Shoe Size')).toEqual(['student.csv Error Required column(s) missing - Shoe Size']);
	});

	test('is read although the profile selects other columns only', () => {
		const student = ['SIS ID,School SIS ID,Student Number', '1,A,77', '2,A,77'];
		const options = {
			createsUsers: false,
			matchingColumns: { student: 'Student Number' },
			optionalColumns: { student: [] },
		};
		expect(verifyRoster({ student }, options).told).toEqual([`student.csv Warning ${duplicates('Student Number')}`]);
	});
});

describe('a membership that occurs again', () => {
	test('is a warning; each row arrives, since the pair is its own key', () => {
		const studentEnrollment = ['Section SIS ID,SIS ID', 'S1,1', '', 'S1,2', ' S1 ,1', 'S1,9', 'S2,1', 'S1,"1"'];
		const verdict = verifyRoster({ studentEnrollment });
		expect(verdict.told).toEqual([
			`studentenrollment.csv Warning ${duplicates('Section SIS ID, SIS ID', 2)}`,
			'studentenrollment.csv Error 1 row(s) have referenced data not found in source. Field - SIS ID',
		]);
		expect(verdict.findings).toMatchObject([
			{ line: 5, key: 'S1 / 1', value: 'S1 / 1', rule: 'duplicate' },
			{ line: 6, rule: 'reference' },
			{ line: 8, key: 'S1 / 1' },
		]);
		expect(verdict.acceptedCounts.studentEnrollment).toBe(3);
		expect(verdict.sunk.filter((row) => row.startsWith('studentEnrollment'))).toHaveLength(5);
	});

	test('is none in a roster of teachers beside one of students', () => {
		const [header, ...rows] = soundRoster.studentEnrollment;
		const teacher = [userHeader, '1,A,A,B,a,Passw0rd!', '2,A,A,B,b,Passw0rd!'];
		expect(verifyRoster({ teacher, teacherRoster: [header, ...rows] }).told).toEqual([]);
	});
});
