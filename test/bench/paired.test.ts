import { expect, test } from 'vitest';
import { comparePaired, compareSampled, median } from '../../bench/paired.ts';

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

test('compareSampled() takes turns who comes first, and discards what it was asked to', async () => {
	const order: string[] = [];
	const sampled = (name: string, times: readonly number[]) => {
		const left = [...times];
		const sample = async () => {
			order.push(name);
			return { rows: 5, ms: left.shift() ?? 0, peakMb: 10 };
		};
		return { name, sample };
	};
	const [subject, baseline] = [sampled('subject', [90, 20, 30]), sampled('baseline', [10, 10, 10])];
	const result = await compareSampled(subject, baseline, { rounds: 2, discarded: 1 });
	expect(order).toEqual(['subject', 'baseline', 'baseline', 'subject', 'subject', 'baseline']);
	expect(result).toMatchObject({ rounds: 2, ratio: 2.5, minRatio: 2, maxRatio: 3 });
});

test('median() is the middle, or between the two in the middle', () => {
	expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
