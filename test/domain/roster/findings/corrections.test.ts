import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	areCorrections,
	CorrectedFile,
	CorrectionsError,
	CorrectionsReader,
} from '../../../../src/domain/roster/findings/corrections.ts';
import { FaultyRows } from '../../../../src/domain/roster/findings/faulty-rows.ts';
import type { Finding } from '../../../../src/domain/roster/findings/verdict.ts';

const encoder = new TextEncoder();

function inChunks(text: string, chunkBytes: number, write: (chunk: Uint8Array) => void): void {
	const bytes = encoder.encode(text);
	for (let at = 0; at < bytes.length; at += chunkBytes) write(bytes.subarray(at, at + chunkBytes));
}

/** What `FaultyRows` gives of these lines. */
function faultyRows(text: string, lines: readonly number[]): string {
	const findings = lines.map((line) => ({ line, severity: 'Error', reason: 'is odd', cure: 'Fix it.' }) as Finding);
	let picked = '';
	const rows = new FaultyRows({ findings, runId: 'run1' }, (bytes) => {
		picked += new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
	});
	rows.write(encoder.encode(text));
	rows.end();
	return picked;
}

function corrected(text: string, corrections: string, chunkBytes = 65_536): string {
	const reader = new CorrectionsReader();
	inChunks(corrections, chunkBytes, (chunk) => reader.write(chunk));
	const parts: Uint8Array[] = [];
	const file = new CorrectedFile(reader.end(), (bytes) => parts.push(Uint8Array.from(bytes)));
	inChunks(text, chunkBytes, (chunk) => file.write(chunk));
	file.end();
	return Buffer.concat(parts).toString('utf8');
}

const header = 'Report Run,Report Line,Report Findings,Report Cures,SIS ID,Name';
const file = 'SIS ID,Name\r\nA,Alpha\r\nB,Beta\r\nC,Gamma\r\n';

