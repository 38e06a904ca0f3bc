import { parseArgs } from 'node:util';

export interface CommandLine {
	/** Absent: the default port, or the next free one. */
	port?: number;
	inMemory: boolean;
	/** Data folder, as typed. */
	data?: string;
	/** Connection string of an emulator that runs already. */
	storage?: string;
	/** Absent: as the settings say. */
	directory?: LocalDirectory;
	/** App file, as typed; absent: `src/main.ts`, or without that the `main` of package.json. */
	entry?: string;
	/** One JSON line on standard output instead of the start screen. */
	readyJson: boolean;
	help: boolean;
}

const localDirectories = ['embedded', 'graph'] as const;
export type LocalDirectory = (typeof localDirectories)[number];

export const usage = `Usage: npm start -- [options]

Runs the app on this machine: Azure Functions host, storage emulator and token issuer.

  --port <number>   port of the API (default: 7071, or the next free one)
  --data <folder>   where storage and keys are kept (default: .local)
  --storage <text>  connection string of a storage emulator that runs already: hosts that name the same one share
                    its task hub, as the instances of an app do in Azure
  --directory <d>   what syncs write to: embedded (default), the app's own tables; graph, a Microsoft Graph of this host's
                    own, kept with the data
  --in-memory       keep nothing: storage and keys end with the host
  --entry <file>    app to load (default: src/main.ts, or else main of package.json)
  --ready-json      print one JSON line when ready, for programs
  --help            print this text
`;

/** Options of `main.ts`; throws an error with a sentence for the user when something is not understood. */
export function parseCommandLine(args: readonly string[]): CommandLine {
	const { values } = parseArgs({
		args: [...args],
		allowPositionals: false,
		options: {
			port: { type: 'string' },
			data: { type: 'string' },
			storage: { type: 'string' },
			directory: { type: 'string' },
			'in-memory': { type: 'boolean', default: false },
			entry: { type: 'string' },
			'ready-json': { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	const { port, data, storage, directory, entry, help } = values;
	return {
		inMemory: values['in-memory'],
		readyJson: values['ready-json'],
		help,
		...(port === undefined ? {} : { port: parsePort(port) }),
		...(data === undefined ? {} : { data }),
		...(storage === undefined ? {} : { storage }),
		...(directory === undefined ? {} : { directory: parseDirectory(directory, storage) }),
		...(entry === undefined ? {} : { entry }),
	};
}

function parseDirectory(text: string, storage: string | undefined): LocalDirectory {
	const found = localDirectories.find((name) => name === text);
	if (!found) throw new Error(`The directory is "${text}", and must be ${localDirectories.join(' or ')}`);
	if (found === 'graph' && storage !== undefined)
		throw new Error('The directory "graph" is a host\'s own, and cannot go with --storage, which hosts share');
	return found;
}

const maxPort = 65_535;

function parsePort(text: string): number {
	const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (!(port <= maxPort)) throw new Error(`The port is "${text}", and must be a whole number from 0 to ${maxPort}`);
	return port;
}
