import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultyRows } from '../../../../src/domain/roster/findings/faulty-rows.ts';
import type { Finding } from '../../../../src/domain/roster/findings/verdict.ts';
import { verifyRoster } from '../verified-roster.ts';

const finding = (line: number, changes: Partial<Finding> = {}): Finding => ({
	kind: 'section',
	fileName: 'section.csv',
	line,
	column: 'SIS ID',
	rule: 'format',
	severity: 'Error',
	reason: 'has a blank inside',
	cure: 'Take the blank out.',
	...changes,
});

function faultyRows(text: string | Uint8Array, findings: readonly Finding[], chunkBytes = 65_536) {
	const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
	const parts: Uint8Array[] = [];
	const rows = new FaultyRows({ findings, runId: 'run1' }, (part) => parts.push(Uint8Array.from(part)));
	for (let at = 0; at < bytes.length; at += chunkBytes) if (!rows.write(bytes.subarray(at, at + chunkBytes))) break;
	rows.end();
	return Buffer.concat(parts).toString('utf8');
}

const report = '\ufeffReport Run,Report Line,Report Findings,Report Cures';

describe('the faulty rows of a file', () => {
	test('stand byte for byte under its header, behind line, findings and cures', () => {
		const text = '\ufeffSIS ID,"Section ""Name"""\r\nS1,a\r\n\r\n"S 2","b ""c"""\r\n';
		expect(faultyRows(text, [finding(4)])).toBe(
			`${report},SIS ID,"Section ""Name"""\r\nrun1,4,Error: SIS ID has a blank inside,Take the blank out.,"S 2","b ""c"""\r\n`,
		);
	});

	test('have one row for several findings, and each cure once', () => {
		const findings = [
			finding(2),
			finding(2, { column: 'Course SIS ID', severity: 'Warning' }),
			finding(2, { column: 'Status', cure: 'Close it, quickly.' }),
		];
		expect(faultyRows('SIS ID\nx y', findings)).toBe(
			`${report},SIS ID\r\nrun1,2,Error: SIS ID has a blank inside; Warning: Course SIS ID has a blank inside; Error: Status has a blank inside,"Take the blank out. Close it, quickly.",x y\r\n`,
		);
	});

	test('keep rows with other numbers of values, and torn ones', () => {
		const { column: _, ...row } = finding(2, { reason: 'has 3 column(s) where the header has 2' });
		expect(
			faultyRows('SIS ID,Name\n1,2,3\n"a"b,c', [row, finding(3)])
				.split('\r\n')
				.slice(1, 3),
		).toEqual([
			'run1,2,Error: Row has 3 column(s) where the header has 2,Take the blank out.,1,2,3',
			'run1,3,Error: SIS ID has a blank inside,Take the blank out.,"a"b,c',
		]);
	});

	test('say of a row that cannot be read only what is wrong with it', () => {
		const { column: _, ...row } = finding(3, { reason: 'has a quotation mark that is not closed' });
		expect(faultyRows('SIS ID\nS1\n"S2\nS3\n', [row])).toBe(
			`${report},SIS ID\r\nrun1,3,Error: Row has a quotation mark that is not closed,Take the blank out.,\r\n`,
		);
	});

	test('are the same however the file is cut, and come back as what was written', () => {
		const value = fc
			.array(fc.constantFrom('a', ' ', ',', '"', 'é', '😀'), { maxLength: 5 })
			.map((parts) => parts.join(''));
		const rows = fc.array(fc.tuple(value, value, fc.boolean()), { maxLength: 12 });
		fc.assert(
			fc.property(rows, fc.integer({ min: 1, max: 40 }), (written, chunkBytes) => {
				const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
				const text = ['id,name', ...written.map(([id, name]) => `${quoted(id)},${quoted(name)}`)].join('\r\n');
				const findings = written.flatMap(([, , isFaulty], at) => (isFaulty ? [finding(at + 2)] : []));
				const picked = faultyRows(text, findings, chunkBytes);
				expect(picked).toBe(faultyRows(text, findings));
				const faulty = written.filter(([, , isFaulty]) => isFaulty).map(([id, name]) => [id, name]);
				const parsed = parse(picked, { bom: true }) as string[][];
				if (faulty.length > 0) expect(parsed.slice(1).map((row) => row.slice(4))).toEqual(faulty);
				else expect(picked).toBe('');
			}),
		);
	});
});

test('the faulty rows of a file are not taken for the file', () => {
	const { told } = verifyRoster({
		school: [
			'Report Run,Report Line,Report Findings,Report Cures,SIS ID,Name',
			'x,7,Error: Name is missing,Enter a value.,A,Alpha',
		],
	});
	expect(told[0]).toBe(
		'school.csv Error File holds only the faulty rows of a file. Put the corrected rows back into their lines of the whole file.',
	);
});
