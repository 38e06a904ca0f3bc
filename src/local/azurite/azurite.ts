import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HostLog } from '../host-log.ts';
import { type AzuriteMessage, notSavedExitCode } from './messages.ts';

export interface AzuriteOptions {
	/** Keeps the data here, over restarts; without it, everything is in memory. */
	dataFolder?: string;
	log: HostLog;
	/** Asks for Azurite's usual ports 10000 to 10002; otherwise, and when one is taken, the system chooses. */
	preferUsualPorts: boolean;
}

export interface Azurite {
	pid: number;
	connectionString: string;
	blobUrl: string;
	queueUrl: string;
	tableUrl: string;
	/** What may have been lost since the data was last in use, one sentence each. */
	losses: readonly string[];
	/** When something may have been lost, at this start or an earlier one; absent if that never happened. */
	lostAt?: string;
	/**
	 * Settles when Azurite ends unasked, or cannot save, with a sentence that says so: the host cannot go on without its
	 * storage, nor take more in that would be lost.
	 */
	ended: Promise<string>;
	/** Lets Azurite save, and waits until it has ended. Throws when it could not save everything. */
	stop(): Promise<void>;
}

/** The account of every Azurite, and its published key: no secret (https://learn.microsoft.com/azure/storage/common/storage-use-azurite). */
const accountName = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const serviceNames = ['Blob', 'Queue', 'Table'] as const;
const usualPorts = [10_000, 10_001, 10_002];
const systemChooses = [0, 0, 0];

/** Azurite holds all tables in memory: those of a million students are more than a process gets by default. */
const shareOfMemory = 0.75;
const bytesPerMegabyte = 1024 * 1024;

const listeningLine = /^Azurite (Blob|Queue|Table) service is successfully listening at (\S+)/;

/** Starts an Azurite of our own on loopback; never uses one that is running already, since its data is not ours. */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
	const usable = options.preferUsualPorts && (await Promise.all(usualPorts.map(isFree))).every((free) => free);
	if (!usable) return await launch(options, systemChooses);
	// Between the look and the start another program may have taken a port.
	return await launch(options, usualPorts).catch(() => launch(options, systemChooses));
}