describe('corrected rows', () => {
	test('take the place of the rows that they were, and all others stay', () => {
		const corrections = faultyRows(file, [3]).replace('Beta', '"Beta, ""the second"""');
		expect(corrected(file, corrections)).toBe('SIS ID,Name\r\nA,Alpha\r\nB,"Beta, ""the second"""\r\nC,Gamma\r\n');
	});

	test('that are empty go, and leave the rows behind them at their lines', () => {
		expect(corrected(file, `${header}\r\nrun1,3,Error,Fix it.,,\r\n`)).toBe(
			'SIS ID,Name\r\nA,Alpha\r\n\r\nC,Gamma\r\n',
		);
	});

	test('may have come through a spreadsheet, with quotation marks and empty columns', () => {
		const saved = `\ufeff"Report Run","Report Line","Report Findings","Report Cures","SIS ID","Name","",""\n"run1","3","","","B","Best",,\n,,,,,,,\n`;
		expect(corrected(file, saved)).toBe('SIS ID,Name\r\nA,Alpha\r\nB,Best\r\nC,Gamma\r\n');
	});

	test('put a row on one line that was on two, and leave the others where they were', () => {
		const torn = 'SIS ID,Name\n\nA,"Al\npha"\nB,Beta\n';
		expect(corrected(torn, `${header}\nrun1,3,,,A,Alpha\n`)).toBe('SIS ID,Name\r\n\r\nA,Alpha\r\n\r\nB,Beta\r\n');
	});

	test('keep what was right although a spreadsheet has spoilt it, but not what was to be corrected', () => {
		const ids = 'SIS ID,Number,Born,Name\r\n007,1234567890123456,2010-02-03,Bond\r\n';
		const columns = 'Report Run,Report Line,Report Findings,Report Cures,SIS ID,Number,Born,Name';
		const back = (findings: string, row: string) => corrected(ids, `${columns}\r\nrun1,2,${findings},,${row}\r\n`);
		const right = '007,1234567890123456,2010-02-03,Ada';
		expect(back('Error: Name is odd', '7,1.23457E+15,03/02/2010,Ada')).toBe(`SIS ID,Number,Born,Name\r\n${right}\r\n`);
		expect(back('', '7,1234567890123450,3.2.10,Ada')).toBe(`SIS ID,Number,Born,Name\r\n${right}\r\n`);
		const meant = '7,1234567890123457,2010-02-04,Ada';
		expect(back('Error: SIS ID is odd', meant)).toBe(`SIS ID,Number,Born,Name\r\n${meant}\r\n`);
		expect(back('"Warning: School SIS ID, SIS ID stand"', meant)).toBe(`SIS ID,Number,Born,Name\r\n${meant}\r\n`);
		expect(back('Error: School SIS ID is odd', '7,1,1/1/2011,Ada')).toBe(
			'SIS ID,Number,Born,Name\r\n007,1,1/1/2011,Ada\r\n',
		);
	});

	test('find their lines behind a row on two lines that stays as it is', () => {
		const torn = 'SIS ID,Name\nA,"Al\npha"\nB,Beta\n';
		expect(corrected(torn, `${header}\nrun1,4,,,B,Best\n`)).toBe('SIS ID,Name\r\nA,"Al\npha"\r\nB,Best\r\n');
	});

	test('of any rows of any file leave a file with those rows and all others, however both are cut', () => {
		const value = fc
			.array(fc.constantFrom('a', ' ', ',', '"', 'é', '😀'), { minLength: 1, maxLength: 4 })
			.map((parts) => parts.join(''));
		const rows = fc.array(fc.tuple(value, value, fc.boolean()), { minLength: 1, maxLength: 12 });
		const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
		fc.assert(
			fc.property(rows, fc.integer({ min: 1, max: 40 }), (written, chunkBytes) => {
				const text = ['id,name', ...written.map(([id, name]) => `${quoted(id)},${quoted(name)}`)].join('\n');
				const lines = written.flatMap(([, , isFaulty], at) => (isFaulty ? [at + 2] : []));
				if (lines.length === 0) return;
				const records = parse(faultyRows(text, lines), { bom: true }) as string[][];
				const saved = records
					.map((record, at) => (at === 0 ? record : record.with(5, `${record[5]}!`)))
					.map((record) => record.map(quoted).join(','));
				const expected = written.map(([id, name, isFaulty]) => [id, isFaulty ? `${name}!` : name]);
				const result = parse(corrected(text, saved.join('\r\n'), chunkBytes), { record_delimiter: '\r\n' });
				expect(result.slice(1)).toEqual(expected);
			}),
		);
	});
});

describe('corrections that cannot be used', () => {
	test.each([
		['are of other columns', 'Report Run,Report Line,Report Findings,Report Cures,SIS ID', ['run1,3,,,B']],
		['have another delimiter', header.replaceAll(',', ';'), ['run1;3;;;B;Best']],
		['come from several reports', header, ['run1,3,,,B,Best', 'run2,4,,,C,Best']],
		['name no line', header, ['run1,three,,,B,Best']],
		['name the header', header, ['run1,1,,,B,Best']],
		['name a line twice', header, ['run1,3,,,B,Best', 'run1,3,,,B,Better']],
		['name a line that is not there', header, ['run1,9,,,B,Best']],
		['are none', header, []],
		['have a line break', header, ['run1,3,,,B,"Be\nst"']],
		['have text behind a quotation mark', header, ['run1,3,,,B,"Be"st']],
		['do not end', header, ['run1,3,,,B,"Best']],
	])('%s', (_, first, rows) => {
		expect(() => corrected(file, [first, ...rows].join('\n'))).toThrow(CorrectionsError);
	});

	test('are those of a file that cannot be read itself', () => {
		const torn = `${file}"D,Delta`;
		expect(() => corrected(torn, `${header}\nrun1,3,,,B,Best`)).toThrow('line 5 of the file itself cannot be read');
	});
});

test('corrections are known by their first column, whatever became of the delimiter', () => {
	const known = ['Report Run,Report Line', '\ufeffReport Run;Report Line', '"Report Run"\tx', '\ufeff"Report Run",x'];
	for (const text of known) expect(areCorrections(encoder.encode(text)), text).toBe(true);
	for (const text of ['', 'SIS ID,Name', 'Report Runner', 'x,Report Run'])
		expect(areCorrections(encoder.encode(text)), text).toBe(false);
});
