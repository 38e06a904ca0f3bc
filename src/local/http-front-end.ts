import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorLine, type HostLog } from './host-log.ts';
import { serveBuffered } from './http-buffered.ts';
import { isForeignRequest } from './http-origin.ts';
import { createRouter, type Router } from './http-routes.ts';
import { createStreamingServer } from './http-streaming.ts';
import { isTooLong } from './request-body.ts';
import { hasSystemKey } from './system-keys.ts';
import { serveWeb, type WebHandler } from './web-request.ts';
import type { Worker } from './worker-contract.ts';

export interface Mount {
	/** Path with a trailing slash; everything below it belongs to the handler. */
	prefix: string;
	handler: WebHandler;
}

export interface FrontEndOptions {
	worker: Worker;
	routePrefix: string;
	/** The host's own endpoints, asked before the app's routes. */
	mounts: readonly Mount[];
	log: HostLog;
}

export interface FrontEnd {
	handle(request: IncomingMessage, response: ServerResponse): void;
	close(): void;
}

/** Dispatches requests: the host's own endpoints first, then the app, in the mode that the app has chosen. */
export function createFrontEnd({ worker, routePrefix, mounts, log }: FrontEndOptions): FrontEnd {
	const router = createRouter(worker.functions, routePrefix);
	const { HttpUri } = worker.capabilities;
	const streaming = HttpUri === undefined ? undefined : createStreamingServer(HttpUri);
	const serve = (request: IncomingMessage, response: ServerResponse) => {
		const found = findTarget(request, router, mounts);
		if (typeof found === 'number') return endWith(response, found);
		if ('handler' in found) return serveWeb(found.handler, request, response);
		const call = { worker, route: found, request, response };
		return streaming ? streaming.serve(call) : serveBuffered(call);
	};
	return {
		handle(request, response) {
			Promise.resolve()
				.then(() => serve(request, response))
				.catch((error: unknown) => {
					log('error', `${request.method} ${pathOf(request)} failed: ${errorLine(error)}`);
					if (response.headersSent) response.destroy();
					else endWith(response, 500);
				});
		},
		close: () => streaming?.close(),
	};
}

function findTarget(request: IncomingMessage, router: Router, mounts: readonly Mount[]) {
	if (isForeignRequest(request)) return 403;
	if (isTooLong(request)) return 413;
	const path = pathOf(request);
	const mount = mounts.find(({ prefix }) => path.toLowerCase().startsWith(prefix));
	if (mount) return mount;
	// `/` is Azure's home page, which has no content here.
	return router(request.method ?? 'GET', path) ?? (path === '/' ? 204 : 404);
}

function pathOf(request: IncomingMessage): string {
	return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** Azure's own refusals and failures have an empty body. */
function endWith(response: ServerResponse, status: number): void {
	response.writeHead(status, { 'content-length': '0' }).end();
}

/** Guards a webhook: without its system key the answer is 401 with an empty body. */
export function withSystemKey(handler: WebHandler, key: string): WebHandler {
	return (request) => (hasSystemKey(request, key) ? handler(request) : new Response(null, { status: 401 }));
}
