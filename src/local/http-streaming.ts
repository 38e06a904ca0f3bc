import { randomUUID } from 'node:crypto';
import {
	Agent,
	type IncomingHttpHeaders,
	type IncomingMessage,
	request as openRequest,
	type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { urlOf } from './http-origin.ts';
import type { MatchedRoute } from './http-routes.ts';
import type { InvocationRequest, TypedData, Worker } from './worker-contract.ts';

interface StreamedCall {
	worker: Worker;
	route: MatchedRoute;
	request: IncomingMessage;
	response: ServerResponse;
}

/** Hop-by-hop headers and the library's own mark, which end here. */
const DROPPED_RESPONSE_HEADERS = new Set(['x-ms-invocation-id', 'transfer-encoding', 'connection', 'keep-alive']);
/** `expect` is answered by this server already. */
const DROPPED_REQUEST_HEADERS = new Set(['connection', 'keep-alive', 'expect']);

/**
 * Serves calls in streaming mode: the library runs an HTTP server of its own (`httpUri`); the host sends it the request
 * and, in parallel, the invocation with the same id, and bytes flow both ways as they come.
 * A handler that returns nothing never answers; that is so on Azure too, and is left visible.
 */
export function createStreamingServer(httpUri: string) {
	const agent = new Agent({ keepAlive: true });
	const port = new URL(httpUri).port;
	return {
		serve: (call: StreamedCall) => serveStreamed(call, { agent, port }),
		close: () => agent.destroy(),
	};
}

async function serveStreamed(call: StreamedCall, proxy: { agent: Agent; port: string }): Promise<void> {
	const { worker, route, request, response } = call;
	const invocationId = randomUUID();
	const proxied = openRequest({
		host: '127.0.0.1',
		port: proxy.port,
		agent: proxy.agent,
		method: request.method,
		path: request.url,
		headers: {
			...withoutHeaders(request.headers, DROPPED_REQUEST_HEADERS),
			'x-ms-invocation-id': invocationId,
			'x-forwarded-host': request.headers.host ?? '',
			'x-forwarded-proto': 'http',
		},
	});
	proxied.on('response', (answer) => {
		response.writeHead(answer.statusCode ?? 500, withoutHeaders(answer.headers, DROPPED_RESPONSE_HEADERS));
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
	request.pipe(proxied);
	try {
		await worker.invoke(route.target.id, toInvocation(route, request, invocationId));
	} catch (error) {
		proxied.removeAllListeners('error').on('error', () => {});
		proxied.destroy();
		throw error;
	}
}

function toInvocation(route: MatchedRoute, request: IncomingMessage, invocationId: string): InvocationRequest {
	const query = Object.fromEntries(new URL(urlOf(request)).searchParams);
	const triggerMetadata: Record<string, TypedData> = {};
	for (const [name, value] of Object.entries(route.params)) triggerMetadata[name] = { string: value };
	// The app sees these headers, not those of the proxied request.
	triggerMetadata.Headers = { json: JSON.stringify(request.headers) };
	triggerMetadata.Query = { json: JSON.stringify(query) };
	return { invocationId, inputData: [{ name: route.target.trigger.name, data: { http: {} } }], triggerMetadata };
}

function withoutHeaders(headers: IncomingHttpHeaders, dropped: Set<string>): IncomingHttpHeaders {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}
