import { describe, expect, test } from 'vitest';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { createVerification } from '../../../src/domain/roster/verification.ts';
import { creatingOptions, soundRoster, verifyBytes, verifyRoster } from './verified-roster.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const withSchool = (school: Uint8Array) => verifyBytes({ ...soundRoster, school });
const outcome = ({ failed, unreadable }: { failed: boolean; unreadable: boolean }) => ({ failed, unreadable });

const refused = { failed: true, unreadable: true };

describe('a file that cannot be read', () => {
	test('is reported for each kind that never came', () => {
		const verdict = verifyBytes({});
		expect(verdict.told).toEqual([
			'school.csv Error File is missing.',
			'section.csv Error File is missing.',
			'student.csv Error File is missing.',
			'studentenrollment.csv Error File is missing.',
			'teacher.csv Error File is missing.',
			'teacherroster.csv Error File is missing.',
		]);
		expect(outcome(verdict)).toEqual(refused);
	});

	test.each([
		['no bytes', ''],
		['a byte order mark only', '\ufeff'],
		['blank lines only', '\r\n\n\r\n'],
	])('is empty: %s', (_, text) => {
		const verdict = withSchool(bytes(text));
		expect(verdict.told).toEqual(['school.csv Error File is empty or has no header row.']);
		expect(outcome(verdict)).toEqual(refused);
	});

	test.each([
		['UTF-16 with a byte order mark', Buffer.from('\ufeffSIS ID,Name\r\nA,Alpha\r\n', 'utf16le')],
		['UTF-16 without one', Buffer.from('SIS ID,Name\r\nA,Alpha\r\n', 'utf16le')],
		['a spreadsheet', Buffer.from('504b03041400060008000000210062ee9d68', 'hex')],
		['Latin-1', Buffer.from('SIS ID,Name\r\nA,Schule am Fl\u00fcsschen\r\n', 'latin1')],
	])('is no UTF-8: %s', (_, file) => {
		const verdict = withSchool(file);
		expect(verdict.told).toEqual(['school.csv Error File is not valid UTF-8.']);
		expect(outcome(verdict)).toEqual(refused);
		expect(verdict.findings).toMatchObject([{ rule: 'unreadable', cure: 'Save the file as "CSV UTF-8".' }]);
	});

	test('names the line at which it stops being UTF-8', () => {
		const { findings, sunk } = withSchool(Buffer.from('SIS ID,Name\nA,Alpha\n\nB,Fl\u00fcsschen\n', 'latin1'));
		expect(findings).toEqual([
			{
				kind: 'school',
				fileName: 'school.csv',
				line: 4,
				rule: 'unreadable',
				severity: 'Error',
				reason: 'has bytes that are not UTF-8',
				cure: 'Save the file as "CSV UTF-8".',
			},
		]);
		expect(sunk[0]).toBe('school 2 A');
	});

	test('has a quotation mark that is never closed', () => {
		const verdict = withSchool(bytes('SIS ID,Name\nA,Alpha\nB,"Beta\nC,Gamma\n'));
		expect(verdict.told).toEqual([
			'school.csv Error File has a quotation mark in the row at line 3 that is not closed.',
		]);
		expect(outcome(verdict)).toEqual(refused);
	});

	test('has a row of more than 64 KiB', () => {
		expect(withSchool(bytes(`SIS ID,Name\nA,"Alpha\n${'B,Beta\n'.repeat(10_000)}`)).told).toEqual([
			'school.csv Error File has a row of more than 65536 bytes at line 2. A quotation mark may not be closed.',
		]);
	});

	test('has a torn header', () => {
		const { told, findings } = withSchool(bytes('\nSIS ID,Name\rA,Alpha\r'));
		expect(told).toEqual([
			'school.csv Error Header row is not valid: column 2 has a carriage return without a line feed.',
		]);
		expect(findings).toMatchObject([
			{ line: 2, rule: 'unreadable', reason: expect.stringMatching(/^is the header, and its column 2 has/) },
		]);
	});

	test('lacks required columns', () => {
		const verdict = verifyRoster({ student: ['SIS ID,Username', '1,ada'] });
		expect(verdict.told).toEqual([
			'student.csv Error Required column(s) missing - School SIS ID, First Name, Last Name, Password',
		]);
		expect(outcome(verdict)).toEqual(refused);
	});

	test('lacks them because it uses another delimiter', () => {
		expect(verifyRoster({ school: ['SIS ID;Name', 'A;Alpha'] }).told).toEqual([
			'school.csv Error Required column(s) missing - SIS ID, Name',
			'school.csv Information Column SIS ID;Name is not recognised and was ignored.',
		]);
	});

	test('has a column twice, be it unknown or written in another case', () => {
		const verdict = verifyRoster({ school: ['SIS ID,Name,Foo,name,Foo,', 'A,Alpha,,,,'] });
		expect(verdict.told.slice(0, 1)).toEqual(['school.csv Error Duplicate column(s) found - name, Foo']);
		expect(outcome(verdict)).toEqual(refused);
	});

	test('has more rows than allowed; all of them are counted', () => {
		const school = ['SIS ID,Name', ...Array.from({ length: 7 }, (_, each) => `A${each},Alpha`)];
		const verdict = verifyRoster({ school, section: undefined }, { maxRowsPerFile: 5 });
		expect(verdict.told[0]).toBe('school.csv Error File has 7 rows which exceeds the limit of 5.');
		expect(verdict.sunk.filter((row) => row.startsWith('school'))).toHaveLength(5);
		expect(outcome(verdict)).toEqual(refused);
	});

	test('has a second one of the same name beside it', () => {
		const verification = createVerification(creatingOptions);
		verification.duplicateFile('school');
		verification.duplicateFile('school');
		for (const kind of rosterKinds) {
			verification.beginFile(kind);
			verification.write(bytes(soundRoster[kind].join('\n')));
			verification.endFile();
		}
		const verdict = verification.finish();
		expect(verdict.messages).toEqual([
			{ type: 'Error', fileName: 'school.csv', description: 'More than one file has this name.' },
		]);
		expect(outcome(verdict)).toEqual(refused);
	});

	test('need not be read on: write() says so at once', () => {
		const endless = bytes('x'.repeat(65_536));
		for (const opening of ['Foo,Bar\n', 'SIS ID,Name\nA,"', '']) {
			const verification = createVerification(creatingOptions);
			verification.beginFile('school');
			let chunks = 0;
			for (let goesOn = verification.write(bytes(opening)); goesOn && chunks < 10; chunks++) {
				goesOn = verification.write(endless);
			}
			expect(chunks).toBeLessThan(4);
			verification.endFile();
			expect(verification.finish().unreadable).toBe(true);
		}
	});
});

