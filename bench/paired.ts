import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { promisify } from 'node:util';
import type { Sample } from './samples/sample.ts';

/** One contender: a script that prints one `Sample` as JSON. */
export interface Contender {
	name: string;
	/** Arguments of a fresh `node`. */
	args: readonly string[];
}

export interface PairedResult {
	subject: string;
	baseline: string;
	rounds: number;
	rows: number;
	/** Medians over the rounds. */
	subjectMs: number;
	baselineMs: number;
	subjectLeastMs: number;
	/** Subject by baseline: median, least and greatest of the rounds' own ratios. */
	ratio: number;
	minRatio: number;
	maxRatio: number;
	/** Greatest of all rounds. */
	subjectPeakMb: number;
	load: number;
}

const run = promisify(execFile);

/**
 * Compares two programs on the same machine at the same time: a fresh process for every sample, both in every round, the order
 * swapped from round to round, and a first pair thrown away. Throws if they did not see the same number of rows, because then
 * no figure means anything.
 */
export async function comparePaired(subject: Contender, baseline: Contender, rounds: number): Promise<PairedResult> {
	const pairs: { subject: Sample; baseline: Sample }[] = [];
	for (let round = 0; round <= rounds; round++) {
		const isSwapped = round % 2 === 1;
		const first = await sampleOf(isSwapped ? baseline : subject);
		const second = await sampleOf(isSwapped ? subject : baseline);
		const pair = isSwapped ? { subject: second, baseline: first } : { subject: first, baseline: second };
		if (pair.subject.rows !== pair.baseline.rows) {
			throw new Error(
				`Cannot compare: ${subject.name} saw ${pair.subject.rows} rows, ${baseline.name} saw ${pair.baseline.rows}.`,
			);
		}
		if (round > 0) pairs.push(pair);
	}
	const ratios = pairs.map((pair) => pair.subject.ms / pair.baseline.ms);
	return {
		subject: subject.name,
		baseline: baseline.name,
		rounds,
		rows: pairs[0]?.subject.rows ?? 0,
		subjectMs: median(pairs.map((pair) => pair.subject.ms)),
		baselineMs: median(pairs.map((pair) => pair.baseline.ms)),
		subjectLeastMs: Math.min(...pairs.map((pair) => pair.subject.ms)),
		ratio: median(ratios),
		minRatio: Math.min(...ratios),
		maxRatio: Math.max(...ratios),
		subjectPeakMb: Math.max(...pairs.map((pair) => pair.subject.peakMb)),
		load: loadavg()[0] ?? 0,
	};
}

/** One fresh process. */
export async function sampleOf({ args }: Contender): Promise<Sample> {
	const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', ...args]);
	return JSON.parse(stdout) as Sample;
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1
		? (sorted[middle] as number)
		: ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
