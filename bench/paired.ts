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

/** What takes part in a comparison, however its samples are taken. */
export interface Sampled {
	name: string;
	sample(): Promise<Sample>;
}

export interface Pair {
	subject: Sample;
	baseline: Sample;
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

/** Compares two programs, each sample in a fresh process. */
export function comparePaired(subject: Contender, baseline: Contender, rounds: number): Promise<PairedResult> {
	const sampled = (contender: Contender): Sampled => ({
		name: contender.name,
		sample: () => sampleOf(contender),
	});
	return compareSampled(sampled(subject), sampled(baseline), { rounds, discarded: 1 });
}

/** Compares on the same machine at the same time: both in every round, the order swapped, and what warms the machine up discarded. */
export async function compareSampled(
	subject: Sampled,
	baseline: Sampled,
	{ rounds, discarded }: { rounds: number; discarded: number },
): Promise<PairedResult> {
	const pairs: Pair[] = [];
	for (let round = 0; round < rounds + discarded; round++) {
		const isSwapped = round % 2 === 1;
		const first = await (isSwapped ? baseline : subject).sample();
		const second = await (isSwapped ? subject : baseline).sample();
		const pair = isSwapped ? { subject: second, baseline: first } : { subject: first, baseline: second };
		if (round >= discarded) pairs.push(pair);
	}
	return pairedResult(pairs, { subject: subject.name, baseline: baseline.name });
}

/** Throws if two did not see the same number of rows, because then no figure means anything. */
export function pairedResult(
	pairs: readonly Pair[],
	{ subject, baseline }: { subject: string; baseline: string },
): PairedResult {
	const differing = pairs.find((pair) => pair.subject.rows !== pair.baseline.rows);
	if (differing) {
		throw new Error(
			`Cannot compare: ${subject} saw ${differing.subject.rows} rows, ${baseline} saw ${differing.baseline.rows}.`,
		);
	}
	const ratios = pairs.map((pair) => pair.subject.ms / pair.baseline.ms);
	return {
		subject,
		baseline,
		rounds: pairs.length,
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