describe('a file that can be read', () => {
	test('may have a header and no rows: a warning', () => {
		const verdict = verifyRoster({ teacherRoster: ['Section SIS ID,SIS ID'] });
		expect(verdict.told).toEqual(['teacherroster.csv Warning File has no data rows.']);
		expect(outcome(verdict)).toEqual({ failed: false, unreadable: false });
	});

	test('may have its columns in any order, and blanks around their names', () => {
		expect(verifyRoster({ school: [' Name , SIS ID', 'Alpha,A'] }).told).toEqual([]);
	});

	test('may write column names in another case, which is worth a word', () => {
		expect(verifyRoster({ school: ['sis id,NAME', 'A,Alpha'] }).told).toEqual([
			'school.csv Information Column sis id was read as SIS ID.',
			'school.csv Information Column NAME was read as Name.',
		]);
	});

	test('may have unknown columns, of which twenty are named', () => {
		const unknown = Array.from({ length: 23 }, (_, each) => `Extra ${each}`);
		const { told, failed } = verifyRoster({ school: [`SIS ID,Name,${unknown}`, `A,Alpha${','.repeat(23)}`] });
		expect(told).toHaveLength(21);
		expect(told[0]).toBe('school.csv Information Column Extra 0 is not recognised and was ignored.');
		expect(told[20]).toBe('school.csv Information 3 more column(s) are not recognised and were ignored.');
		expect(failed).toBe(false);
	});

	test('may have a typing error in a column: the name that was meant is named, if the file lacks it', () => {
		const { told } = verifyRoster({ section: ['SIS ID,School SIS ID,Setcion Name', 'S1,A,Biology', 'S2,A,Chemistry'] });
		expect(told.slice(0, 2)).toEqual([
			'section.csv Error Required column(s) missing - Section Name',
			'section.csv Information Column Setcion Name is not recognised and was ignored. Did you mean Section Name?',
		]);
		const has = verifyRoster({ school: ['SIS ID,Name,Nmae', 'A,Alpha,x'] });
		expect(has.told).toEqual(['school.csv Information Column Nmae is not recognised and was ignored.']);
	});

	test('may have the columns of 2018, whatever they hold', () => {
		const legacy = 'Mailing Address,Residence Zip,Gender,ELL Status,FederalRace';
		const [header, ada, ben] = soundRoster.student;
		const student = [`${header},${legacy}`, `${ada},"1\r\n2",,F,N,`, `${ben},,,,,`];
		expect(verifyRoster({ student }).told).toEqual([]);
	});

	test('may lack a column that the profile selects: a warning; selecting what does not exist is worth a word', () => {
		const { told } = verifyRoster({}, { optionalColumns: { school: ['Zone', 'GradeLow', 'Shoe Size'], teacher: [] } });
		expect(told).toEqual([
			'school.csv Warning Column(s) selected for synchronization missing - Grade Low, Zone',
			'school.csv Information Property Shoe Size in optionalPropertiesToSync is not recognised and was ignored.',
		]);
	});

	test('has ragged rows, short and long, that are errors', () => {
		const { told, findings, sunk } = verifyRoster({ school: ['SIS ID,Name', 'A,Alpha', 'B', 'C,Gamma,', 'D,Delta'] });
		expect(told).toEqual(['school.csv Error 2 row(s) have a different number of columns than the header.']);
		expect(findings.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
			'3 has 1 column(s) where the header has 2',
			'4 has 3 column(s) where the header has 2',
		]);
		expect(sunk.slice(0, 2)).toEqual(['school 2 A', 'school 5 D']);
	});

	test('has ids that are present even in ragged rows, if the row is long enough to have one', () => {
		const school = ['Name,SIS ID', 'Alpha,A', 'B', 'Gamma,C,'];
		const section = ['SIS ID,School SIS ID,Section Name', 'S1,A,x', 'S2,B,x', 'S3,C,x'];
		expect(verifyRoster({ school, section }).found).toEqual([
			'school.csv:3 - raggedRow',
			'school.csv:4 - raggedRow',
			'section.csv:3 School SIS ID reference',
		]);
	});

	test('beside a file that is no part of a roster: a warning', () => {
		const verification = createVerification(creatingOptions);
		verification.unknownFile('Notes\n.TXT');
		expect(verification.finish().messages.at(-1)).toEqual({
			type: 'Warning',
			fileName: 'notes�.txt',
			description: 'File is not part of a roster and was ignored.',
		});
	});

	test('beside a file whose name has a typing error: the name that was meant is named', () => {
		const verification = createVerification(creatingOptions);
		verification.unknownFile('data/Students.csv');
		expect(verification.finish().messages.at(-1)?.description).toBe(
			'File is not part of a roster and was ignored. Did you mean student.csv?',
		);
	});
});

