import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { type Azurite, startAzurite } from './azurite/azurite.ts';
import { keepJson, openDataFolder } from './azurite/data-folder.ts';
import { joinStorage } from './azurite/joined-storage.ts';
import { createBlobHost, isHostContainer } from './blobs/blob-host.ts';
import type { DurableEngine } from './durable/durable-engine.ts';
import { createDurable } from './durable/host-durable.ts';
import { withDurableClientInput } from './durable/management/durable-client-input.ts';
import { systemClock } from './host-clock.ts';
import { type HostJson, readHostJson } from './host-json.ts';
import type { HostLog } from './host-log.ts';
import { createMounts, issuerPath } from './host-mounts.ts';
import { applySettings, resolveConnection } from './host-settings.ts';
import { createAdminApi } from './http/admin-api.ts';
import { createFrontEnd } from './http/http-front-end.ts';
import { type Listener, listen, listenFrom } from './http/http-listener.ts';
import type { WebHandler } from './http/web-request.ts';
import { createIssuerJwk, readIssuerKeys } from './issuer/issuer-keys.ts';
import { createTokenIssuer } from './issuer/token-issuer.ts';
import type { LocalDirectory } from './process/command-line.ts';
import { LockHeldError, takeProcessLock } from './process/process-lock.ts';
import { createTeardown, type Teardown } from './process/teardown.ts';
import { createSecretsKey, createSystemKeys, type SystemKeys } from './system-keys.ts';
import { startTimers, type Timers } from './timers/timer.ts';
import { createTimerStatusStore } from './timers/timer-status.ts';
import { findUnsupportedFeatures } from './worker/unsupported-features.ts';
import { startWorker } from './worker/worker.ts';
import type { Worker } from './worker/worker-contract.ts';

export interface HostOptions {
	/** Folder with the app's package.json. */
	appFolder: string;
	/** File to load, relative to the app folder; without it `main` of package.json decides. */
	entry?: string;
	/** Parsed host.json. */
	hostJson: HostJson;
	/** TCP port; 0 lets the system choose. */
	port: number;
	/** Takes the next free port when `port` is taken, instead of failing. */
	searchPort?: boolean;
	/** Keeps keys and storage here over restarts; absent, everything ends with the host. */
	dataFolder?: string;
	/** Keeps storage in memory although there is a data folder. */
	inMemory?: boolean;
	/** Connection string of an emulator that runs already: this host starts none, and shares that one's task hub with others. */
	storage?: string;
	/** What syncs write to; absent, as the settings say. `graph` is a Microsoft Graph of this host's own, kept where storage is. */
	directory?: LocalDirectory;
	/** Environment of the app; values that are set already win over all of these. */
	settings?: Record<string, string>;
	/** `Values` of local.settings.json. */
	localSettings?: Record<string, string>;
	/** Containers whose new blobs are reported: the subject filter of the Event Grid subscription. Default: all. */
	includeContainers?(name: string): boolean;
	/** Default 500. */
	blobPollIntervalMs?: number;
	/** Asks for Azurite's usual ports. Default: the system chooses. */
	preferUsualStoragePorts?: boolean;
	log: HostLog;
}

export interface Host {
	/** Origin, without a trailing slash. */
	url: string;
	/** Of the token issuer; a tenant's issuer is `<authority>/<tenant>/v2.0`. */
	authority: string;
	tenantId: string;
	audience: string;
	storage: Pick<Azurite, 'connectionString' | 'blobUrl' | 'queueUrl' | 'tableUrl' | 'pid' | 'losses'>;
	systemKeys: SystemKeys;
	/** Settles when the host cannot go on, because its storage has ended or cannot save, with a sentence that says so. */
	storageLost: Promise<string>;
	/** Stops triggers, HTTP, durable, worker and storage, in this order. Throws when storage could not save everything. */
	stop(): Promise<void>;
}

const defaultBlobPollMs = 500;
/** A request that is still running at the stop may take so long to end. */
const httpGraceMs = 5000;

/** Starts storage, app and triggers in this process; one host per process. A failed start leaves nothing running. */
export async function startHost(options: HostOptions): Promise<Host> {
	const teardown = createTeardown(options.log);
	try {
		return await startParts(options, teardown);
	} catch (error) {
		await teardown.run();
		throw error;
	}
}

async function startParts(options: HostOptions, teardown: Teardown): Promise<Host> {
	const { dataFolder, log } = options;
	if (dataFolder !== undefined) {
		openDataFolder(dataFolder, log);
		await lockDataFolder(dataFolder, teardown);
	}
	const listener = await (options.searchPort ? listenFrom : listen)(options.port);
	teardown.add('listener', () => listener.close(0));
	const storage = await openStorage(options);
	let unsaved: unknown;
	teardown.add('storage', () =>
		storage.stop().catch((error) => {
			unsaved = error;
		}),
	);

	const authority = `${listener.origin}${issuerPath}`;
	const { connectionString, lostAt } = storage;
	const { localSettings = {} } = options;
	const settings = {
		...(lostAt === undefined ? {} : { STORAGE_LOST_AT: lostAt }),
		...(await openDirectory(options, connectionString, teardown)),
		...options.settings,
	};
	const { key: secretsKey } = await keepJson(dataFolder, 'secrets-key.json', createSecretsKey);
	applySettings({ connectionString, port: listener.port, authority, secretsKey, settings, localSettings }, process.env);
	const systemKeys = await keepJson(dataFolder, 'system-keys.json', createSystemKeys);
	const issuer = createTokenIssuer({
		keys: await readIssuerKeys(await keepJson(dataFolder, 'issuer-key.json', createIssuerJwk)),
		authority,
		now: systemClock.now,
	});

	await startApp(options, { listener, connectionString, systemKeys, issuer, teardown });
	return {
		url: listener.origin,
		authority,
		// A caller's own settings decide who may call the app; the start screen and clients need one that may.
		tenantId: process.env.AUTH_TENANTS?.split(',')[0]?.trim() ?? '',
		audience: process.env.AUTH_AUDIENCE ?? '',
		storage,
		systemKeys,
		storageLost: storage.ended,
		async stop() {
			await teardown.run();
			if (unsaved) throw unsaved;
		},
	};
}

