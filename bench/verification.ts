import { startAzurite } from '../src/local/azurite/azurite.ts';
import { bundleSample } from './bundle.ts';
import { type Contender, comparePaired, type PairedResult, sampleOf } from './paired.ts';
import { withFolder } from './temporary-folder.ts';
import { withUploads } from './uploads.ts';

export interface VerificationBench {
	/** Rows of one pass in its fastest round. */
	rowsPerSecond: number;
	againstCsvParse: PairedResult;
	againstBareScan: PairedResult;
	/** Of a process that streams the files from the storage emulator; the greatest of three. */
	peakMbFromBlobs: number;
	/** What was missed; empty if everything was kept. */
	missed: readonly string[];
}

export interface VerificationBenchOptions {
	students: number;
	rounds: number;
	/** 1 for the budgets as they stand; a busy machine gets more. */
	headroom: number;
}

const ratioBudget = { csvParse: 0.5, bareScan: 5 };
/** Of the set of so many students at most; there is no budget above the last. */
const memoryBudgets = [
	{ students: 100_000, megabytes: 130 },
	{ students: 1_000_000, megabytes: 280 },
];
/**
 * An absolute figure means something only on a machine like the one that it was set for, where bare csv-parse reads so many rows:
 * on a slower one the ratios alone count.
 */
const speedBudget = { rowsPerSecond: 1_500_000, whereCsvParseReads: 750_000 };
/** Below this many, loading the program takes longer than what is to be measured. */
const fewestStudents = 100_000;
const memorySamples = 3;

/** Measures the verification of a folder of six files beside a bare csv-parse pass and a bare scan, and its memory. */
export function measureVerification(
	folder: string,
	{ students, rounds, headroom }: VerificationBenchOptions,
): Promise<VerificationBench> {
	return withFolder('sds-samples-', async (scripts) => {
		const script = async (name: string, args: readonly string[]): Promise<Contender> => ({
			name,
			args: [await bundleSample(name, scripts), ...args],
		});
		const verification = await script('verify-folder', [folder]);
		const againstCsvParse = await comparePaired(verification, await script('csv-parse-folder', [folder]), rounds);
		const againstBareScan = await comparePaired(verification, await script('scan-folder', [folder]), rounds);
		const peakMbFromBlobs = await withFreshStorage((storage) =>
			withUploads(storage, folder, async (uploads) =>
				peakMb(await script('verify-uploads', [storage, uploads]), againstCsvParse.rows),
			),
		);
		const figures = {
			rowsPerSecond: Math.round((againstCsvParse.rows / againstCsvParse.subjectLeastMs) * 1000),
			againstCsvParse,
			againstBareScan,
			peakMbFromBlobs,
		};
		return { ...figures, missed: students < fewestStudents ? [] : missedBudgets(figures, students, headroom) };
	});
}

function missedBudgets(
	{ rowsPerSecond, againstCsvParse, againstBareScan, peakMbFromBlobs }: Omit<VerificationBench, 'missed'>,
	students: number,
	headroom: number,
): readonly string[] {
	const csvParseReads = (againstCsvParse.rows / againstCsvParse.baselineMs) * 1000;
	const memory = memoryBudgets.find((budget) => students <= budget.students);
	const isSlowMachine = csvParseReads < speedBudget.whereCsvParseReads;
	return [
		againstCsvParse.ratio > ratioBudget.csvParse * headroom && `ratio to csv-parse above ${ratioBudget.csvParse}`,
		againstBareScan.ratio > ratioBudget.bareScan * headroom && `ratio to a bare scan above ${ratioBudget.bareScan}`,
		memory && peakMbFromBlobs > memory.megabytes * headroom && `peak memory above ${memory.megabytes} MB`,
		!isSlowMachine &&
			rowsPerSecond * headroom < speedBudget.rowsPerSecond &&
			`fewer than ${speedBudget.rowsPerSecond} rows a second`,
	].filter((text) => typeof text === 'string');
}

async function withFreshStorage<T>(work: (connectionString: string) => Promise<T>): Promise<T> {
	const azurite = await startAzurite({ preferUsualPorts: false, log: () => {} });
	try {
		return await work(azurite.connectionString);
	} finally {
		await azurite.stop();
	}
}

async function peakMb(contender: Contender, rows: number): Promise<number> {
	let greatest = 0;
	for (let sample = 0; sample < memorySamples; sample++) {
		const { rows: seen, peakMb: peak } = await sampleOf(contender);
		if (seen !== rows) throw new Error(`Cannot compare: ${seen} of ${rows} rows came from the emulator.`);
		greatest = Math.max(greatest, peak);
	}
	return greatest;
}