const ukRoster = {
	school: ['DfE Number,Name,Postal Code', '302/1,Alpha,N1 9GU'],
	section: ['ID,School DfE Number,Section Name', 'S1,302/1,Biology'],
	student: ['ID,School DfE Number,Username', '1,302/1,ada'],
	teacher: ['ID,School Dfe Number,Username', 'T1,302/1,tom'],
	studentEnrollment: ['Section ID,ID', 'S1,1'],
	teacherRoster: ['Section ID,ID', 'S1,T1'],
};

describe('the UK format', () => {
	const matching = { createsUsers: false, matchingColumns: { student: 'Username', teacher: 'Username' } };

	test('is understood by its headers', () => {
		const verdict = verifyRoster(ukRoster, matching);
		expect(verdict.told).toEqual([]);
		expect(verdict.sunk).toHaveLength(6);
		expect(verifyRoster({ ...ukRoster, school: ['DfE Number,Name,Zip', '302/1,Alpha,N1'] }, matching).told).toEqual([]);
	});

	test('is named in its own words where a column has a typing error', () => {
		const { told } = verifyRoster({ ...ukRoster, school: ['DfE Number,Name,Postal Cod', '302/1,Alpha,N1'] }, matching);
		expect(told).toEqual([
			'school.csv Information Column Postal Cod is not recognised and was ignored. Did you mean Postal Code?',
		]);
	});

	test('gives its own names of columns back', () => {
		const { told } = verifyRoster(
			{ ...ukRoster, student: ['ID,School DfE Number,Username', ',X,ada'], studentEnrollment: ['Section ID'] },
			matching,
		);
		expect(told).toEqual([
			'student.csv Error 1 row(s) have missing data for the field - ID',
			'student.csv Error 1 row(s) have referenced data not found in source. Field - School DfE Number',
			'studentenrollment.csv Error Required column(s) missing - ID',
		]);
	});

	test('must not be mixed with the other within one roster', () => {
		const verdict = verifyRoster(
			{ ...ukRoster, section: ['SIS ID,School SIS ID,Section Name', 'S1,302/1,B'] },
			matching,
		);
		expect(verdict.told).toContain(
			'section.csv Error File is in the SDS format, but the files before it are in the UK format.',
		);
		expect(outcome(verdict)).toEqual(refused);
	});

	test('must not be mixed with the other within one file', () => {
		const { told } = verifyRoster(
			{ ...ukRoster, section: ['SIS ID,School DfE Number,Section Name', 'S1,302/1,B'] },
			matching,
		);
		expect(told.filter((each) => each.startsWith('section'))).toEqual([
			'section.csv Error Required column(s) missing - School SIS ID',
			'section.csv Information Column School DfE Number is not recognised and was ignored.',
		]);
	});
});

