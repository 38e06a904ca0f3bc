import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface StartedOrchestration {
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
	/** Commands that were sent, as "suspend <instance id>". */
	commands: string[];
	/** So many looks still find the old status after a command, as on Azure. */
	looksUntilEffect: number;
	/** Called before a command or a start takes effect: what another instance does meanwhile. */
	beforeCommand?: (command: string) => void;
	/** So many starts are refused, as if an instance with the id were there. */
	refusedStarts: number;
	/** Answers 500 to everything. */
	isBroken: boolean;
	/** Statuses that do not show yet. */
	late: Map<string, { status: string; looks: number }>;
	stop(): Promise<void>;
}

export async function startDurableStandIn(): Promise<DurableStandIn> {
	const standIn: DurableStandIn = {
		clientData: undefined,
		started: [],
		statuses: new Map(),
		commands: [],
		looksUntilEffect: 0,
		late: new Map(),
		refusedStarts: 0,
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
		standIn.beforeCommand?.('start');
		if (standIn.refusedStarts-- > 0) return [409, { Message: 'exists' }];
		standIn.started.push({ name, instanceId, input: JSON.parse(await text(request)) });
		return [202, { id: instanceId }];
	}
	if (collection === 'instances' && request.method === 'POST') return obey(standIn, name, id ?? '');
	const late = standIn.late.get(name);
	if (late && --late.looks < 0) {
		standIn.statuses.set(name, late.status);
		standIn.late.delete(name);
	}
	const runtimeStatus = standIn.statuses.get(name);
	const [input, output, customStatus] = [null, null, null];
	const times = { createdTime: '2026-03-02T10:00:00Z', lastUpdatedTime: '2026-03-02T10:00:00Z' };
	return runtimeStatus
		? [200, { name: 'stand-in', instanceId: name, runtimeStatus, ...times, input, output, customStatus }]
		: [404, {}];
}

const ended: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Terminated']);

/** Azure refuses to suspend what is suspended and to resume what is not (seen on its own host). */
function obey(standIn: DurableStandIn, instanceId: string, command: string): [number, unknown] {
	standIn.commands.push(`${command} ${instanceId}`);
	standIn.beforeCommand?.(command);
	const present = standIn.statuses.get(instanceId) ?? '';
	const isSuspended = present === 'Suspended';
	if (ended.has(present)) return [500, { Message: 'no' }];
	if ((command === 'suspend' && isSuspended) || (command === 'resume' && !isSuspended)) return [500, { Message: 'no' }];
	const status = statusesAfter[command];
	if (!status) return [404, {}];
	if (standIn.looksUntilEffect === 0) standIn.statuses.set(instanceId, status);
	else standIn.late.set(instanceId, { status, looks: standIn.looksUntilEffect });
	return [202, {}];
}

/** What an instance is after it was told so. */
const statusesAfter: Readonly<Record<string, string>> = {
	suspend: 'Suspended',
	resume: 'Running',
	terminate: 'Terminated',
};
