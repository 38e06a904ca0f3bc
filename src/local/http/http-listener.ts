import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Listener {
	port: number;
	origin: string;
	/** Until this is called, requests wait: activities that go on after a restart call the host before it is all there. */
	serve(handler: RequestHandler): void;
	/** Refuses new connections, lets running requests end for `graceMs`, then cuts them. */
	close(graceMs: number): Promise<void>;
}

/** Listens on 127.0.0.1 only: nothing here asks for a login. Rejects with code EADDRINUSE when the port is taken. */
export async function listen(port: number): Promise<Listener> {
	const ready = Promise.withResolvers<RequestHandler>();
	const server = createServer((request, response) => void ready.promise.then((handler) => handler(request, response)));
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	let closing: Promise<void> | undefined;
	const { port: actual } = server.address() as AddressInfo;
	return {
		port: actual,
		origin: `http://127.0.0.1:${actual}`,
		serve: ready.resolve,
		close(graceMs) {
			closing ??= closeServer(server, graceMs);
			return closing;
		},
	};
}

const idleSweepMs = 20;

async function closeServer(server: Server, graceMs: number): Promise<void> {
	const closed = once(server, 'close');
	server.close();
	// A kept-alive connection becomes idle only after its last answer.
	const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
	const cut = setTimeout(() => server.closeAllConnections(), graceMs);
	await closed;
	clearTimeout(cut);
	clearInterval(sweep);
}

/** Ports to try after a taken default one. */
const portsToTry = 20;

/** Listens on the first free port from `port` on. */
export async function listenFrom(port: number): Promise<Listener> {
	for (let candidate = port; ; candidate += 1) {
		try {
			return await listen(candidate);
		} catch (error) {
			if (!isPortTaken(error) || candidate >= port + portsToTry) throw error;
		}
	}
}

export function isPortTaken(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