test('every kind can be the only one that is missing', () => {
	for (const kind of rosterKinds) {
		expect(verifyRoster({ [kind]: undefined }).told).toEqual([`${kind.toLowerCase()}.csv Error File is missing.`]);
	}
});

describe('a role that the profile says nothing of', () => {
	const studentsOnly = { roles: ['student'], domains: { student: 'example.org' } } as const;

	test('is an error of its file if that has rows, and none of them is let through', () => {
		const { told, sunk, unreadable, acceptedCounts } = verifyRoster({}, studentsOnly);
		expect(told).toEqual([
			'teacher.csv Error 1 row(s) cannot be synced: the identity configuration of the profile has no rule for teachers. Add one, or upload the file with its header only.',
		]);
		expect(unreadable).toBe(false);
		expect(sunk.filter((row) => row.startsWith('teacher '))).toEqual([]);
		expect([acceptedCounts.student, acceptedCounts.teacher]).toEqual([2, 0]);
	});

	test('is fine if its file has a header only', () => {
		const files = { teacher: soundRoster.teacher.slice(0, 1), teacherRoster: soundRoster.teacherRoster.slice(0, 1) };
		const { failed, told } = verifyRoster(files, studentsOnly);
		expect([failed, told]).toEqual([
			false,
			['teacher.csv Warning File has no data rows.', 'teacherroster.csv Warning File has no data rows.'],
		]);
	});

	test('may be that of students, when users are matched', () => {
		const { told } = verifyRoster(
			{},
			{ createsUsers: false, domains: {}, roles: ['teacher'], matchingColumns: { teacher: 'Username' } },
		);
		expect(told).toEqual([expect.stringMatching(/^student\.csv Error 2 row\(s\) cannot be synced: .* for students\./)]);
	});
});
