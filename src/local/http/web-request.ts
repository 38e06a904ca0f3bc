import type { IncomingMessage, ServerResponse } from 'node:http';
import { urlOf } from './http-origin.ts';
import { readBody } from './request-body.ts';

/** A handler of the host's own endpoints (keys, webhooks, token issuer, durable API). */
export type WebHandler = (request: Request) => Promise<Response> | Response;

export async function serveWeb(handler: WebHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const answer = await handler(await toWebRequest(request));
	for (const [name, value] of answer.headers) response.appendHeader(name, value);
	response.statusCode = answer.status;
	response.end(Buffer.from(await answer.arrayBuffer()));
}

async function toWebRequest(request: IncomingMessage): Promise<Request> {
	const headers = new Headers();
	for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
	const method = request.method ?? 'GET';
	const body = await readBody(request);
	const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD';
	return new Request(urlOf(request), {
		method,
		headers,
		...(hasBody ? { body: new Uint8Array(body) } : {}),
	});
}
