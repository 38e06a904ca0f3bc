import { expect, test } from 'vitest';
import { comparePaired, median } from '../../bench/paired.ts';

const printing = (rows: number, ms: string) => [
	'-e',
	`console.log(JSON.stringify({ rows: ${rows}, ms: ${ms}, peakMb: 10 }))`,
];

test('comparePaired() answers the median of the rounds with its range', async () => {
	const subject = { name: 'subject', args: printing(5, '30') };
	const baseline = { name: 'baseline', args: printing(5, '10 + 10 * (process.pid % 3)') };
	const result = await comparePaired(subject, baseline, 3);
	expect(result).toMatchObject({ rounds: 3, rows: 5, subjectMs: 30, subjectPeakMb: 10 });
	expect(result.minRatio).toBeLessThanOrEqual(result.ratio);
	expect(result.maxRatio).toBeGreaterThanOrEqual(result.ratio);
	expect([1, 1.5, 3]).toContain(result.ratio);
});

test('comparePaired() refuses to compare programs that saw different rows', async () => {
	const contenders = [5, 6].map((rows) => ({ name: `${rows} rows`, args: printing(rows, '1') })) as [never, never];
	await expect(comparePaired(...contenders, 1)).rejects.toThrow('5 rows');
});

test('median() is the middle, or between the two in the middle', () => {
	expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
