import { describe, expect, test } from 'vitest';
import { copyField, fieldText, type RowView } from '../../../../src/domain/roster/csv/records.ts';
import { columnsOf } from '../../../../src/domain/roster/format/columns.ts';
import { createVerification } from '../../../../src/domain/roster/verification.ts';
import { creatingOptions } from '../verified-roster.ts';

/** The values of the only row by column name; null where the column is absent. */
function readSchool(text: string, handleSpecialCharacterConstraint = false): Record<string, string | null> {
	const target = new Uint8Array(256);
	let values: (string | null)[] = [];
	const read = (row: RowView) => {
		values = columnsOf('school').map((_, place) => {
			const end = copyField(row, place, { target, offset: 3 });
			const copied = new TextDecoder('utf-8', { ignoreBOM: true }).decode(target.subarray(3, end));
			expect(copied).toBe(fieldText(row, place));
			return row.present[place] ? copied : null;
		});
	};
	const options = {
		...creatingOptions,
		handleSpecialCharacterConstraint,
		optionalColumns: { school: ['Zone', 'Phone'] },
	};
	const verification = createVerification(options, read);
	verification.beginFile('school');
	for (const byte of new TextEncoder().encode(text)) verification.write(Uint8Array.of(byte));
	verification.endFile();
	return Object.fromEntries(columnsOf('school').map(({ name }, place) => [name, values[place] ?? null]));
}

describe('a row for the sink', () => {
	test('has its values trimmed and unescaped, in the order of our columns', () => {
		const row = readSchool('Zone,Name,City,SIS ID\n,"  Alpha ""A"", 王  ",Oslo,\tA1 \n');
		expect(row).toMatchObject({ 'SIS ID': 'A1', Name: 'Alpha "A", 王', Zone: '' });
	});

	test('tells an empty value from one that the file does not have or the profile does not sync', () => {
		const row = readSchool('Zone,Name,City,SIS ID\n,Alpha,Oslo,A1\n');
		expect([row.Zone, row.City, row.Phone]).toEqual(['', null, null]);
	});

	test('has special characters replaced one by one if the profile says so, but never in ids', () => {
		const text = 'SIS ID,Name,Zone\nA#1,"a!@~#%*{}:<>?+&,$|b é (c)",x&y\n';
		expect(readSchool(text, true)).toMatchObject({ 'SIS ID': 'A#1', Name: `a${'_'.repeat(17)}b é (c)`, Zone: 'x&y' });
	});

	test('keeps a byte order mark inside a value', () => {
		expect(readSchool('SIS ID,Name\nA,\ufeffAlpha\n').Name).toBe('\ufeffAlpha');
	});
});
