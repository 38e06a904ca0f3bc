import path from 'node:path';
import { median, type PairedResult } from './paired.ts';
import { writeRoster } from './roster-generator.ts';
import { durationMs } from './sync/measured-host.ts';
import { phases } from './sync/phase-times.ts';
import { syncReport } from './sync/sync-report.ts';
import { type HostRun, measureRounds, type SyncRounds } from './sync/sync-rounds.ts';
import type { TracedSync } from './sync/traced-host.ts';
import { withFolder } from './temporary-folder.ts';

/** Which share of a sync is which phase: the median of all syncs. */
export type PhaseShares = Readonly<Record<(typeof phases)[number], number>>;

export interface SyncBench {
	/** Absent for rosters so large that nobody wants to wait for the baseline. */
	first?: PairedResult;
	/** Of the first sync, median. */
	firstMs: number;
	unchanged: PairedResult;
	changed: PairedResult;
	shares: Readonly<Record<'first' | 'unchanged' | 'changed', PhaseShares>>;
	/** Of host and app, which are one process; the greatest of all rounds. */
	peakMb: number;
	/** For a person to read. */
	report: string;
	/** What was missed; empty if everything was kept. */
	missed: readonly string[];
}

export interface SyncBenchOptions {
	students: number;
	seed: number;
	rounds: number;
	/** 1 for the budgets as they stand; a busy machine gets more. */
	headroom: number;
}

/** Of rosters of so many students at most. */
export interface SyncBudget {
	students: number;
	/** Against a bare client that writes the same. */
	first: number;
	/** Against the verification of the same files. */
	unchanged: number;
	/** Against an unchanged sync. */
	changed: number;
	megabytes: number;
}

/** Those of the smallest rosters are for every build: what a sync costs whatever its size counts for most of it. */
const budgets: readonly SyncBudget[] = [
	{ students: 2_500, first: 3.5, unchanged: 8, changed: 2.5, megabytes: 280 },
	{ students: 10_000, first: 2.5, unchanged: 10, changed: 2.5, megabytes: 400 },
	{ students: 250_000, first: 1.5, unchanged: 8, changed: 1.3, megabytes: 400 },
];
/** A larger roster is synced in one round, and may take so much more memory than this one. */
const large = { first: 1.5, unchanged: 8, changed: 1.3, memory: { students: 100_000, ratio: 1.5 } };

/** Of unchanged and changed syncs: to and fro, so that the roster ends as it began. */
const cycles = 2;
const changeRate = 0.01;

/** How many transactions a bare client has in flight: what a good engineer would try, one choice where every build waits for it. */
const widthsBySize = [
	{ students: 10_000, widths: [8] },
	{ students: 250_000, widths: [4, 8, 16] },
];
const widthsOf = (students: number) => widthsBySize.find((each) => students <= each.students)?.widths ?? [];

/** Measures syncs through the real client, the real host and a real storage server on disk, each beside its baseline. */
export async function measureSync({ headroom, ...options }: SyncBenchOptions): Promise<SyncBench> {
	const budget = await budgetOf(options);
	const measured = await roundsOf(options, widthsOf(options.students));
	const { runs, ...results } = measured;
	const firstMs = median(runs.map(({ first }) => durationMs(first)));
	const figures = { ...results, firstMs, shares: sharesOf(runs), peakMb: peakOf(runs) };
	return {
		...figures,
		report: syncReport({ ...figures, students: options.students, budget }),
		missed: [...missedBudgets(figures, budget, headroom), ...needlessWrites(measured)],
	};
}

type RosterSize = Pick<SyncBenchOptions, 'students' | 'seed'>;

const roundsOf = (
	{ students, seed, rounds }: RosterSize & { rounds: number },
	widths: readonly number[],
): Promise<SyncRounds> =>
	withFolder('sds-rosters-', async (folder) => {
		const rosters = { before: path.join(folder, 'before'), after: path.join(folder, 'after') };
		await writeRoster(rosters.before, { students, seed });
		await writeRoster(rosters.after, { students, seed, changeRate, moveRate: changeRate });
		return measureRounds(rosters, { rounds: widths.length > 0 ? rounds : 1, cycles, widths });
	});

async function budgetOf({ students, seed }: RosterSize): Promise<SyncBudget> {
	const budget = budgets.find((each) => students <= each.students);
	if (budget) return budget;
	const { memory, ...ratios } = large;
	const { runs } = await roundsOf({ students: memory.students, seed, rounds: 1 }, []);
	return { students, ...ratios, megabytes: peakOf(runs) * memory.ratio };
}

const peakOf = (runs: readonly HostRun[]) => Math.max(...runs.map(({ peakMb }) => peakMb));

function sharesOf(runs: readonly HostRun[]): SyncBench['shares'] {
	return {
		first: sharesIn(runs.map(({ first }) => first)),
		unchanged: sharesIn(runs.flatMap(({ unchanged }) => unchanged.map(({ sync }) => sync))),
		changed: sharesIn(runs.flatMap(({ changed }) => changed.map(({ sync }) => sync))),
	};
}

function sharesIn(syncs: readonly TracedSync[]): PhaseShares {
	const shareOf = (phase: (typeof phases)[number]) =>
		median(syncs.map(({ phases: times, startedAt, endedAt }) => times[phase] / (endedAt - startedAt)));
	return Object.fromEntries(phases.map((phase) => [phase, shareOf(phase)])) as PhaseShares;
}

type Figures = Pick<SyncBench, 'first' | 'unchanged' | 'changed' | 'peakMb'>;

export function missedBudgets(figures: Figures, budget: SyncBudget, headroom: number): readonly string[] {
	const ratios = (['first', 'unchanged', 'changed'] as const).flatMap((name) => {
		const result = figures[name];
		if (!result || result.ratio <= budget[name] * headroom) return [];
		return [`${result.subject} takes more than ${budget[name]} × ${result.baseline}`];
	});
	const isLarge = figures.peakMb > budget.megabytes * headroom;
	return [...ratios, ...(isLarge ? [`host and app take more than ${Math.round(budget.megabytes)} MB`] : [])];
}

const needlessWrites = ({ runs }: SyncRounds): readonly string[] =>
	runs.some(({ unchanged }) => unchanged.some(({ sync }) => sync.directoryWrites > 0))
		? ['an unchanged sync wrote to the directory']
		: [];
