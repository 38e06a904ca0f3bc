import { randomUUID } from 'node:crypto';
import {
	Agent,
	type ClientRequest,
	type IncomingHttpHeaders,
	type IncomingMessage,
	request as openRequest,
	type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { triggerMetadata } from '../blobs/trigger-metadata.ts';
import type { Worker } from '../worker/worker-contract.ts';
import type { MatchedRoute } from './http-routes.ts';
import { readBody } from './request-body.ts';
import { responseHeaders } from './response-headers.ts';

interface StreamedCall {
	worker: Worker;
	route: MatchedRoute;
	/** The request's URL as the host routes it. */
	url: URL;
	request: IncomingMessage;
	response: ServerResponse;
}

interface Proxy {
	agent: Agent;
	port: string;
}

/** `expect` is answered by this server already. */
const droppedRequestHeaders = new Set(['connection', 'keep-alive', 'expect']);

/** What a handler that does not answer costs on Azure; here it shows at once. */
const hangText = 'on Azure this request would hang for 240 seconds, and then be answered with 500';

/**
 * Serves calls in streaming mode: the library runs an HTTP server of its own (`httpUri`); the host sends it the request
 * and, in parallel, the invocation with the same id. A body whose length is known is read whole first, as on Azure; a chunked
 * one, and every answer, flows as it comes. Rejects when the handler throws, returns nothing or breaks its answer.
 */
export function createStreamingServer(httpUri: string) {
	const agent = new Agent({ keepAlive: true });
	const port = new URL(httpUri).port;
	return {
		serve: (call: StreamedCall) => serveStreamed(call, { agent, port }),
		close: () => agent.destroy(),
	};
}

async function serveStreamed(call: StreamedCall, proxy: Proxy): Promise<void> {
	const { worker, route, url, request } = call;
	const invocationId = randomUUID();
	const hasLength = Number(request.headers['content-length'] ?? 0) > 0;
	const body = hasLength ? await readBody(request) : undefined;
	const proxied = openProxied(call, { ...proxy, invocationId });
	const { params, target } = route;
	const metadata = triggerMetadata({
		...(body ? { body } : {}),
		query: url.searchParams,
		params,
		headers: request.headers,
	});
	const inputData = [{ name: target.trigger.name, data: { http: {} } }];
	if (body) proxied.end(body);
	else request.pipe(proxied);
	try {
		const result = await worker.invoke(target.id, { invocationId, inputData, triggerMetadata: metadata });
		if (result.hasNoValue) throw new Error('the handler returned nothing');
	} catch (error) {
		proxied.removeAllListeners('error').on('error', () => {});
		proxied.destroy();
		const text = error instanceof Error ? error.message : String(error);
		throw new Error(`${text}; ${hangText}`, { cause: error });
	}
}

/** The request as the library's server gets it, whose answer goes to the client as it comes. */
function openProxied({ url, request, response }: StreamedCall, to: Proxy & { invocationId: string }): ClientRequest {
	const { agent, port, invocationId } = to;
	const proxied = openRequest({
		host: '127.0.0.1',
		port,
		agent,
		method: request.method,
		path: `${url.pathname}${url.search}`,
		headers: {
			...withoutHeaders(request.headers, droppedRequestHeaders),
			'x-ms-invocation-id': invocationId,
			'x-forwarded-host': request.headers.host ?? '',
			'x-forwarded-proto': 'http',
		},
	});
	proxied.on('response', (answer) => {
		response.writeHead(answer.statusCode ?? 500, responseHeaders(answer.headers, invocationId));
		pipeline(answer, response, () => {});
	});
	// A failure shows itself through the invocation or the client's own connection.
	proxied.on('error', () => response.destroy());
	response.on('close', () => {
		if (!response.writableEnded) proxied.destroy();
	});
	// An app may answer without reading the body to its end. What is left is read away, or it would stand in front of the
	// next request on a kept connection.
	response.on('finish', () => {
		request.unpipe(proxied).resume();
		if (!request.complete) proxied.destroy();
	});
	return proxied;
}

function withoutHeaders(headers: IncomingHttpHeaders, dropped: Set<string>): IncomingHttpHeaders {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}
