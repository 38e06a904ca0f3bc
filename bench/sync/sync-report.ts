import type { PairedResult } from '../paired.ts';
import type { PhaseShares, SyncBudget } from '../sync.ts';
import { phases } from './phase-times.ts';

interface Reported {
	students: number;
	/** Absent if it was compared with nothing. */
	first?: PairedResult;
	firstMs: number;
	unchanged: PairedResult;
	changed: PairedResult;
	shares: Readonly<Record<'first' | 'unchanged' | 'changed', PhaseShares>>;
	peakMb: number;
	budget: SyncBudget;
}

const kinds = ['first', 'unchanged', 'changed'] as const;

/** Two tables: how long each kind of sync takes beside its baseline, and what it spends that on. */
export function syncReport({ students, firstMs, shares, peakMb, budget, ...results }: Reported): string {
	const { load, rows } = results.unchanged;
	const times = kinds.map((kind) => {
		const result = results[kind];
		return result ? rowOf(result, budget[kind]) : ['first sync', seconds(firstMs)];
	});
	const phaseRows = phases.map((phase) => [phase, ...kinds.map((kind) => percent(shares[kind][phase]))]);
	return [
		`${students} students, ${rows} rows; load ${load.toFixed(1)}`,
		'',
		...table([['', 'sync', 'baseline', 'ratio', 'range', 'pairs', 'budget', 'against'], ...times]),
		'',
		...table([['share of the time', 'first sync', 'unchanged', '1 % changed'], ...phaseRows]),
		'',
		`Host and app: ${Math.round(peakMb)} MB at most, budget ${Math.round(budget.megabytes)}.`,
		'',
	].join('\n');
}

function rowOf(result: PairedResult, budget: number): string[] {
	const { subject, baseline, rounds, subjectMs, baselineMs, ratio, minRatio, maxRatio } = result;
	const range = `${minRatio.toFixed(2)}–${maxRatio.toFixed(2)}`;
	const times = [seconds(subjectMs), seconds(baselineMs), ratio.toFixed(2), range, String(rounds)];
	return [subject, ...times, String(budget), baseline];
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const percent = (share: number) => `${Math.round(share * 100)} %`;

/** The first column stands left, figures right, and what comes after the figures left again. */
function table(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
	const isText = (at: number) => at === 0 || rows[0]?.[at] === 'against';
	return rows.map((row) =>
		row
			.map((cell, at) => (isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
			.join('  ')
			.trimEnd(),
	);
}
