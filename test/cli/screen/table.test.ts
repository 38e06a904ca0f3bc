import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderTable, truncate, wrapText } from '../../../src/cli/screen/table.ts';

const lengthOf = (text: string) => [...text].length;

describe('renderTable()', () => {
	test('aligns names to the left and numbers to the right', () => {
		const lines = renderTable(
			[{ title: '' }, { title: 'Added', align: 'right' }],
			[
				['Schools', '2'],
				['Students', '1,200'],
			],
			{ widthColumns: 80 },
		);
		expect(lines).toEqual(['            Added', '  Schools       2', '  Students  1,200']);
	});

	test('breaks the message into the width that the other columns leave', () => {
		const lines = renderTable(
			[{ title: 'File' }, { title: 'Message', wrap: true }],
			[['student.csv', 'three rows have missing data for the field']],
			{ widthColumns: 36 },
		);
		expect(lines).toEqual([
			'  File         Message',
			'  student.csv  three rows have',
			'               missing data for the',
			'               field',
		]);
	});

	test('gives a style whole cells, so that colour does not disturb the alignment', () => {
		const style = (cell: string) => `<${cell}>`;
		const lines = renderTable([{ title: 'A', style }, { title: 'B' }], [['x', 'y']], { widthColumns: 80 });
		expect(lines).toEqual(['  A  B', '  <x>  y']);
		const wide = renderTable([{ title: 'Severity', style }, { title: 'B' }], [['Error', 'y']], { widthColumns: 80 });
		expect(wide[1]).toBe('  <Error   >  y');
	});

	test('shortens an id that would push everything else off the screen', () => {
		const [, row] = renderTable([{ title: 'Record' }, { title: 'Message', wrap: true }], [['9'.repeat(256), 'no']], {
			widthColumns: 80,
		});
		expect(row).toBe(`  ${'9'.repeat(27)}…  no`);
	});

	test('lets no value from a roster steer the terminal', () => {
		const [, row] = renderTable([{ title: 'Record' }], [['Ora\x1b[2J\nKlein']], { widthColumns: 80 });
		expect(row).toBe('  Ora [2J Klein');
	});

	test('is never wider than the terminal', () => {
		const cell = fc.string({ maxLength: 120 });
		fc.assert(
			fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 84, max: 120 }), (rows, widthColumns) => {
				const columns = [{ title: 'Kind' }, { title: 'Record' }, { title: 'Message', wrap: true }];
				for (const line of renderTable(columns, rows, { widthColumns })) {
					expect(lengthOf(line)).toBeLessThanOrEqual(widthColumns);
				}
			}),
		);
	});
});

test('wrapText() loses nothing but the blanks at which it breaks', () => {
	fc.assert(
		fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (text, width) => {
			const lines = wrapText(text, width);
			expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
			for (const line of lines) expect(lengthOf(line)).toBeLessThanOrEqual(Math.max(width, lengthOf(line.trim())));
		}),
	);
});

test('wrapText() cuts a word that no line can hold', () => {
	expect(wrapText('see abcdefghij', 4)).toEqual(['see', 'abcd', 'efgh', 'ij']);
});

test('truncate() counts characters and not code units', () => {
	expect(truncate('😀😀😀', 3)).toBe('😀😀😀');
	expect(truncate('😀😀😀😀', 3)).toBe('😀😀…');
});
