import path from 'node:path';
import { startAzurite } from '../../src/local/azurite/azurite.ts';
import { bundleSample } from '../bundle.ts';
import { compareSampled, type Pair, type PairedResult, pairedResult, type Sampled, sampleOf } from '../paired.ts';
import type { Sample } from '../samples/sample.ts';
import { withFolder } from '../temporary-folder.ts';
import { withUploads } from '../uploads.ts';
import { durationMs } from './measured-host.ts';
import { recordBlobs } from './recorded-blobs.ts';
import { startTracedHost, type TracedHost, type TracedSync } from './traced-host.ts';
import { writeDownWork } from './written-work.ts';

export interface Rosters {
	/** Folder of the six files. */
	before: string;
	/** The same with 1 % of it changed. */
	after: string;
}

/** The syncs of one fresh host. */
export interface HostRun {
	first: TracedSync;
	/** Pairs of a sync and what it is compared with. */
	unchanged: readonly SyncPair[];
	changed: readonly SyncPair[];
	/** Of host and app after all of them; 0 where the system does not tell. */
	peakMb: number;
}

export interface SyncPair extends Pair {
	sync: TracedSync;
}

export interface SyncRounds {
	/** Against the bare client; absent if there was none. */
	first?: PairedResult;
	/** Against the verification of the same files. */
	unchanged: PairedResult;
	/** Against an unchanged sync. */
	changed: PairedResult;
	/** One for each round. */
	runs: readonly HostRun[];
}

export interface RoundsOptions {
	rounds: number;
	/** Unchanged and changed syncs of each host. */
	cycles: number;
	/** Transactions and blobs that the bare client may have in flight: the fastest counts. Without any there is no bare client. */
	widths: readonly number[];
}

/**
 * Rounds of a fresh host over fresh storage, which syncs once, then unchanged and changed in turns, beside a bare client that writes
 * the same to fresh storage of the same kind.
 */
export function measureRounds(rosters: Rosters, { rounds, cycles, widths }: RoundsOptions): Promise<SyncRounds> {
	return withFolder('sds-work-', async (folder) => {
		const verifier = await bundleSample('verify-uploads', folder);
		const runs: HostRun[] = [];
		const sample = async (): Promise<Sample> => {
			const run = await runHost(rosters, { cycles, verifier });
			runs.push(run);
			return { rows: run.first.added, ms: durationMs(run.first), peakMb: run.peakMb };
		};
		if (widths.length === 0) {
			for (let round = 0; round < rounds; round++) await sample();
			return resultsOf(runs);
		}
		const baseline = await bareClient(rosters.before, { folder, widths });
		// The sync that was recorded has warmed the machine up.
		const first = await compareSampled({ name: 'first sync', sample }, baseline, { rounds, discarded: 0 });
		return { first, ...resultsOf(runs) };
	});
}

const resultsOf = (runs: readonly HostRun[]): Omit<SyncRounds, 'first'> => ({
	unchanged: pairedResult(
		runs.flatMap(({ unchanged }) => unchanged),
		{ subject: 'unchanged', baseline: 'verification from blobs' },
	),
	changed: pairedResult(
		runs.flatMap(({ changed }) => changed),
		{ subject: '1 % changed', baseline: 'unchanged' },
	),
	runs,
});

async function bareClient(
	roster: string,
	{ folder, widths }: { folder: string; widths: readonly number[] },
): Promise<Sampled> {
	const work = path.join(folder, 'work.jsonl');
	await recordSync(roster, work);
	const script = await bundleSample('write-plainly', folder);
	const bare = (width: number) => sampleBare([script, work], width);
	const width = widths.length === 1 ? (widths[0] as number) : await fastest(widths, bare);
	return { name: `bare client, ${width} at once`, sample: () => bare(width) };
}

/** Writes down what a first sync writes. */
async function recordSync(folder: string, work: string): Promise<void> {
	await withStorage(async (storage) => {
		const recorder = await recordBlobs(storage, 'rosters');
		await withHost({ ROSTER_STORAGE: recorder.connectionString }, (host) => host.sync(folder));
		await recorder.stop();
		await writeDownWork(work, { connectionString: storage, blobs: recorder.writes });
	});
}

async function fastest(widths: readonly number[], bare: (width: number) => Promise<Sample>): Promise<number> {
	let best = { width: 0, ms: Number.POSITIVE_INFINITY };
	for (const width of widths) {
		const { ms } = await bare(width);
		if (ms < best.ms) best = { width, ms };
	}
	return best.width;
}

const sampleBare = (args: readonly string[], width: number): Promise<Sample> =>
	withStorage(async (storage) => {
		const [script = '', ...rest] = args;
		return sampleOf({ name: 'bare client', args: [script, storage, ...rest, String(width)] });
	});

/** Storage of its own, on disk, as the host has it. */
const withStorage = <T>(work: (connectionString: string) => Promise<T>): Promise<T> =>
	withFolder('sds-storage-', async (dataFolder) => {
		const azurite = await startAzurite({ dataFolder, preferUsualPorts: false, log: () => {} });
		try {
			return await work(azurite.connectionString);
		} finally {
			await azurite.stop();
		}
	});

const withHost = <T>(settings: Record<string, string>, work: (host: TracedHost) => Promise<T>): Promise<T> =>
	withFolder('sds-host-', async (dataFolder) => {
		const host = await startTracedHost(dataFolder, settings);
		try {
			return await work(host);
		} finally {
			await host.stop();
		}
	});

/** The roster changes to and fro, so that each sync after the first has the same to do. */
function runHost(rosters: Rosters, { cycles, verifier }: { cycles: number; verifier: string }): Promise<HostRun> {
	return withHost({}, async (host) => {
		const first = await host.sync(rosters.before);
		const unchanged: SyncPair[] = [];
		const changed: SyncPair[] = [];
		for (let cycle = 0; cycle < cycles; cycle++) {
			const [present, other] = cycle % 2 === 0 ? [rosters.before, rosters.after] : [rosters.after, rosters.before];
			const verify = () =>
				withUploads(host.connectionString, present, (container) =>
					sampleOf({ name: 'verification', args: [verifier, host.connectionString, container] }),
				);
			const before = cycle % 2 === 0 ? await verify() : undefined;
			const same = await host.sync(present);
			unchanged.push({ sync: same, subject: sampleFrom(same), baseline: before ?? (await verify()) });
			const next = await host.sync(other);
			changed.push({ sync: next, subject: sampleFrom(next), baseline: sampleFrom(same) });
		}
		return { first, unchanged, changed, peakMb: (await host.peakMb()) ?? 0 };
	});
}

const sampleFrom = (sync: TracedSync): Sample => ({ rows: sync.rows, ms: durationMs(sync), peakMb: 0 });
