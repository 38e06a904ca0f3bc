import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createPrivateFilesOnly } from './azurite/private-files.ts';
import { type Host, startHost } from './host.ts';
import { consoleLog, errorText } from './host-log.ts';
import { isPortTaken } from './http/http-listener.ts';
import { type CommandLine, parseCommandLine, usage } from './process/command-line.ts';
import { readyLine, startScreen } from './process/start-screen.ts';
import { onStopSignal } from './process/stop-signals.ts';

/** The port of Azure's own tools. */
const defaultPort = 7071;
const defaultEntry = 'src/main.ts';
const defaultDataFolder = '.local';
const usageExitCode = 2;

/** Containers left out by the deployed Event Grid subscription: the app's private files, written by the app itself. */
const privateContainers = new Set(['rosters']);

// A reader that has gone away (`npm start | head`, an ended parent) must not end the host in the middle of its work.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

/** Nobody wants to wait half a minute for files that were just dropped on their own machine. */
const developmentSettings = { QUIET_SECONDS: '2' };

createPrivateFilesOnly();
const commandLine = readCommandLine();
if (commandLine) await run(commandLine);

function readCommandLine(): CommandLine | undefined {
	try {
		const parsed = parseCommandLine(process.argv.slice(2));
		if (!parsed.help) return parsed;
		process.stdout.write(usage);
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
		process.exitCode = usageExitCode;
	}
	return undefined;
}

async function run(command: CommandLine): Promise<void> {
	let isStopping = false;
	const starting = start(command);
	onStopSignal(() => {
		isStopping = true;
		if (!command.readyJson) process.stderr.write('\nStopping …\n');
		// The app's own servers and timers keep the process alive, so it has to be ended.
		starting.then((host) => host.stop()).then(() => process.exit(0), fail);
	});
	try {
		const host = await starting;
		if (isStopping) return;
		process.stdout.write(command.readyJson ? `${readyLine(host)}\n` : startScreen(host, dataNote(command)));
		const reason = await host.storageLost;
		// At once: what is taken in from now on would be lost. The emulator saves what it can when this process is gone.
		if (!isStopping) fail(new Error(reason));
	} catch (error) {
		if (!isStopping) fail(error, command);
	}
}

async function start(command: CommandLine): Promise<Host> {
	const appFolder = process.cwd();
	const dataFolder = resolve(appFolder, command.data ?? defaultDataFolder);
	const keepsNothing = command.inMemory && command.data === undefined;
	const { Values: localSettings = {} } = readJson<{ Values?: Record<string, string> }>('local.settings.json') ?? {};
	const host = await startHost({
		appFolder,
		...entryOf(command),
		hostJson: readJson('host.json') ?? {},
		port: command.port ?? defaultPort,
		searchPort: command.port === undefined,
		...(keepsNothing ? {} : { dataFolder }),
		inMemory: command.inMemory,
		...(command.storage === undefined ? {} : { storage: command.storage }),
		...(command.directory === undefined ? {} : { directory: command.directory }),
		localSettings,
		settings: developmentSettings,
		includeContainers: (name) => !privateContainers.has(name),
		preferUsualStoragePorts: !command.readyJson,
		log: consoleLog(command.readyJson ? 'warning' : 'information'),
	});
	if (command.port === undefined && !host.url.endsWith(`:${defaultPort}`)) {
		process.stderr.write(`Port ${defaultPort} is taken; using ${new URL(host.url).port}.\n`);
	}
	return host;
}

/** A folder without sources is a deployed one: `main` of its package.json decides, as on Azure. */
function entryOf({ entry }: CommandLine): { entry?: string } {
	if (entry !== undefined) return { entry };
	return existsSync(defaultEntry) ? { entry: defaultEntry } : {};
}

function readJson<T>(file: string): T | undefined {
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function dataNote({ inMemory, data, storage }: CommandLine): string {
	if (storage !== undefined) return 'where that storage keeps it';
	return inMemory ? 'in memory, gone after the stop' : resolve(data ?? defaultDataFolder);
}

function fail(error: unknown, command?: CommandLine): void {
	const isTaken = isPortTaken(error) && command?.port !== undefined;
	const text = isTaken ? `Cannot listen on port ${command.port}: it is taken; choose another one` : errorText(error);
	process.stderr.write(`${text}\n`);
	process.exit(isTaken ? usageExitCode : 1);
}
