import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { afterAll, beforeAll } from 'vitest';
import { durableNotices } from '../../../src/adapters/durable/durable-notices.ts';
import { durableOrchestrations } from '../../../src/adapters/durable/durable-orchestrations.ts';
import { createDurableEngine, type DurableEngine } from '../../../src/local/durable/durable-engine.ts';
import { serveWeb } from '../../../src/local/http/web-request.ts';
import { startWorker } from '../../../src/local/worker/worker.ts';
import type { Worker } from '../../../src/local/worker/worker-contract.ts';
import type { NoticeQueue, Orchestrations } from '../../../src/ports.ts';
import { noticeQueueSuite } from '../../suites/notices/notice-queue-suite.ts';
import { orchestrationsSuite } from '../../suites/orchestrations-suite.ts';
import type { HeldSteps } from '../../support/held-steps.ts';
import { startTestStorage, type TestStorage } from '../../support/hosts/test-storage.ts';

let storage: TestStorage;
let worker: Worker;
let engine: DurableEngine;
let server: Server;
let app: typeof import('./fixtures/app/main.ts');
let orchestrations: Orchestrations;
let queue: NoticeQueue;

beforeAll(async () => {
	// Without it, the SDK sends its calls to Azure's usual local port.
	process.env.WEBSITE_HOSTNAME = 'localhost:1';
	storage = await startTestStorage();
	const log = () => {};
	worker = await startWorker({ appFolder: path.join(import.meta.dirname, 'fixtures/app'), entry: 'main.ts', log });
	app = await import('./fixtures/app/main.ts');
	engine = createDurableEngine({
		worker,
		connectionString: storage.azurite.connectionString,
		hubName: 'Suite',
		maxConcurrentActivities: 50,
		systemKey: 'invented-key',
		log,
	});
	server = createServer((request, response) => void serveWeb(engine.handleApi, request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	await engine.start();
	const client = clientAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	orchestrations = durableOrchestrations(client);
	queue = durableNotices(client);
});

afterAll(async () => {
	await engine?.stop();
	server?.closeAllConnections();
	server?.close();
	await worker?.stop();
	await storage?.stop();
});

/** As a function gets it from its binding. */
function clientAt(origin: string): df.DurableClient {
	const client = df.input.durableClient();
	const context = new InvocationContext({ functionName: 'suite', options: { extraInputs: [client] } });
	context.extraInputs.set(client, JSON.parse(engine.clientInput(origin)));
	return df.getClient(context);
}

/** What is asked of a profile is done by these steps. */
function carriedOutBy(steps: HeldSteps): Orchestrations {
	return new Proxy(orchestrations, {
		get:
			(target, name) =>
			(ref: { profileId?: string }, ...rest: unknown[]) => {
				if (ref.profileId !== undefined) app.stepsOf.set(ref.profileId, steps);
				return Reflect.get(target, name)(ref, ...rest);
			},
	});
}

orchestrationsSuite('of Durable', (steps) => ({ orchestrations: carriedOutBy(steps), now: () => new Date() }));
noticeQueueSuite('of Durable', () => ({ queue, delivered: () => app.delivered }));
