import { expect, test } from 'vitest';
import { columnsOf, findColumn, optionalColumnsOf } from '../../../../src/domain/roster/format/columns.ts';
import { rosterFormats } from '../../../../src/domain/roster/format/formats.ts';
import { kindOfFile, rosterKinds } from '../../../../src/domain/roster/format/kinds.ts';

test('optional columns are listed in header order, without those that are always synced', () => {
	expect(optionalColumnsOf('section').slice(0, 4)).toEqual([
		'Section Number',
		'Term SIS ID',
		'Term Name',
		'Term StartDate',
	]);
	expect(optionalColumnsOf('student')).not.toContain('Password');
	expect(optionalColumnsOf('studentEnrollment')).toEqual([]);
});

test.each([
	['school', 'GradeLow', 'Grade Low'],
	['school', 'school nces id', 'School NCES_ID'],
	['student', 'Email', 'Secondary Email'],
	['student', 'Gender', undefined],
] as const)('a profile may call a column of %s "%s"', (kind, name, column) => {
	expect(findColumn(kind, name)?.name).toBe(column);
});

test('every format renames columns that exist', () => {
	for (const format of rosterFormats) {
		for (const [kind, headers] of Object.entries(format.headers)) {
			const known = columnsOf(rosterKinds.find((each) => each === kind) ?? 'school').map(({ name }) => name as string);
			for (const name of Object.keys(headers)) expect(known).toContain(name);
		}
	}
});

test('files are known by name in any case and behind one folder', () => {
	expect(kindOfFile('School.csv')).toBe('school');
	expect(kindOfFile('export/STUDENTENROLLMENT.CSV')).toBe('studentEnrollment');
	expect(kindOfFile('a/b/school.csv')).toBeUndefined();
	expect(kindOfFile('school.csv.zip')).toBeUndefined();
});
