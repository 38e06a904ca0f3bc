import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorLine, type HostLog } from '../host-log.ts';
import { hasSystemKey } from '../system-keys.ts';
import type { Worker } from '../worker/worker-contract.ts';
import { serveBuffered } from './http-buffered.ts';
import { hasOriginForm, isForeignRequest, urlOf } from './http-origin.ts';
import { createRouter, type Router } from './http-routes.ts';
import { createStreamingServer } from './http-streaming.ts';
import { isTooLong } from './request-body.ts';
import { serverHeaders } from './response-headers.ts';
import { serveWeb, type WebHandler } from './web-request.ts';

export interface Mount {
	/** In lower case, with a trailing slash where everything below it belongs to the handler. */
	prefix: string;
	handler: WebHandler;
	/** Whether this host has the endpoint; what it has not goes to the app. Default: it has all of them. */
	has?(method: string, path: string): boolean;
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
		const refusal = refusalOf(request);
		if (refusal !== undefined) return endWith(response, refusal);
		const url = new URL(urlOf(request));
		const found = findTarget(request.method ?? 'GET', url.pathname, { router, mounts });
		if (found === 'nothing') return endWith(response, 404);
		if (found === 'home') return showHome(response);
		if ('handler' in found) return serveWeb(found.handler, request, response);
		const call = { worker, route: found, url, request, response };
		return streaming ? streaming.serve(call) : serveBuffered(call);
	};
	return {
		handle(request, response) {
			Promise.resolve()
				.then(() => serve(request, response))
				.catch((error: unknown) => {
					// A client that has gone away is no fault of anybody here.
					const level = response.destroyed ? 'debug' : 'error';
					log(level, `${request.method} ${request.url?.split('?', 1)[0]} failed: ${errorLine(error)}`);
					if (response.headersSent) response.destroy();
					else endWith(response, 500);
				});
		},
		close: () => streaming?.close(),
	};
}

/** The status with which the host itself answers, before it looks for anything. */
function refusalOf(request: IncomingMessage): number | undefined {
	if (!hasOriginForm(request)) return 400;
	if (isForeignRequest(request)) return 403;
	if (!URL.canParse(urlOf(request))) return 400;
	return isTooLong(request) ? 413 : undefined;
}

interface Destinations {
	router: Router;
	mounts: readonly Mount[];
}

function findTarget(method: string, path: string, { router, mounts }: Destinations) {
	const isMounted = ({ prefix, has }: Mount) => path.toLowerCase().startsWith(prefix) && (has?.(method, path) ?? true);
	return mounts.find(isMounted) ?? router(method, path) ?? (path === '/' ? 'home' : 'nothing');
}

const homePage = '<!DOCTYPE html><title>Functions host</title><p>Your Functions host is up and running.</p>\n';

/** What Azure's host shows where no function answers for the root. */
function showHome(response: ServerResponse): void {
	const headers = { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(homePage) };
	response.writeHead(200, { ...headers, ...serverHeaders }).end(homePage);
}

/** Azure's own refusals and failures have an empty body. */
function endWith(response: ServerResponse, status: number): void {
	response.writeHead(status, { 'Content-Length': '0', ...serverHeaders }).end();
}

/** Guards a webhook: without its system key the answer is 401 with an empty body. */
export function withSystemKey(handler: WebHandler, key: string): WebHandler {
	return (request) => (hasSystemKey(request, key) ? handler(request) : new Response(null, { status: 401 }));
}
