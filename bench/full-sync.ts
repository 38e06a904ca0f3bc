import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type SpawnedHost, spawnHost } from '../src/local/process/spawn-host.ts';

/** What `npm run sync -- --json` answers, as far as the benchmark looks at it. */
interface SyncResult {
	outcome: string;
	durationMs: number;
	rows: Record<string, number>;
	directoryWrites: number;
}

export interface FullSync {
	firstMs: number;
	secondMs: number;
	secondWrites: number;
	rows: number;
	/** Of the app and its embedded host; the storage emulator is a process of its own. */
	hostPeakMb?: number;
}

const run = promisify(execFile);
const cli = path.join(import.meta.dirname, '../src/cli/main.ts');

/** Two syncs of one folder through the real client, the real host and a real storage server on disk. */
export async function measureFullSync(folder: string): Promise<FullSync> {
	const dataFolder = await mkdtemp(path.join(tmpdir(), 'sds-bench-'));
	const host = await spawnHost({ dataFolder });
	try {
		const token = await tokenOf(host);
		const first = await sync(host.url, token, folder);
		const second = await sync(host.url, token, folder);
		const hostPeakMb = await peakMbOf(host.pid);
		return {
			firstMs: first.durationMs,
			secondMs: second.durationMs,
			secondWrites: second.directoryWrites,
			rows: Object.values(first.rows).reduce((sum, rows) => sum + rows, 0),
			...(hostPeakMb === undefined ? {} : { hostPeakMb }),
		};
	} finally {
		await host.stop();
		await rm(dataFolder, { recursive: true, force: true });
	}
}

async function tokenOf(host: SpawnedHost): Promise<string> {
	const form = { grant_type: 'client_credentials', client_id: 'bench', client_secret: 'none' };
	const response = await fetch(`${host.authority}/${host.tenantId}/oauth2/v2.0/token`, {
		method: 'POST',
		body: new URLSearchParams({ ...form, scope: `api://${host.audience}/.default` }),
	});
	return ((await response.json()) as { access_token: string }).access_token;
}

async function sync(url: string, token: string, folder: string): Promise<SyncResult> {
	const args = ['--disable-warning=ExperimentalWarning', cli, folder, '--name', 'bench', '--json'];
	const { stdout } = await run(process.execPath, [...args, '--url', url, '--token', token]);
	const result = JSON.parse(stdout) as SyncResult;
	if (result.outcome !== 'success') throw new Error(`The sync ended with "${result.outcome}": ${stdout.slice(0, 500)}`);
	return result;
}

/** Linux only; elsewhere the figure is left out. */
async function peakMbOf(pid: number): Promise<number | undefined> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
	const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}
