import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldFlaws } from '../../../../src/domain/roster/csv/csv-scanner.ts';
import { scanBytes, scanText } from './scan-bytes.ts';

const tables = Number(process.env.ROSTER_FUZZ_CASES ?? 30_000);
const numRuns = Math.ceil(tables / 10);
const seed = 20260831;

const oracleOptions = {
	bom: true,
	record_delimiter: ['\r\n', '\n'],
	relax_column_count: true,
	skip_empty_lines: true,
	max_record_size: 65_536,
};

const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

const value = fc
	.array(fc.constantFrom('a', 'Zz', '7', ' ', ',', '"', '""', "'", 'é', '王', '😀', 'О', '\r\n', '\n', '-', '\t'), {
		maxLength: 6,
	})
	.map((parts) => parts.join(''));

const table = fc.record({
	rows: fc.array(fc.array(fc.record({ value, isQuoted: fc.boolean() }), { minLength: 1, maxLength: 5 }), {
		maxLength: 8,
	}),
	ends: fc.array(fc.constantFrom('\r\n', '\n'), { minLength: 1, maxLength: 3 }),
	hasBom: fc.boolean(),
	hasLastEnd: fc.boolean(),
});

function write({ rows, ends, hasBom, hasLastEnd }: typeof table extends fc.Arbitrary<infer T> ? T : never): string {
	const lines = rows.map((row) =>
		row.map((each) => (each.isQuoted || /[",\r\n]/.test(each.value) ? quoted(each.value) : each.value)).join(','),
	);
	const text = lines.map((line, place) => line + ends[place % ends.length]).join('');
	return `${hasBom ? '\ufeff' : ''}${hasLastEnd ? text : text.replace(/\r?\n$/, '')}`;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('well-formed tables are read as they were written, and as csv-parse reads them, however they are cut', () => {
	fc.assert(
		fc.property(table, pieces, (written, cuts) => {
			const text = write(written);
			const { rows, failure } = scanText(text, cuts);
			expect(failure).toBeUndefined();
			const expected = written.rows
				.filter((row) => row.length > 1 || row[0]?.isQuoted || row[0]?.value !== '')
				.map((row) => row.map((each) => each.value));
			expect(rows.map(({ values }) => values)).toEqual(expected);
			expect(rows.flatMap(({ flaws }) => flaws).every((flaws) => (flaws & ~fieldFlaws.lineBreak) === 0)).toBe(true);
			expect(parse(text, { ...oracleOptions, skip_empty_lines: false }).filter(isNoBlankLine)).toEqual(
				expected.filter(isNoBlankLine),
			);
		}),
		{ numRuns: tables, seed },
	);
});

test('rows that lie across chunks of any size are read as they were written', () => {
	const bigPieces = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 4 });
	const repeats = fc.integer({ min: 2000, max: 9000 });
	const rows = fc.array(fc.array(value.map(quoted), { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 7 });
	fc.assert(
		fc.property(rows, repeats, bigPieces, (written, times, cuts) => {
			const text = `${written.map((row) => row.join(',')).join('\r\n')}\r\n`;
			const { rows: once } = scanText(text);
			const many = scanText(text.repeat(times), cuts);
			expect(many.failure).toBeUndefined();
			expect(many.rows).toHaveLength(written.length * times);
			const linesPerRepeat = text.split('\n').length - 1;
			const expected = once.map(({ line, ...rest }) => ({ line: line + linesPerRepeat * (times - 1), ...rest }));
			expect(many.rows.slice(-written.length)).toEqual(expected);
			const values = (each: (typeof once)[number]) => JSON.stringify(each.values);
			const wanted = once.map(values);
			const wrong = many.rows.findIndex((row, place) => values(row) !== wanted[place % wanted.length]);
			expect(wrong).toBe(-1);
		}),
		{ numRuns: Math.ceil(tables / 4000), seed },
	);
});

/** csv-parse does not tell a blank line from an empty quoted value. */
const isNoBlankLine = (row: readonly string[]) => row.length > 1 || row[0] !== '';

const soupBytes = [
	0x22, 0x22, 0x2c, 0x2c, 0x0a, 0x0a, 0x0d, 0x0d, 0x61, 0x62, 0x20, 0x00, 0xc3, 0xa9, 0xe7, 0x8e, 0x8b,
];
const soup = fc
	.tuple(fc.boolean(), fc.array(fc.constantFrom(...soupBytes), { maxLength: 60 }))
	.map(([hasBom, bytes]) => Uint8Array.from(hasBom ? [0xef, 0xbb, 0xbf, ...bytes] : bytes));

test('any bytes give the same rows, marks and failures, however they are cut', () => {
	fc.assert(
		fc.property(soup, pieces, (bytes, cuts) => {
			const whole = scanBytes(bytes);
			expect(scanBytes(bytes, cuts)).toEqual(whole);
			expect(scanBytes(bytes, [1])).toEqual(whole);
		}),
		{ numRuns, seed },
	);
});

test('where both accept any bytes, the scanner and csv-parse agree', () => {
	let acceptedByBoth = 0;
	const loud = fieldFlaws.strayQuote | fieldFlaws.textAfterQuote | fieldFlaws.loneCarriageReturn;
	fc.assert(
		fc.property(soup, (bytes) => {
			const { rows, failure } = scanBytes(bytes);
			if (failure || rows.some(({ flaws }) => flaws.some((each) => each & loud))) return;
			expect(isUtf8(bytes)).toBe(true);
			const oracle = tryParse(bytes);
			if (!oracle) return;
			acceptedByBoth++;
			expect(rows.map(({ values }) => values).filter(isNoBlankLine)).toEqual(oracle.filter(isNoBlankLine));
		}),
		{ numRuns, seed },
	);
	expect(acceptedByBoth).toBeGreaterThan(numRuns / 50);
});

function tryParse(bytes: Uint8Array): string[][] | undefined {
	try {
		return parse(bytes, { ...oracleOptions, skip_empty_lines: false });
	} catch {
		return undefined;
	}
}
