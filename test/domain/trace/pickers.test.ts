import { describe, expect, test } from 'vitest';
import { guarded } from '../../../src/domain/roster/findings/formula-guard.ts';
import { reportRows } from '../../../src/domain/roster/findings/report.ts';
import type { Finding } from '../../../src/domain/roster/findings/verdict.ts';
import { FindingPicker } from '../../../src/domain/trace/finding-picker.ts';
import { type Picking, RowPicker } from '../../../src/domain/trace/row-picker.ts';
import { isUsername, oneOf } from '../../../src/domain/trace/value-tests.ts';

const byId = (id: string): Picking => ({ kind: 'student', isWanted: (has) => has('SIS ID', oneOf([id], 7)) });

function pick(picking: Picking, text: string, chunkBytes = text.length) {
	const picker = new RowPicker(picking);
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length; at += chunkBytes) picker.write(bytes.subarray(at, at + chunkBytes));
	picker.end();
	return picker;
}

const header = 'SIS ID,School SIS ID,Username,Password,Birthdate,Grade';

describe('a row picker', () => {
	test.each([1, 7, 1_000])('finds rows by their ids and says their lines, in chunks of %i bytes', (chunkBytes) => {
		const text = `${header}\r\n\r\nP1,S1,one,Welcome-2026!,2010-01-02,9\r\n" P2 ","S""1",two,Welcome-2026!,,10\r\nP2,S2,two,,,\r\nP22,S2,other,,,\r\n`;
		const { rows, count } = pick(byId('P2'), text, chunkBytes);
		expect(count).toBe(2);
		expect(rows.map(({ line, values }) => [line, values.get('SIS ID'), values.get('School SIS ID')])).toEqual([
			[4, 'P2', 'S"1'],
			[5, 'P2', 'S2'],
		]);
	});

	test('never hands out a password or a birth date', () => {
		const { rows } = pick(byId('P1'), `${header}\r\nP1,S1,one,Welcome-2026!,2010-01-02,9\r\n`);
		expect([...(rows[0]?.values ?? [])]).toEqual([
			['SIS ID', 'P1'],
			['School SIS ID', 'S1'],
			['Username', 'one'],
			['Grade', '9'],
		]);
	});

	test('knows the headers of every format', () => {
		const { rows } = pick(byId('P1'), 'ID,School DfE Number,Username\r\nP1,S1,one\r\n');
		expect(rows[0]?.values.get('School SIS ID')).toBe('S1');
	});

	test('passes by rows that have too few or too many values', () => {
		expect(pick(byId('P1'), `${header}\r\nP1,S1\r\nP1,S1,one,,,,more\r\n`).count).toBe(0);
	});

	test('finds nothing in a file that lacks the column, is empty, or cannot be read', () => {
		for (const text of ['', 'Name\r\nP1\r\n', header, `${header}\r\n"P1`]) expect(pick(byId('P1'), text).count).toBe(0);
	});

	test('counts a row that is repeated without end, and keeps a hundred', () => {
		const { rows, count } = pick(byId('P1'), `${header}\r\n${'P1,S1,one,,,\r\n'.repeat(5_000)}`);
		expect([rows.length, count]).toEqual([100, 5_000]);
	});
});

describe('a username', () => {
	const matches = (name: string, domain: string | undefined, written: string) => {
		const bytes = Buffer.from(written);
		return isUsername(name, domain)(bytes, 0, bytes.length);
	};

	test('is found in any case, with the domain of the profile or without', () => {
		for (const name of ['emma', 'EMMA', 'emma@example.org', 'Emma@Example.org'])
			for (const written of ['emma', 'Emma@example.org']) expect(matches(name, 'example.org', written)).toBe(true);
	});

	test('of another domain is another one', () => {
		expect(matches('emma@other.org', 'example.org', 'emma')).toBe(false);
		expect(matches('emma', undefined, 'emma@example.org')).toBe(false);
	});
});

describe('a finding picker', () => {
	const finding = (changes: Partial<Finding>): Finding => ({
		kind: 'student',
		fileName: 'student.csv',
		line: 2,
		column: 'Grade',
		rule: 'format',
		severity: 'Warning',
		reason: 'is "odd", and\nlong',
		cure: 'Correct it.',
		key: 'P1',
		value: '9',
		...changes,
	});

	test('reads a report back, guards and all', () => {
		const findings = [
			finding({ key: '=P1' }),
			finding({ kind: 'studentEnrollment', fileName: 'studentenrollment.csv', key: 'C1 / P1', severity: 'Error' }),
			finding({ key: 'P2' }),
		];
		expect(guarded('=P1')).not.toBe('=P1');
		const picker = new FindingPicker(({ key }) => key !== 'P2');
		picker.write(Buffer.from([...reportRows(findings)].join('')));
		picker.end();
		const { fileName: _, rule: __, ...first } = findings[0] as Finding;
		const { fileName: ___, rule: ____, ...second } = findings[1] as Finding;
		expect(picker.findings).toEqual([first, second]);
	});
});
