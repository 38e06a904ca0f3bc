import { RequestRefused } from '../engine/request-refused.ts';
import { eventTypes, type NewEvent } from '../storage/history-events.ts';
import { isFinished, runtimeStatus } from '../storage/instance-record.ts';
import { managementLinks } from './client-input.ts';
import { listInstances, purgeInstances } from './instance-queries.ts';
import type { ApiContext, ApiResponse } from './management-request.ts';
import { historyBody, statusBody } from './status-body.ts';

type Handler = (context: ApiContext, params: Record<string, string>) => Promise<ApiResponse>;

/** https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api */
const routes: [method: string, pattern: RegExp, handler: Handler][] = [
	['POST', /^orchestrators\/(?<name>[^/]+)(?:\/(?<id>[^/]+))?$/, start],
	['GET', /^instances\/?$/, listInstances],
	['DELETE', /^instances\/?$/, purgeInstances],
	['GET', /^instances\/(?<id>[^/]+)$/, readStatus],
	['DELETE', /^instances\/(?<id>[^/]+)$/, purge],
	['POST', /^instances\/(?<id>[^/]+)\/raiseEvent\/(?<name>[^/]+)$/i, raiseEvent],
	['POST', /^instances\/(?<id>[^/]+)\/terminate$/, sender((reason) => terminated(reason))],
	[
		'POST',
		/^instances\/(?<id>[^/]+)\/suspend$/,
		sender((Reason) => ({ EventType: eventTypes.executionSuspended, Reason })),
	],
	[
		'POST',
		/^instances\/(?<id>[^/]+)\/resume$/,
		sender((Reason) => ({ EventType: eventTypes.executionResumed, Reason })),
	],
	['POST', /^instances\/[^/]+\/rewind$/, refuse('rewind')],
	['POST', /^instances\/[^/]+\/restart$/, refuse('restart')],
	['GET', /^entities(?:\/|$)/, refuse('durable entities')],
	['POST', /^entities(?:\/|$)/, refuse('durable entities')],
];

/** Answers one request of the durable extension's HTTP API; rejects only if storage fails. */
export async function handleManagement(context: ApiContext): Promise<ApiResponse> {
	const { method, path } = context.request;
	try {
		for (const [routeMethod, pattern, handler] of routes) {
			const match = routeMethod === method ? pattern.exec(path) : null;
			if (match) return await handler(context, decodeAll(match.groups ?? {}));
		}
		throw new RequestRefused(404, `The durable API has no ${method} "${path}"`);
	} catch (error) {
		if (!(error instanceof RequestRefused)) throw error;
		// The SDK makes its error of the whole body when the status is 501: a text stays readable there.
		return { status: error.status, body: error.status === 501 ? error.message : { Message: error.message } };
	}
}

function decodeAll(groups: Record<string, string | undefined>): Record<string, string> {
	const present = Object.entries(groups).filter((entry): entry is [string, string] => entry[1] !== undefined);
	return Object.fromEntries(present.map(([name, value]) => [name, decode(value)]));
}

/** The SDK does not encode ids: a "%" that begins no escape stands for itself, as it does on Azure. */
function decode(text: string): string {
	return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
		try {
			return decodeURIComponent(escapes);
		} catch {
			return escapes;
		}
	});
}

async function start({ commands, address, request }: ApiContext, { name = '', id }: Record<string, string>) {
	if (request.query.has('timeout')) await refuse('to start and wait in one call')();
	requireKnownOptions(request.query);
	const input = request.body === '' ? null : requireJson(request.body);
	const version = request.query.get('version') ?? '';
	const record = await commands.startInstance({
		name,
		version,
		input,
		...(id === undefined ? {} : { instanceId: id }),
	});
	const links = managementLinks(address, record.instanceId);
	return { status: 202, headers: { location: links.statusQueryGetUri, 'retry-after': '10' }, body: links };
}

const startOptions: ReadonlySet<string> = new Set(['version', 'taskHub', 'connection', 'code']);

/** The SDK does not encode ids: what follows a question mark in one arrives as an option, and the id without it. */
function requireKnownOptions(query: URLSearchParams): void {
	const unknown = [...query.keys()].find((name) => !startOptions.has(name));
	if (unknown === undefined) return;
	throw new RequestRefused(
		400,
		`Cannot start an instance with the option "${unknown}": there is none; if it is a part of the id, ids must not hold "?"`,
	);
}

async function readStatus({ commands, address, request }: ApiContext, { id = '' }: Record<string, string>) {
	const record = await commands.read(id);
	if (!record) throw new RequestRefused(404, `There is no instance "${id}"`);
	const asks = (name: string) => request.query.get(name)?.toLowerCase();
	const body = {
		...statusBody(record, { showInput: asks('showInput') !== 'false' }),
		...(asks('showHistory') === 'true'
			? {
					historyEvents: historyBody(await commands.readHistory(id), {
						showOutput: asks('showHistoryOutput') === 'true',
					}),
				}
			: {}),
	};
	if (isFinished(record)) return { status: 200, body };
	const location = managementLinks(address, id).statusQueryGetUri;
	return { status: 202, headers: { location, 'retry-after': '5' }, body };
}

async function purge({ commands }: ApiContext, { id = '' }: Record<string, string>): Promise<ApiResponse> {
	const record = await commands.read(id);
	if (record && !isFinished(record)) {
		throw new RequestRefused(412, `Cannot purge the instance "${id}": it is ${runtimeStatus(record)}`);
	}
	if (record && (await commands.purge(id))) return { status: 200, body: { instancesDeleted: 1 } };
	throw new RequestRefused(404, `There is no instance "${id}"`);
}

async function raiseEvent({ commands, request }: ApiContext, { id = '', name = '' }: Record<string, string>) {
	const contentType = request.headers.get('content-type') ?? '';
	if (!/^application\/json\b/i.test(contentType)) {
		throw new RequestRefused(
			400,
			`Cannot raise the event "${name}": its content type is "${contentType}", and must be "application/json"; an event always carries data`,
		);
	}
	await commands.send(id, { EventType: eventTypes.eventRaised, Name: name, Input: requireJson(request.body) });
	return { status: 202 };
}

function terminated(reason: string): NewEvent {
	return { EventType: eventTypes.executionTerminated, Input: JSON.stringify(reason) };
}

function sender(toEvent: (reason: string) => NewEvent): Handler {
	return async ({ commands, request }, { id = '' }) => {
		await commands.send(id, toEvent(request.query.get('reason') ?? ''));
		return { status: 202 };
	};
}

function refuse(feature: string): () => Promise<never> {
	return async () => {
		throw new RequestRefused(501, `The local host does not have this feature of Durable Functions: ${feature}`);
	};
}

function requireJson(text: string): string {
	try {
		JSON.parse(text);
		return text;
	} catch {
		throw new RequestRefused(400, 'Cannot read the request body: it must be JSON');
	}
}
