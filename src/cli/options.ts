import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CannotRunError } from './cannot-run.ts';

export interface SyncOptions {
	/** Absolute path of the folder with the CSV files. */
	folder: string;
	profileName: string;
	domains: { student: string; teacher: string };
	/** Domains that the user named, as opposed to the defaults: only these are compared with an existing profile. */
	namedDomains: Partial<SyncOptions['domains']>;
	target: EmbeddedTarget | RemoteTarget;
	/** Begin anew: what earlier syncs achieved is forgotten, and everything written once more. */
	reset: boolean;
	/** The run whose held removals are to be carried out, instead of syncing the files. */
	approve?: string;
	/** Whom to ask for, instead of a sync: SIS id or username, SIS id of the class. */
	trace?: { user?: string; class?: string };
	/** Look at what a sync of the files would do, and write nothing. */
	plan: boolean;
	/** The run whose held removals are to be listed, or left in the directory. */
	holds?: string;
	discard?: string;
	/** The run that is to be undone, once `yes` says that its plan was looked at. */
	undo?: string;
	yes: boolean;
	json: boolean;
}

export interface EmbeddedTarget {
	kind: 'embedded';
	dataFolder: string;
	directory?: 'embedded' | 'graph';
}

export interface RemoteTarget {
	kind: 'remote';
	/** Without the `/beta/education` of the API. */
	url: string;
	credential: { kind: 'token'; token: string } | { kind: 'scope'; scope: string };
}

/** What relative paths and defaults depend on; `process` supplies it outside tests. */
export interface OptionsContext {
	environment: Readonly<Record<string, string | undefined>>;
	/** Folder that relative paths start from. */
	currentFolder: string;
	repositoryFolder: string;
}

const tokenVariable = 'SCHOOL_DATA_SYNC_TOKEN';

export const usage = `Sync a folder of School Data Sync CSV files.

Usage: npm run sync -- [folder] [options]

  folder                folder of the six CSV files (default: sample)

  --name <profile>      profile, created if missing (default: folder name)
  --student-domain <d>  domain of new students (default: students.example.org)
  --teacher-domain <d>  domain of new teachers (default: teachers.example.org)
  --data <folder>       data of the embedded service (default: .local)
  --directory <d>       what it writes to: embedded (default), or graph, a
                        Microsoft Graph of its own
  --reset               write everything anew, whatever earlier syncs did: to
                        make certain after a loss. Nobody is removed
  --plan                look at what a sync would do, and write nothing
  --holds <run id>      list what that run held
  --approve <run id>    carry that out, instead of a sync
  --discard <run id>    leave that in the directory until the files change
  --undo <run id>       look at what it takes to undo that run, the latest;
                        with --yes carry it out
  --trace <user>        say why somebody (SIS id or username) is in which
                        classes, or is not, instead of a sync
  --class <id>          with --trace: why in this class; alone: who is in it
  --json                print one JSON object (use "npm run --silent sync")
  --help                this text

Without --url an embedded service runs on this machine during the sync.
To use a deployed service:

  --url <base>          its address, as in https://district.azurewebsites.net
  --scope <scope>       api://<client id>/.default, to sign in as "az login" did
  --token <token>       a bearer token instead; the variable
                        ${tokenVariable} hides it from other users

Exit code: 0 synced, 1 errors in the files or in the sync, or removals that
wait or would wait, 2 could not run or
could not go on, as when storage ends or cannot save.
`;

const spec = {
	name: { type: 'string' },
	url: { type: 'string' },
	token: { type: 'string' },
	scope: { type: 'string' },
	'student-domain': { type: 'string' },
	'teacher-domain': { type: 'string' },
	data: { type: 'string' },
	directory: { type: 'string' },
	reset: { type: 'boolean' },
	plan: { type: 'boolean' },
	holds: { type: 'string' },
	approve: { type: 'string' },
	trace: { type: 'string' },
	class: { type: 'string' },
	discard: { type: 'string' },
	undo: { type: 'string' },
	yes: { type: 'boolean' },
	json: { type: 'boolean' },
	help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parse>['values'];

/** Throws `CannotRunError` when the arguments make no sense together. */
export function readOptions(args: readonly string[], context: OptionsContext): SyncOptions | 'help' {
	const { values, positionals } = parse(args);
	if (values.help) return 'help';
	if (positionals.length > 1) {
		throw wrongUse(`one folder at a time, but got ${positionals.map((folder) => `"${folder}"`).join(' and ')}`);
	}
	for (const [name, value] of Object.entries(values)) {
		if (value === '') throw wrongUse(`--${name} is empty`);
	}
	const folder = positionals[0]
		? resolve(context.currentFolder, positionals[0])
		: resolve(context.repositoryFolder, 'sample');
	const namedDomains = readDomains(values);
	return {
		folder,
		profileName: values.name ?? (basename(folder) || 'roster'),
		domains: { student: 'students.example.org', teacher: 'teachers.example.org', ...namedDomains },
		namedDomains,
		target: readTarget(values, context),
		reset: values.reset ?? false,
		...readTrace(values),
		...readRunIds(values),
		plan: values.plan ?? false,
		yes: values.yes ?? false,
		json: values.json ?? false,
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], options: spec, allowPositionals: true });
	} catch (error) {
		// Node's messages name the option and end in a hint; the first sentence says it all.
		throw wrongUse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
	}
}