async function launch({ dataFolder, log }: AzuriteOptions, ports: number[]): Promise<Azurite> {
	if (dataFolder !== undefined) mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
	const child = spawn(process.execPath, childArguments(dataFolder, ports), {
		cwd: dataFolder ?? tmpdir(),
		env: {
			...process.env,
			...(dataFolder === undefined ? {} : { AZURITE_LOCK_FILE: join(dataFolder, 'azurite.lock') }),
		},
		// A group of its own: Ctrl-C in the terminal reaches the host alone, which needs its storage until the end.
		detached: true,
		windowsHide: true,
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	const errors = readErrors(child, log);
	const exited = outcomeOf(child);
	const told = readMessages(child, dataFolder);
	const urls = await Promise.race([readUrls(child), exited]);
	if (!(urls instanceof Map))
		throw new Error(
			[
				`Cannot start Azurite: it ended with ${named(urls)}:`,
				...errors,
				...damageAdvice(told.opened(), dataFolder),
			].join(' '),
		);
	const url = (service: (typeof serviceNames)[number]) => `${urls.get(service)}/${accountName}`;
	let stopping = false;
	const endedUnasked = exited.then((outcome) =>
		stopping ? new Promise<string>(() => {}) : endedSentence(outcome, errors, dataFolder),
	);
	return {
		pid: child.pid ?? 0,
		blobUrl: url('Blob'),
		queueUrl: url('Queue'),
		tableUrl: url('Table'),
		connectionString: [
			`DefaultEndpointsProtocol=http;AccountName=${accountName};AccountKey=${accountKey}`,
			...serviceNames.map((service) => `${service}Endpoint=${url(service)}`),
		].join(';'),
		...told.opened(),
		ended: Promise.race([told.cannotSave, endedUnasked]),
		async stop() {
			stopping = true;
			if (child.connected) child.disconnect();
			const outcome = await exited;
			if (outcome === notSavedExitCode) throw new Error(cannotSaveSentence(errors.at(-1) ?? '', dataFolder));
		},
	};
}

/** Exit code or signal, once its last words on standard error have arrived. The event `close` stays away after our own disconnect. */
async function outcomeOf(child: ChildProcess): Promise<number | string> {
	const [[code, signal]] = await Promise.all([once(child, 'exit'), child.stderr && once(child.stderr, 'close')]);
	return code ?? signal;
}

/** When its files may be why it does not start. */
function damageAdvice({ losses }: Pick<Azurite, 'losses'>, dataFolder: string | undefined): readonly string[] {
	if (losses.length === 0) return [];
	return [...losses, `Put the files in "${dataFolder}" back from a copy, or remove that folder to begin with nothing.`];
}

const named = (outcome: number | string) => (typeof outcome === 'number' ? `code ${outcome}` : `signal ${outcome}`);

function endedSentence(outcome: number | string, errors: readonly string[], dataFolder: string | undefined): string {
	if (outcome === notSavedExitCode) return cannotSaveSentence(errors.at(-1) ?? '', dataFolder);
	const lost = dataFolder === undefined ? 'Everything that it held in memory is gone' : 'Its last seconds may be lost';
	return `The storage emulator has ended unexpectedly (${named(outcome)}). ${lost}; start again.`;
}

function cannotSaveSentence(reason: string, dataFolder: string | undefined): string {
	return `The storage emulator cannot save into "${dataFolder}": ${reason}. What has been written since then may be lost; put that right and start again.`;
}

function readMessages(child: ChildProcess, dataFolder: string | undefined) {
	let opened: Pick<Azurite, 'losses' | 'lostAt'> = { losses: [] };
	const cannotSave = new Promise<string>((resolve) => {
		child.on('message', (message: AzuriteMessage) => {
			if (message.kind === 'cannotSave') resolve(cannotSaveSentence(message.reason, dataFolder));
			else opened = { losses: message.losses, ...(message.lostAt ? { lostAt: message.lostAt } : {}) };
		});
	});
	return { opened: () => opened, cannotSave };
}

function childArguments(dataFolder: string | undefined, ports: number[]): string[] {
	return [
		'--disable-warning=ExperimentalWarning',
		`--max-old-space-size=${Math.floor((totalmem() / bytesPerMegabyte) * shareOfMemory)}`,
		fileURLToPath(new URL('./azurite-process.ts', import.meta.url)),
		...serviceNames.flatMap((service, index) => {
			const name = service.toLowerCase();
			return [`--${name}Host`, '127.0.0.1', `--${name}Port`, String(ports[index])];
		}),
		...(dataFolder === undefined ? ['--inMemoryPersistence'] : ['--location', dataFolder]),
		'--disableTelemetry',
		'--skipApiVersionCheck',
		'--silent',
	];
}

async function readUrls(child: ChildProcess): Promise<Map<string, string>> {
	const urls = new Map<string, string>();
	if (!child.stdout) throw new Error('Cannot start Azurite: its output is not readable');
	const lines = createInterface({ input: child.stdout });
	await new Promise<void>((resolve) => {
		lines.on('line', (line) => {
			const [, service, url] = listeningLine.exec(line) ?? [];
			if (service && url) urls.set(service, url);
			if (urls.size === serviceNames.length) resolve();
		});
	});
	return urls;
}

function readErrors(child: ChildProcess, log: HostLog): string[] {
	const errors: string[] = [];
	if (!child.stderr) return errors;
	createInterface({ input: child.stderr }).on('line', (line) => {
		errors.push(line);
		log('debug', `Azurite: ${line}`);
	});
	return errors;
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer().listen(port, '127.0.0.1');
	try {
		await once(server, 'listening');
		return true;
	} catch {
		return false;
	} finally {
		server.close();
	}
}
