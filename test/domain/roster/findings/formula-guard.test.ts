import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorrectedFile, CorrectionsReader } from '../../../../src/domain/roster/findings/corrections.ts';
import { FaultyRows } from '../../../../src/domain/roster/findings/faulty-rows.ts';
import { guarded, unguarded } from '../../../../src/domain/roster/findings/formula-guard.ts';
import { reportRows } from '../../../../src/domain/roster/findings/report.ts';
import type { Finding } from '../../../../src/domain/roster/findings/verdict.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const finding = (line: number): Finding => ({
	kind: 'student',
	fileName: 'student.csv',
	line,
	column: 'Grade',
	rule: 'format',
	severity: 'Warning',
	reason: 'is odd',
	cure: 'Mend it.',
});

function faultyRows(text: string, lines: readonly number[]): string {
	let picked = '';
	const rows = new FaultyRows({ findings: lines.map(finding), runId: 'run1' }, (bytes) => {
		picked += decoder.decode(bytes);
	});
	rows.write(new TextEncoder().encode(text));
	rows.end();
	return picked;
}

function putBack(text: string, corrections: string): string {
	const reader = new CorrectionsReader();
	reader.write(new TextEncoder().encode(corrections));
	const parts: Uint8Array[] = [];
	const file = new CorrectedFile(reader.end(), (bytes) => parts.push(Uint8Array.from(bytes)));
	file.write(new TextEncoder().encode(text));
	file.end();
	return Buffer.concat(parts).toString('utf8');
}

/** As a spreadsheet saves it: every value in quotation marks, or only where it must, with the line ends of its system. */
function savedBySpreadsheet(text: string, { quotesAll, lineEnd }: { quotesAll: boolean; lineEnd: string }): string {
	const quoted = (value: string) => (quotesAll || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
	const records = parse(text, { bom: true, relax_column_count: true }) as string[][];
	return records.map((record) => record.map(quoted).join(',') + lineEnd).join('');
}

const pieces = [
	'\t',
	';',
	'\u200b',
	'=',
	'+',
	'-',
	'@',
	'＝',
	'＋',
	'－',
	'＠',
	"'",
	' ',
	'\u00a0',
	'"',
	',',
	'a',
	'1',
	'é',
];
const value = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('a value that a spreadsheet would take for a formula', () => {
	test.each([
		'=1+1',
		'+1',
		'-1',
		'@a',
		'\tx',
		'\rx',
		' =1',
		"'=1",
		'＝1',
		'－1',
		'\u00a0@a',
		'\u200b=1',
		'\0=1',
		'\x01=1',
		'\ufeff=1',
	])('is guarded: %j', (text) => {
		expect(guarded(text)).toBe(`'${text}`);
		expect(unguarded(`'${text}`)).toBe(text);
	});

	test('is guarded where another country would begin a cell, too', () => {
		expect(guarded('x;=1;y;-2')).toBe("x;'=1;y;'-2");
		expect(unguarded("x;'=1;y;'-2")).toBe('x;=1;y;-2');
	});

	test('is told in no more time than its length takes', () => {
		for (const piece of ['\t', ' ', '\ufeff', ';', "'", '; ', ";'"]) {
			const long = piece.repeat(200_000);
			expect(unguarded(guarded(long)).length).toBe(long.length);
		}
	});

	test.each(['a=b', "O'Brien", "'s-Hertogenbosch", "'n Kind", '1-2', '', "'", '(removed because the account exists)'])(
		'is not what has no such beginning: %j',
		(text) => {
			expect(guarded(text)).toBe(text);
			expect(unguarded(text)).toBe(text);
		},
	);

	test('comes back as it was, however many guards it has of its own', () => {
		fc.assert(fc.property(fc.oneof(value, fc.string()), (text) => unguarded(guarded(text)) === text));
	});

	test('is harmless in everything that is downloaded, headers too, and comes back into its file as it was', () => {
		const options = fc.record({ quotesAll: fc.boolean(), lineEnd: fc.constantFrom('\r\n', '\n') });
		const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 });
		fc.assert(
			fc.property(rows, options, (written, spreadsheet) => {
				const text = `SIS ID,=Password\r\n${written.map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`;
				const downloaded = faultyRows(
					text,
					written.map((_, at) => at + 2),
				);
				const cells = (parse(downloaded, { bom: true }) as string[][]).flat();
				for (const cell of cells.flatMap((each) => each.split(/[;\t]/)))
					expect(cell).not.toMatch(/^[\s\p{Cf}]*[=+\-@＝＋－＠]/u);
				const back = parse(putBack(text, savedBySpreadsheet(downloaded, spreadsheet))) as string[][];
				expect(back).toEqual([['SIS ID', '=Password'], ...written]);
			}),
		);
	});

	test('may be corrected with its guard or without it', () => {
		const text = 'SIS ID,Password\r\nP1,=old\r\n';
		const downloaded = faultyRows(text, [2]);
		expect(downloaded).toContain("P1,'=old");
		for (const typed of ["'=new", '=new'])
			expect(putBack(text, downloaded.replace("'=old", typed))).toBe('SIS ID,Password\r\nP1,=new\r\n');
	});

	test('is harmless in the report, too', () => {
		const [, row] = [...reportRows([{ ...finding(2), key: '=id', value: ' @value', reason: '+is odd' }])];
		expect(parse(row as string)).toEqual([
			['student.csv', '2', "'=id", 'Grade', "' @value", 'format', 'Warning', "'+is odd", 'Mend it.'],
		]);
	});
});
