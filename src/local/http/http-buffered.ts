import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypedData, Worker } from '../worker/worker-contract.ts';
import type { MatchedRoute } from './http-routes.ts';
import { readBody } from './request-body.ts';
import { serverHeaders } from './response-headers.ts';
import { formatCookie, type RpcCookie } from './set-cookie.ts';

interface RpcHttpResponse {
	statusCode?: string;
	headers?: Record<string, string>;
	cookies?: RpcCookie[];
	body?: { bytes?: Uint8Array; string?: string };
}

interface HttpCall {
	worker: Worker;
	route: MatchedRoute;
	/** The request's URL as the host routes it. */
	url: URL;
	request: IncomingMessage;
	response: ServerResponse;
}

/** Statuses without a body, by RFC 9110. */
const bodilessStatuses = new Set([204, 205, 304]);

/** Serves one call with whole bodies in memory, as Azure does without HTTP streaming. */
export async function serveBuffered({ worker, route, url, request, response }: HttpCall): Promise<void> {
	const { target, params } = route;
	const data: TypedData = { http: await toRpcRequest(request, url, params) };
	const result = await worker.invoke(target.id, { inputData: [{ name: target.trigger.name, data }] });
	const http = (result.returnValue?.http ?? { statusCode: '204' }) as RpcHttpResponse;
	sendRpcResponse(http, response);
}

async function toRpcRequest(request: IncomingMessage, url: URL, params: Record<string, string>) {
	const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
	const query = new Map<string, string>();
	// Azure joins repeated keys; `getAll` in the app sees one value.
	for (const [name, value] of url.searchParams)
		query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
	// A chunked body has no length, and Azure drops it in buffered mode.
	const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
	return {
		url: url.href,
		method: request.method,
		nullableHeaders: toNullable(headers),
		nullableParams: toNullable(Object.entries(params)),
		nullableQuery: toNullable(query),
		...(hasBody ? { body: { bytes: await readBody(request) } } : {}),
	};
}

function toNullable(entries: Iterable<readonly [string, string]>): Record<string, { value: string }> {
	return Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
}

function sendRpcResponse(http: RpcHttpResponse, response: ServerResponse): void {
	const status = Number(http.statusCode ?? 200);
	const cookies = (http.cookies ?? []).map(formatCookie);
	const headers = { ...http.headers, ...serverHeaders };
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
	if (cookies.length > 0) response.setHeader('set-cookie', cookies);
	response.statusCode = status;
	const { bytes, string } = http.body ?? {};
	if (bodilessStatuses.has(status)) response.end();
	else response.end(bytes ? Buffer.from(bytes) : (string ?? ''));
}
