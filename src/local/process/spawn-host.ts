import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { LocalDirectory } from './command-line.ts';

export interface SpawnHostOptions {
	/** Folder of the app's package.json and host.json; default: this project. */
	appFolder?: string;
	/** File to load, relative to the app folder; default: `src/main.ts`, or without that the `main` of package.json. */
	entry?: string;
	/** Absent with `inMemory`: nothing is kept. Absent otherwise: `.local` in the app folder. */
	dataFolder?: string;
	inMemory?: boolean;
	/** Connection string of an emulator that runs already, and may have other hosts. */
	storage?: string;
	/** What syncs write to; absent, as the settings say. */
	directory?: LocalDirectory;
	/** Default: the system chooses. */
	port?: number;
	/** The app's settings: environment variables on top of this process's own. */
	settings?: Record<string, string>;
}

export interface SpawnedHost {
	/** Origin, without a trailing slash. */
	url: string;
	/** Of the token issuer; a tenant's issuer is `<authority>/<tenant>/v2.0`. */
	authority: string;
	tenantId: string;
	audience: string;
	/** Of the host's storage. */
	connectionString: string;
	azuritePid: number;
	pid: number;
	/** What storage may have lost since its data was last in use, one sentence each. */
	losses: readonly string[];
	/** Everything that the host has written to standard error so far. */
	log(): string;
	/** Settles with the exit code, or the signal's name, when the host has ended. */
	ended: Promise<number | string>;
	/** Stops the host as Ctrl-C does and waits for its end. */
	stop(): Promise<void>;
}

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const mainFile = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts the host in a child process, without a screen; rejects with the host's own message when it cannot start. */
export async function spawnHost(options: SpawnHostOptions): Promise<SpawnedHost> {
	const child = spawn(process.execPath, toArguments(options), {
		cwd: options.appFolder ?? projectFolder,
		env: { ...process.env, ...options.settings },
		// Through the channel the host notices that this process has ended, however that happened.
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	let errors = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		errors += text;
	});
	const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
	const lines = createInterface({ input: child.stdout as Readable });
	const ready = await Promise.race([once(lines, 'line'), ended]);
	if (!Array.isArray(ready)) throw new Error(errors.trim() || `Cannot start the host: it ended with ${ready}`);
	return {
		...JSON.parse(ready[0]),
		log: () => errors,
		ended,
		async stop() {
			child.kill('SIGINT');
			await ended;
		},
	};
}

function toArguments({ entry, dataFolder, inMemory, storage, directory, port }: SpawnHostOptions): string[] {
	return [
		'--disable-warning=ExperimentalWarning',
		mainFile,
		'--ready-json',
		'--port',
		String(port ?? 0),
		...(inMemory ? ['--in-memory'] : []),
		...(dataFolder === undefined ? [] : ['--data', dataFolder]),
		...(storage === undefined ? [] : ['--storage', storage]),
		...(directory === undefined ? [] : ['--directory', directory]),
		...(entry === undefined ? [] : ['--entry', entry]),
	];
}
