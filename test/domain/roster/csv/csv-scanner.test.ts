import { describe, expect, test } from 'vitest';
import { CsvScanner, fieldFlaws, maxRowBytes } from '../../../../src/domain/roster/csv/csv-scanner.ts';
import { scanBytes, scanText } from './scan-bytes.ts';

const valuesOf = (text: string) => scanText(text).rows.map(({ values }) => values);
const flawsOf = (text: string) => scanText(text).rows.map(({ flaws }) => flaws);

const wellFormed: readonly [what: string, text: string, rows: string[][]][] = [
	[
		'rows that end in CRLF',
		'a,b\r\n1,2\r\n',
		[
			['a', 'b'],
			['1', '2'],
		],
	],
	[
		'rows that end in LF',
		'a,b\n1,2\n',
		[
			['a', 'b'],
			['1', '2'],
		],
	],
	[
		'rows with mixed ends',
		'a,b\r\n1,2\n3,4\r\n',
		[
			['a', 'b'],
			['1', '2'],
			['3', '4'],
		],
	],
	[
		'a last row without an end',
		'a,b\r\n1,2',
		[
			['a', 'b'],
			['1', '2'],
		],
	],
	[
		'an empty last value at the end of the file',
		'a,b\r\n1,',
		[
			['a', 'b'],
			['1', ''],
		],
	],
	['quotation marks and commas inside quotes', 'a\r\n"x, ""y"" z"\r\n', [['a'], ['x, "y" z']]],
	['a quoted value at the end of the file', 'a\r\n"x"', [['a'], ['x']]],
	['an empty quoted value alone in its row', 'a\r\n""\r\n', [['a'], ['']]],
	['nothing but doubled quotes', 'a\r\n""""\r\n', [['a'], ['"']]],
	['characters of four bytes', 'a\r\n😀,𝕏\r\n', [['a'], ['😀', '𝕏']]],
	['a byte order mark', '\ufeffa,b\r\n', [['a', 'b']]],
	['a byte order mark before a quoted header', '\ufeff"a",b\r\n', [['a', 'b']]],
	['blank lines', '\r\na\r\n\r\n\n1\r\n\r\n', [['a'], ['1']]],
	['nothing at all', '', []],
	['a byte order mark and nothing else', '\ufeff', []],
];

describe('a well-formed file', () => {
	test.each(wellFormed)('may have %s', (_, text, rows) => {
		const whole = scanText(text);
		expect(whole.rows.map(({ values }) => values)).toEqual(rows);
		expect(whole.rows.flatMap(({ flaws }) => flaws).every((flaws) => flaws === 0)).toBe(true);
		expect(whole.failure).toBeUndefined();
	});

	test.each(wellFormed)('is read the same however it is cut: %s', (_, text) => {
		const whole = scanText(text);
		for (let first = 1; first <= text.length; first++) {
			expect(scanText(text, [first, 1])).toEqual(whole);
			expect(scanText(text, [first, 2, 3])).toEqual(whole);
		}
	});
});

describe('a malformed value', () => {
	test('is marked if it has a quotation mark without being enclosed', () => {
		expect(flawsOf('a,b\r\nx"y,2\r\n')).toEqual([
			[0, 0],
			[fieldFlaws.strayQuote, 0],
		]);
	});

	test('is marked if text follows its closing quotation mark', () => {
		expect(flawsOf('a,b\r\n"x" y,2\r\n')).toEqual([
			[0, 0],
			[fieldFlaws.textAfterQuote, 0],
		]);
	});

	test('is marked if it has a line break, and the row keeps its boundaries', () => {
		expect(scanText('a,b\r\n"x\r\ny",2\r\n3,4\r\n').rows).toEqual([
			{ line: 1, values: ['a', 'b'], flaws: [0, 0] },
			{ line: 2, values: ['x\r\ny', '2'], flaws: [fieldFlaws.lineBreak, 0] },
			{ line: 4, values: ['3', '4'], flaws: [0, 0] },
		]);
	});

	test('is marked if it has a carriage return alone, and so is one that only ends in such', () => {
		expect(flawsOf('a,b\r\nx\ry,2\r\n')).toEqual([
			[0, 0],
			[fieldFlaws.loneCarriageReturn, 0],
		]);
		expect(flawsOf('a,b\r\n1,2\r')).toEqual([
			[0, 0],
			[0, fieldFlaws.loneCarriageReturn],
		]);
	});

	test('is marked if it has a NUL or another control character, but a tab is text', () => {
		expect(flawsOf('a\0,b\x7f,\x1f,"\x1e",c\td\n')).toEqual([[16, 16, 16, 16, 0]]);
	});

	test('is marked once, however its row is cut', () => {
		const text = 'a,b\n"x"y"z,"1""\n2"\n';
		const whole = scanText(text);
		expect(whole.rows).toHaveLength(2);
		for (let size = 1; size < text.length; size++) expect(scanText(text, [size])).toEqual(whole);
	});
});

