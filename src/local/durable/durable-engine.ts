import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { type HostClock, systemClock } from '../host-clock.ts';
import { errorText, type HostLog } from '../host-log.ts';
import type { Worker } from '../worker/worker-contract.ts';
import { findDurableFunctions } from './durable-functions.ts';
import { activitiesOf } from './engine/activity-call.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { durableClientInput } from './management/client-input.ts';
import { handleManagement } from './management/management-api.ts';
import { holdSeat } from './sharing/hub-members.ts';
import { createSharedHub } from './sharing/shared-hub.ts';
import { createInstanceStore, type InstanceStore } from './storage/instance-store.ts';
import { createValueColumns } from './storage/value-columns.ts';

export interface DurableEngineOptions {
	worker: Pick<Worker, 'functions' | 'invoke'>;
	connectionString: string;
	hubName: string;
	maxConcurrentActivities: number;
	/** Of `/runtime/webhooks/durabletask`; clients get it in their links. */
	systemKey: string;
	/** Where this host answers; without it, others cannot know of it. */
	origin?: string;
	/** The storage, and with it the hub, is not this host's alone. */
	isShared?: boolean;
	log: HostLog;
	/** Default: the system's. */
	clock?: HostClock;
}

export interface DurableEngine {
	/** Takes up what was unfinished when the last host ended. */
	start(): Promise<void>;
	/** Waits for running episodes, and a moment for activities; a stopped engine cannot start again. */
	stop(): Promise<void>;
	/** The HTTP API of the durable extension, below any mount that ends in `/durabletask/`. */
	handleApi(request: Request): Promise<Response>;
	/** JSON text of a `durableClient` binding. */
	clientInput(origin: string): string;
}

/**
 * Runs the app's orchestrations over tables and blobs of one task hub. Throws when the app uses what this host does not
 * have. One engine at a time runs a hub: whoever owns the storage sees to that, and among hosts that share it their seat does.
 */
export function createDurableEngine(options: DurableEngineOptions): DurableEngine {
	const { connectionString, hubName, systemKey, origin, isShared, log, clock = systemClock } = options;
	const { table, store, create } = connectHub(connectionString, hubName);
	const runHere = activitiesOf(options.worker, findDurableFunctions(options.worker));
	const shared = origin && isShared ? createSharedHub({ table, origin, runActivity: runHere, log }) : undefined;
	const engine = createEngine({ ...options, clock, store, runActivity: shared?.runActivity ?? runHere });
	const answerHere = (request: Request) => answer(engine, request, { hubName, systemKey });
	let seat: { leave(): void } | undefined;
	return {
		async start() {
			await create();
			if (shared) return await shared.join(engine);
			if (origin) seat = await holdSeat(table, origin);
			await engine.start();
		},
		async stop() {
			await (shared ?? engine).stop();
			seat?.leave();
		},
		clientInput: (address) => durableClientInput({ origin: address, hubName, systemKey }),
		async handleApi(request) {
			try {
				return await (shared ? shared.handle(request, answerHere) : answerHere(request));
			} catch (error) {
				log('error', `The durable API failed: ${errorText(error)}`);
				return Response.json({ Message: 'The storage of the durable engine failed; try again' }, { status: 500 });
			}
		},
	};
}

/** Names as Azure allows them for task hubs, so that a table and a container can be named after one. */
const hubNamePattern = /^[A-Za-z][A-Za-z0-9]{2,44}$/;

interface HubStorage {
	table: TableClient;
	store: InstanceStore;
	/** Creates what is missing. */
	create(): Promise<void>;
}

/** The table has a name of its own: Azure's extension, run over the same storage, must not find rows it cannot read. */
export function connectHub(connectionString: string, hubName: string): HubStorage {
	if (!hubNamePattern.test(hubName)) {
		throw new Error(
			`Cannot use the task hub name "${hubName}": it must have 3 to 45 letters and digits and start with a letter`,
		);
	}
	const table = TableClient.fromConnectionString(connectionString, `${hubName}LocalEngine`, {
		allowInsecureConnection: true,
	});
	const blobs = BlobServiceClient.fromConnectionString(connectionString);
	const container = blobs.getContainerClient(`${hubName.toLowerCase()}-largemessages`);
	return {
		table,
		store: createInstanceStore(table, createValueColumns(container)),
		async create() {
			await Promise.all([table.createTable(), container.createIfNotExists()]);
		},
	};
}

const mount = '/durabletask/';

async function answer(
	commands: Engine,
	request: Request,
	hub: { hubName: string; systemKey: string },
): Promise<Response> {
	const { pathname, searchParams: query, origin } = new URL(request.url);
	const path = pathname.slice(pathname.indexOf(mount) + mount.length);
	const { method, headers } = request;
	const response = await handleManagement({
		commands,
		address: { origin, ...hub },
		request: { method, path, query, headers, body: await request.text() },
	});
	const { status, body } = response;
	if (body === undefined) return new Response(null, { status, headers: response.headers ?? {} });
	return Response.json(body, { status, headers: response.headers ?? {} });
}
