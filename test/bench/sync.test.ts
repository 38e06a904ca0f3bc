import { expect, test } from 'vitest';
import { pairedResult } from '../../bench/paired.ts';
import { phases } from '../../bench/sync/phase-times.ts';
import { syncReport } from '../../bench/sync/sync-report.ts';
import { missedBudgets } from '../../bench/sync.ts';

const taking = (name: string, ms: number) =>
	pairedResult([{ subject: { rows: 7, ms, peakMb: 0 }, baseline: { rows: 7, ms: 1_000, peakMb: 0 } }], {
		subject: name,
		baseline: 'baseline',
	});
const figures = {
	first: taking('first sync', 1_400),
	unchanged: taking('unchanged', 7_000),
	changed: taking('changed', 1_200),
	peakMb: 390,
};
const budget = { students: 100, first: 1.5, unchanged: 8, changed: 1.3, megabytes: 400 };

test('a benchmark of the sync that keeps its budgets misses none', () => {
	expect(missedBudgets(figures, budget, 1)).toEqual([]);
});

test('each budget that is missed is named; headroom widens all', () => {
	const slow = {
		first: taking('first sync', 1_600),
		unchanged: taking('unchanged', 9_000),
		changed: taking('changed', 1_400),
		peakMb: 410,
	};
	expect(missedBudgets(slow, budget, 1)).toEqual([
		'first sync takes more than 1.5 × baseline',
		'unchanged takes more than 8 × baseline',
		'changed takes more than 1.3 × baseline',
		'host and app take more than 400 MB',
	]);
	expect(missedBudgets(slow, budget, 1.2)).toEqual([]);
});

test('the report shows ratios beside their budgets, and the share of each phase', () => {
	const even = Object.fromEntries(phases.map((phase) => [phase, 1 / phases.length])) as never;
	const shares = { first: even, unchanged: even, changed: even };
	const report = syncReport({ ...figures, firstMs: 1_400, students: 100, shares, budget }).split('\n');
	expect(report).toContainEqual(
		expect.stringMatching(/^first sync +1\.40 s +1\.00 s +1\.40 +1\.40–1\.40 +1 +1\.5 +baseline$/),
	);
	const share = Math.round(100 / phases.length);
	for (const phase of phases) expect(report).toContainEqual(expect.stringMatching(new RegExp(`^${phase} +${share} %`)));
	expect(report).toContain('Host and app: 390 MB at most, budget 400.');
});