describe('a row with another number of values than the header', () => {
	test('is handed over with the values that it has', () => {
		expect(valuesOf('a,b\r\n1\r\n1,2,3\r\n')).toEqual([['a', 'b'], ['1'], ['1', '2', '3']]);
	});

	test('may have thousands of them', () => {
		expect(scanText(`a,b\n${','.repeat(60_000)}\n`, [777]).rows[1]?.values).toHaveLength(60_001);
	});
});

describe('a file that ends lines with carriage returns only', () => {
	test('is one row with a mark', () => {
		const { rows } = scanText('a,b\r1,2\r3,4\r');
		expect(rows).toHaveLength(1);
		expect(rows[0]?.flaws.some((flaws) => flaws & fieldFlaws.loneCarriageReturn)).toBe(true);
	});
});

describe('a quotation mark that is never closed', () => {
	test('fails at the row that it opens', () => {
		expect(scanText('a,b\n1,2\n3,"4\n5,6\n').failure).toEqual({ reason: 'unclosedQuote', line: 3 });
	});

	test('fails after 64 KiB if the file goes on', () => {
		const text = `a,b\n3,"4\n${'5,6\n'.repeat(50_000)}`;
		const seen = scanText(text, [10_000]);
		expect(seen.failure).toEqual({ reason: 'rowTooLong', line: 2 });
		expect(scanText(text)).toEqual(seen);
	});
});

describe('what is not UTF-8', () => {
	test.each([
		['UTF-16 with a byte order mark, low byte first', [0xff, 0xfe, 0x61, 0, 0x0a, 0]],
		['UTF-16 with a byte order mark, high byte first', [0xfe, 0xff, 0, 0x61, 0, 0x0a]],
	])('fails at once: %s', (_, bytes) => {
		expect(scanBytes(Uint8Array.from(bytes))).toEqual({ rows: [], failure: { reason: 'notUtf8', line: 1 } });
	});

	test('fails at its row, and the rows before are handed over, however the file is cut', () => {
		const bytes = Buffer.concat([
			Buffer.from('a\nü\n1\n'),
			Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x0a]),
			Buffer.from('2\n'),
		]);
		const whole = scanBytes(bytes);
		expect(whole.failure).toEqual({ reason: 'notUtf8', line: 4 });
		expect(whole.rows.map(({ values }) => values[0])).toEqual(['a', 'ü', '1']);
		for (let size = 1; size < bytes.length; size++) expect(scanBytes(bytes, [size])).toEqual(whole);
	});

	test('fails if the file ends inside a character', () => {
		expect(scanBytes(Uint8Array.from([0x61, 0x0a, 0xe2, 0x82]), [1]).failure).toEqual({ reason: 'notUtf8', line: 2 });
	});
});

describe('a row', () => {
	const rowOf = (bytes: number) => `a\n${'x'.repeat(bytes)}\n1\n`;

	test('may have 64 KiB, in one piece or in many', () => {
		for (const pieces of [[1_000_000], [65_536], [4097]]) {
			const { rows, failure } = scanText(rowOf(maxRowBytes), pieces);
			expect(rows.map(({ values }) => values[0]?.length)).toEqual([1, maxRowBytes, 1]);
			expect(failure).toBeUndefined();
		}
	});

	test('may not have one byte more', () => {
		for (const pieces of [[1_000_000], [65_536], [4097]]) {
			expect(scanText(rowOf(maxRowBytes + 1), pieces)).toMatchObject({
				rows: [{ line: 1 }],
				failure: { reason: 'rowTooLong', line: 2 },
			});
		}
	});

	test('without an end is refused long before 200 MB are read', () => {
		const chunk = new Uint8Array(65_536).fill(0x78);
		for (const opening of ['', 'a\n"']) {
			const scanner = new CsvScanner(() => undefined);
			scanner.write(new TextEncoder().encode(opening));
			let chunks = 0;
			while (chunks < 200_000_000 / chunk.length && scanner.write(chunk)) chunks++;
			expect(chunks).toBeLessThan(3);
			expect(scanner.failure?.reason).toBe('rowTooLong');
		}
	});
});
