import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { DurableClient } from 'durable-functions';
import { type Azurite, startAzurite } from '../../../../src/local/azurite/azurite.ts';
import { connectHub, createDurableEngine, type DurableEngine } from '../../../../src/local/durable/durable-engine.ts';
import { withDurableClientInput } from '../../../../src/local/durable/management/durable-client-input.ts';
import type { HistoryEvent } from '../../../../src/local/durable/storage/history-events.ts';
import type { HostClock } from '../../../../src/local/host-clock.ts';
import { serveWeb } from '../../../../src/local/http/web-request.ts';
import { startWorker } from '../../../../src/local/worker/worker.ts';
import type { Worker } from '../../../../src/local/worker/worker-contract.ts';

export const systemKey = 'invented-key';

/** What the tests share: storage and the loaded app, of which a process can have one only. */
export interface DurableSetup {
	azurite: Azurite;
	worker: Worker;
	app: typeof import('../fixtures/app/main.ts');
	stop(): Promise<void>;
}

export async function startSetup(): Promise<DurableSetup> {
	// Without it, the SDK sends its calls to Azure's usual local port.
	process.env.WEBSITE_HOSTNAME = 'localhost:1';
	const azurite = await startAzurite({ preferUsualPorts: false, log() {} });
	const appFolder = new URL('../fixtures/app', import.meta.url).pathname;
	const worker = await startWorker({ appFolder, entry: 'main.ts', log() {} });
	const app = await import('../fixtures/app/main.ts');
	return {
		azurite,
		worker,
		app,
		async stop() {
			await worker.stop();
			await azurite.stop();
		},
	};
}

interface Status {
	runtimeStatus: string;
	input: unknown;
	output: unknown;
	customStatus: unknown;
	[field: string]: unknown;
}

export interface DurableHost {
	engine: DurableEngine;
	/** The real client of the SDK, which calls over HTTP. */
	client: DurableClient;
	origin: string;
	hubName: string;
	logged: string[];
	/** Starts an orchestration and waits for its end. */
	run(name: string, input?: object, instanceId?: string): Promise<Status>;
	start(name: string, input?: object, instanceId?: string): Promise<string>;
	untilFinished(instanceId: string): Promise<Status>;
	status(instanceId: string): Promise<Status>;
	/** As it is in the table. */
	history(instanceId: string): Promise<HistoryEvent[]>;
	call(method: string, path: string, options?: { body?: string; headers?: Record<string, string> }): Promise<Response>;
	stop(): Promise<void>;
}

const finishedStatuses = new Set(['Completed', 'Failed', 'Terminated']);
const pollMs = 10;
let hubs = 0;

export interface HostOptions {
	/** Default: a new one. */
	hubName?: string;
	clock?: HostClock;
	maxConcurrentActivities?: number;
}

/** An engine behind a real HTTP server. */
export async function startDurableHost(
	{ worker, azurite, app }: DurableSetup,
	options: HostOptions = {},
): Promise<DurableHost> {
	hubs += 1;
	const { connectionString } = azurite;
	const settings = { hubName: `Hub${hubs}`, maxConcurrentActivities: 20, ...options };
	const logged: string[] = [];
	const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
	const engine = createDurableEngine({ worker, connectionString, systemKey: systemKey, log, ...settings });
	const server = createServer((request, response) => void serveWeb(engine.handleApi, request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	await engine.start();
	const client = await clientOf(worker, app, engine.clientInput(origin));
	const { store } = connectHub(connectionString, settings.hubName);

	const call: DurableHost['call'] = (method, path, { body, headers } = {}) =>
		fetch(`${origin}/durabletask/${path}`, {
			method,
			...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json', ...headers } }),
		});
	const start: DurableHost['start'] = (name, input = {}, instanceId) =>
		client.startNew(name, { input, ...(instanceId === undefined ? {} : { instanceId }) });
	const status = async (id: string) =>
		(await (await call('GET', `instances/${encodeURIComponent(id)}`)).json()) as Status;
	const untilFinished: DurableHost['untilFinished'] = async (id) => {
		for (;;) {
			const found = await status(id);
			if (finishedStatuses.has(found.runtimeStatus)) return found;
			await setTimeout(pollMs);
		}
	};
	return {
		engine,
		client,
		origin,
		hubName: settings.hubName,
		logged,
		start,
		status,
		untilFinished,
		run: async (...request) => await untilFinished(await start(...request)),
		history: async (id) => (await store.load(id))?.history ?? [],
		call,
		async stop() {
			await engine.stop();
			server.closeAllConnections();
			server.close();
		},
	};
}

async function clientOf(worker: Worker, app: DurableSetup['app'], clientInput: string): Promise<DurableClient> {
	const name = worker.functions.find(({ id }) => id === 'giveClient')?.trigger.name ?? '';
	const withClient = withDurableClientInput(worker, () => clientInput);
	await withClient.invoke('giveClient', { inputData: [{ name, data: {} }] });
	const client = app.clients.at(-1);
	if (!client) throw new Error('The app has made no durable client');
	return client;
}
