import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderBar, renderProgress } from '../../../src/cli/screen/progress-bar.ts';
import { formatBytes } from '../../../src/cli/screen/wording.ts';

const plain = { filled: (text: string) => text, rest: (text: string) => text };
const at80 = { widthColumns: 80, ...plain };
const pace = { perSecond: 12_100, leftMs: 24_000 };

test('renderProgress() shows phase, share, amount, rate and time left in 80 columns', () => {
	expect(renderProgress({ title: 'Enrollments', done: 412_300, total: 700_000, pace }, at80)).toBe(
		'  Enrollments   ━━━━━━━━━━────────   58 %  412,300/700,000  12,100/s  24 s left',
	);
});

test('renderProgress() writes amounts in their own unit', () => {
	expect(renderProgress({ title: 'Uploading', done: 5_000_000, total: 20_000_000, format: formatBytes }, at80)).toBe(
		'  Uploading     ━━━━──────────────   25 %  5.0 MB/20.0 MB',
	);
});

test('renderProgress() shows only the title while the total is not known', () => {
	expect(renderProgress({ title: 'Comparing', done: 0, total: 0 }, at80)).toBe('  Comparing …');
});

test('renderProgress() calls only what is complete 100 %', () => {
	expect(renderProgress({ title: 'Accounts', done: 9_999, total: 10_000 }, at80)).toContain(' 99 %');
	expect(renderProgress({ title: 'Accounts', done: 10_000, total: 10_000 }, at80)).toContain('100 %');
});

test('renderProgress() leaves out the rate first and the amount next where the terminal is narrow', () => {
	const progress = { title: 'Accounts', done: 4_000, total: 10_000, pace };
	expect(renderProgress(progress, { widthColumns: 66, ...plain })).toMatch(/ 40 % {2}4,000\/10,000 {2}24 s left$/);
	expect(renderProgress(progress, { widthColumns: 50, ...plain })).toMatch(/─ {3}40 % {2}24 s left$/);
	expect(renderProgress(progress, { widthColumns: 36, ...plain })).toMatch(/─ {3}40 %$/);
	expect(renderProgress(progress, { widthColumns: 20, ...plain })).toBe('  Accounts …');
});

test('renderProgress() always leaves the last column of the terminal free', () => {
	const amount = fc.integer({ min: 0, max: 100_000_000 });
	fc.assert(
		fc.property(amount, amount, fc.integer({ min: 20, max: 200 }), (done, total, widthColumns) => {
			const line = renderProgress({ title: 'Enrollments', done, total, pace }, { widthColumns, ...plain });
			expect(line.length).toBeLessThan(widthColumns);
		}),
	);
});

test('renderBar() is as long as asked whatever the fraction', () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true }), (fraction) => {
			expect(renderBar(fraction, 20, plain)).toMatch(/^━*─*$/);
			expect(renderBar(fraction, 20, plain)).toHaveLength(20);
		}),
	);
});
