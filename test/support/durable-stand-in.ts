import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface StartedOrchestration {
	name: string;
	instanceId: string;
	input: unknown;
}

/** The part of Durable's HTTP API that starts orchestrations and asks after them, without running any. */
export interface DurableStandIn {
	/** What the Functions host gives to a durable client binding. */
	clientData: unknown;
	/** In order; a test takes out what it has dealt with. */
	started: StartedOrchestration[];
	/** By instance id. */
	statuses: Map<string, string>;
	/** Answers 500 to everything. */
	isBroken: boolean;
	stop(): Promise<void>;
}

export async function startDurableStandIn(): Promise<DurableStandIn> {
	const standIn: DurableStandIn = {
		clientData: undefined,
		started: [],
		statuses: new Map(),
		isBroken: false,
		stop: () => new Promise((resolve) => server.close(() => resolve())),
	};
	const server = createServer(async (request, response) => {
		const [status, body] = standIn.isBroken ? [500, { Message: 'broken' }] : await answer(standIn, request);
		response.writeHead(status as number, { 'content-type': 'application/json', connection: 'close' });
		response.end(JSON.stringify(body));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const rpcBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/durabletask/`;
	standIn.clientData = { taskHubName: 'TestHub', creationUrls: {}, managementUrls: {}, rpcBaseUrl };
	return standIn;
}

async function answer(standIn: DurableStandIn, request: IncomingMessage): Promise<[number, unknown]> {
	const [, , collection, name = '', id] = new URL(request.url ?? '', 'http://stand-in').pathname.split('/');
	if (collection === 'orchestrators' && request.method === 'POST') {
		const instanceId = id ?? `instance-${standIn.started.length}`;
		standIn.started.push({ name, instanceId, input: JSON.parse(await text(request)) });
		return [202, { id: instanceId }];
	}
	if (collection === 'instances' && request.method === 'POST') {
		const status = statusesAfter[id ?? ''];
		if (status) standIn.statuses.set(name, status);
		return [202, {}];
	}
	const runtimeStatus = standIn.statuses.get(name);
	return runtimeStatus ? [200, { instanceId: name, runtimeStatus, createdTime: '', lastUpdatedTime: '' }] : [404, {}];
}

/** What an instance is after it was told so. */
const statusesAfter: Readonly<Record<string, string>> = {
	suspend: 'Suspended',
	resume: 'Running',
	terminate: 'Terminated',
};
