import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countOf, formatBytes, formatDuration, printable } from '../../../src/cli/screen/wording.ts';

test.each([
	[0, 'under 0.1 s'],
	[50, '0.1 s'],
	[449, '0.4 s'],
	[9_949, '9.9 s'],
	[9_950, '10 s'],
	[59_499, '59 s'],
	[59_500, '1 min 0 s'],
	[200_000, '3 min 20 s'],
	[3_599_400, '59 min 59 s'],
	[3_600_000, '1 h 0 min'],
	[3_900_000, '1 h 5 min'],
])('formatDuration() writes %d ms as "%s"', (durationMs, text) => {
	expect(formatDuration(durationMs)).toBe(text);
});

test.each([
	[0, '0 bytes'],
	[999, '999 bytes'],
	[1_000, '1.0 KB'],
	[21_340, '21.3 KB'],
	[999_949, '999.9 KB'],
	[999_950, '1.0 MB'],
	[1_250_000_000, '1.3 GB'],
])('formatBytes() writes %d as "%s"', (bytes, text) => {
	expect(formatBytes(bytes)).toBe(text);
});

test('countOf() groups thousands and knows one from many', () => {
	expect([countOf(0, 'error'), countOf(1, 'error'), countOf(12_345, 'error')]).toEqual([
		'0 errors',
		'1 error',
		'12,345 errors',
	]);
});

test('printable() leaves nothing that could steer a terminal', () => {
	expect(printable('red\x1b[31m\r\nnew\u202eline\tend\u0007 ')).toBe('red [31m new line end');
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
		}),
	);
});
