import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createTokenSource, requestLocalToken } from '../../src/cli/client/access-token.ts';
import { type ApiClient, createApiClient } from '../../src/cli/client/api-client.ts';
import type { Run } from '../../src/cli/client/api-shapes.ts';
import { createSender } from '../../src/cli/client/send-request.ts';
import { systemClock as clock } from '../../src/cli/clock.ts';
import { findRosterFiles } from '../../src/cli/roster-folder.ts';
import { ensureProfile } from '../../src/cli/steps/profiles.ts';
import { uploadFiles } from '../../src/cli/steps/uploads.ts';
import { type SpawnedHost, spawnHost } from '../../src/local/process/spawn-host.ts';

/** One sync, as its client sees it. Times are milliseconds since 1970. */
export interface TimedSync {
	runId: string;
	/** When the start was asked for: the uploads lie there. */
	startedAt: number;
	/** When it was answered, with what verification found. */
	answeredAt: number;
	/** When the run had its outcome. */
	endedAt: number;
	/** Rows of the files. */
	rows: number;
	/** Schools, classes and users that are new. */
	added: number;
	directoryWrites: number;
}

export const durationMs = ({ startedAt, endedAt }: TimedSync): number => endedAt - startedAt;

/** A fresh host with one new profile. */
export interface MeasuredHost {
	/** Uploads the files of a folder and syncs them; throws unless all goes well. */
	sync(folder: string): Promise<TimedSync>;
	/** Of host and app, which are one process, since its start; on Linux only. The storage emulator is a process of its own. */
	peakMb(): Promise<number | undefined>;
	/** Of the host's storage. */
	connectionString: string;
	stop(): Promise<void>;
}

/** The run is looked at so seldom that this costs nothing beside it: when it ended it says itself. */
const pollMs = 250;

/** The real host over a real storage server on disk, started for this. Nothing but the client starts a sync. */
export async function startMeasuredHost(
	dataFolder: string,
	settings: Record<string, string> = {},
): Promise<MeasuredHost> {
	const host = await spawnHost({ dataFolder, settings: { AUTO_START: 'off', ...settings } });
	try {
		const client = clientOf(host);
		const profileId = await newProfile(client);
		return {
			sync: (folder) => timedSync(client, profileId, folder),
			peakMb: () => peakMbOf(host.pid),
			connectionString: host.connectionString,
			stop: host.stop,
		};
	} catch (error) {
		await host.stop();
		throw error;
	}
}

const objects = ['school', 'section', 'student', 'teacher'] as const;
const never = new AbortController().signal;

function clientOf(host: SpawnedHost): ApiClient {
	const send = createSender({ clock, signal: never, whenUnreachable: 'The host of the benchmark has ended.' });
	const getToken = createTokenSource(() => requestLocalToken(host, send, clock), clock);
	return createApiClient({ baseUrl: host.url, send, getToken });
}

async function newProfile(client: ApiClient): Promise<string> {
	const options = {
		profileName: 'bench',
		domains: { student: 'students.example.org', teacher: 'example.org' },
		namedDomains: {},
		folder: '',
		target: { kind: 'embedded', dataFolder: '' },
		reset: false,
		plan: false,
		yes: false,
		json: false,
	} as const;
	return (await ensureProfile(options, { client, clock, signal: never })).profile.id;
}

async function timedSync(client: ApiClient, profileId: string, folder: string): Promise<TimedSync> {
	const getContainerUrl = async () => {
		const url = await client.getUploadUrl(profileId);
		if (url === 'busy') throw new Error('Cannot measure: the sync before has not ended.');
		return url;
	};
	const files = await findRosterFiles(folder);
	await uploadFiles(files, { getContainerUrl, clock, signal: never, onProgress: () => {} });
	const startedAt = Date.now();
	const answer = await client.start(profileId);
	const answeredAt = Date.now();
	if (answer.kind !== 'accepted') throw new Error(`Cannot measure: the start was answered with "${answer.kind}".`);
	const run = await endOf(client, profileId);
	// What is left out takes no time.
	if (run.heldRemovals > 0) throw new Error(`Cannot measure: the run held ${run.heldRemovals} changes.`);
	return {
		runId: run.id,
		startedAt,
		answeredAt,
		endedAt: Date.parse(String(run.finishedDateTime)),
		rows: Object.values(run.rows).reduce((sum, rows) => sum + rows, 0),
		added: objects.reduce((sum, kind) => sum + (run.tallies[kind]?.added ?? 0), 0),
		directoryWrites: run.directoryWrites,
	};
}

async function endOf(client: ApiClient, profileId: string): Promise<Run> {
	const started = await client.newestRun(profileId);
	if (!started) throw new Error('Cannot measure: no run has begun.');
	for (;;) {
		const run = await client.getRun(profileId, started.id);
		if (run.outcome === 'success') return run;
		if (run.outcome) throw new Error(`Cannot measure: the run ended with "${run.outcome}": ${run.failure ?? ''}`);
		await pause(pollMs);
	}
}

/** What a process has taken at most. */
async function peakMbOf(pid: number): Promise<number | undefined> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
	const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}