const runId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const aboutRuns = ['holds', 'approve', 'discard', 'undo'] as const;

function readRunIds(values: Values): Pick<SyncOptions, (typeof aboutRuns)[number]> {
	const given = aboutRuns.filter((name) => values[name] !== undefined);
	const others = (['plan', 'reset'] as const).filter((name) => values[name]);
	const [first, second] = [...given, ...others];
	if (first && second) throw wrongUse(`--${first} cannot go with --${second}`);
	if (values.yes && first !== 'undo') throw wrongUse('--yes is for --undo');
	const ids: Partial<Record<(typeof aboutRuns)[number], string>> = {};
	for (const name of given) {
		const id = values[name] ?? '';
		if (!runId.test(id)) throw wrongUse(`--${name} "${id}" must be the id of a run`);
		ids[name] = id.toLowerCase();
	}
	return ids;
}

function readTrace({ trace, class: section, ...others }: Values): Pick<SyncOptions, 'trace'> {
	if (trace === undefined && section === undefined) return {};
	const other = ([...aboutRuns, 'plan', 'reset'] as const).find((name) => others[name]);
	if (other) throw wrongUse(`--trace and --class cannot go with --${other}`);
	return {
		trace: { ...(trace === undefined ? {} : { user: trace }), ...(section === undefined ? {} : { class: section }) },
	};
}

const domainName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i;

function readDomains(values: Values): SyncOptions['namedDomains'] {
	const domains: SyncOptions['namedDomains'] = {};
	for (const role of ['student', 'teacher'] as const) {
		const domain = values[`${role}-domain`];
		if (domain === undefined) continue;
		if (!domainName.test(domain))
			throw wrongUse(`--${role}-domain "${domain}" must be a domain like school.example.org`);
		domains[role] = domain;
	}
	return domains;
}

function readTarget(values: Values, context: OptionsContext): SyncOptions['target'] {
	if (values.url === undefined) {
		for (const name of ['token', 'scope'] as const) {
			if (values[name] !== undefined) throw wrongUse(`--${name} is for a deployed service and needs --url`);
		}
		const dataFolder = values.data
			? resolve(context.currentFolder, values.data)
			: resolve(context.repositoryFolder, '.local');
		return { kind: 'embedded', dataFolder, ...readDirectory(values) };
	}
	if (values.directory !== undefined)
		throw wrongUse('--directory is for the embedded service and cannot go with --url');
	if (values.data !== undefined) throw wrongUse('--data is for the embedded service and cannot go with --url');
	return { kind: 'remote', url: readUrl(values.url), credential: readCredential(values, context) };
}

function readDirectory({ directory }: Values): Pick<EmbeddedTarget, 'directory'> {
	if (directory === undefined) return {};
	if (directory !== 'embedded' && directory !== 'graph')
		throw wrongUse(`--directory "${directory}" must be embedded or graph`);
	return { directory };
}

function readUrl(text: string): string {
	const url = URL.parse(text);
	if (!url || !/^https?:$/.test(url.protocol)) {
		throw wrongUse(`--url "${text}" must be an address like https://district-sync.azurewebsites.net`);
	}
	const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
	if (url.protocol === 'http:' && !isLoopback) {
		throw wrongUse(`--url "${text}" must begin with https, or the access token could be read on the way`);
	}
	return `${url.origin}${url.pathname.replace(/(\/beta(\/education)?)?\/*$/i, '')}`;
}

function readCredential(values: Values, { environment }: OptionsContext): RemoteTarget['credential'] {
	const token = values.token ?? (values.scope === undefined ? environment[tokenVariable] : undefined);
	if (token) return { kind: 'token', token: token.trim().replace(/^Bearer\s+/i, '') };
	if (values.scope !== undefined) return { kind: 'scope', scope: values.scope };
	throw new CannotRunError(
		`No access token for "${values.url}": pass --scope api://<client id>/.default to sign in as "az login" did, or put a token into ${tokenVariable}.`,
	);
}

function wrongUse(problem: string): CannotRunError {
	return new CannotRunError(`Cannot read the command line: ${problem}. See npm run sync -- --help`);
}