/** The settings that lead the app there. */
async function openDirectory(
	{ directory }: HostOptions,
	connectionString: string,
	teardown: Teardown,
): Promise<Record<string, string>> {
	if (directory !== 'graph') return directory === undefined ? {} : { DIRECTORY: directory };
	const { startLocalGraph } = await import('./graph/local-graph.ts');
	const graph = await startLocalGraph(connectionString);
	teardown.add('directory', graph.stop);
	return { DIRECTORY: 'graph', GRAPH_BASE_URL: graph.url };
}

async function openStorage({ storage, dataFolder, inMemory, preferUsualStoragePorts, log }: HostOptions) {
	if (storage !== undefined) return joinStorage(storage);
	return await startAzurite({
		...(dataFolder === undefined || inMemory ? {} : { dataFolder: join(dataFolder, 'azurite') }),
		preferUsualPorts: preferUsualStoragePorts ?? false,
		log,
	});
}

async function lockDataFolder(folder: string, teardown: Teardown): Promise<void> {
	try {
		const lock = await takeProcessLock(join(folder, 'host.lock'));
		teardown.add('lock', lock.release);
	} catch (error) {
		if (!(error instanceof LockHeldError)) throw error;
		throw new Error(
			`Cannot start: the data folder "${folder}" is in use by process ${error.pid}, and one host at a time may use it; stop that process, choose another folder, or be a client of that host by its URL`,
		);
	}
}

interface Surroundings {
	listener: Listener;
	connectionString: string;
	systemKeys: SystemKeys;
	issuer: WebHandler;
	teardown: Teardown;
}

/** Loads the app and opens its triggers, each one only after everything that it needs. */
async function startApp(options: HostOptions, surroundings: Surroundings): Promise<void> {
	const { log } = options;
	const { listener, connectionString, systemKeys, teardown } = surroundings;
	const hostJson = readHostJson(options.hostJson);
	const loaded = await startWorker(options);
	teardown.add('app', loaded.stop);
	refuseUnsupported(loaded);

	let engine: DurableEngine | undefined;
	const worker = withDurableClientInput(loaded, () => engine?.clientInput(listener.origin) ?? '');
	const systemKey = systemKeys.durabletask_extension;
	const sharing = { origin: listener.origin, isShared: options.storage !== undefined };
	engine = createDurable({ ...hostJson, ...sharing, worker, connectionString, systemKey, log });
	const blobs = await createBlobHost({
		...hostJson,
		worker,
		connectionString,
		resolveConnection: (connection) => resolveConnection(connection, process.env),
		includeContainers: (name) =>
			!isHostContainer(name, hostJson.hubName) && (options.includeContainers?.(name) ?? true),
		pollIntervalMs: options.blobPollIntervalMs ?? defaultBlobPollMs,
		log,
	});
	let timers: Timers | undefined;
	const admin = createAdminApi({ runTimer: (name) => timers?.run(name) ?? false });
	const mounts = createMounts({ ...surroundings, engine, blobTriggers: blobs.triggers, admin, log });
	const frontEnd = createFrontEnd({ worker, routePrefix: hostJson.routePrefix, mounts, log });

	if (engine) teardown.add('durable engine', engine.stop);
	await engine?.start();
	teardown.add('HTTP server', async () => {
		await listener.close(httpGraceMs);
		frontEnd.close();
	});
	listener.serve(frontEnd.handle);
	teardown.add('blob trigger', blobs.stop);
	blobs.start();
	timers = await startTimers({
		worker,
		store: createTimerStatusStore(BlobServiceClient.fromConnectionString(connectionString), hostId(options)),
		clock: systemClock,
		setting: (name) => process.env[name],
		log,
	});
	teardown.add('timers', timers.stop);
}

function refuseUnsupported({ functions }: Worker): void {
	const features = findUnsupportedFeatures(functions);
	if (functions.length === 0) features.push('it registers no function');
	const timeZone = process.env.WEBSITE_TIME_ZONE;
	if (timeZone !== undefined && timeZone !== 'UTC')
		features.push(`WEBSITE_TIME_ZONE is "${timeZone}" instead of "UTC"`);
	if (features.length > 0) throw new Error(`Cannot run this app on the local host: ${features.join('; ')}`);
}

/** Names the host in its own blobs, lower case as on Azure. */
function hostId({ appFolder }: HostOptions): string {
	const derived =
		appFolder
			.split(/[\\/]/)
			.filter((part) => part !== '')
			.at(-1) ?? 'app';
	return (process.env.AzureFunctionsWebHost__hostid ?? derived).toLowerCase().replace(/[^a-z0-9-]/g, '-');
}
