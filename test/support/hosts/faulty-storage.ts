import { createServer, request as openRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/**
 * - `refuses`: as an account whose keys were changed
 * - `breaks`: cuts every connection
 * - `breaksOff`: cuts what it sends after the first part of a blob
 * - `forgets`: does what it is asked for, and answers as if it refused to
 */
type StorageFault = 'none' | 'refuses' | 'breaks' | 'breaksOff' | 'forgets';

export interface FaultyStorage {
	connectionString: string;
	fault: StorageFault;
	/** Waited for with each request, before anything becomes of it. */
	onRequest(): void | Promise<void>;
	stop(): Promise<void>;
}

/** A way to a real storage server on which things go wrong when a test says so. */
export async function startFaultyStorage(connectionString: string): Promise<FaultyStorage> {
	const servers: Server[] = [];
	const storage: FaultyStorage = {
		connectionString,
		fault: 'none',
		onRequest: () => {},
		async stop() {
			for (const server of servers) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
		},
	};
	for (const [, url = ''] of connectionString.matchAll(/(?:Blob|Table)Endpoint=([^;]+)/g)) {
		const server = createProxy(new URL(url), storage);
		servers.push(server);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		storage.connectionString = storage.connectionString.replace(new URL(url).host, `127.0.0.1:${port}`);
	}
	return storage;
}

function createProxy({ hostname, port }: URL, storage: FaultyStorage): Server {
	return createServer(async (request, response) => {
		await storage.onRequest();
		const { fault } = storage;
		if (fault === 'breaks') return request.socket.destroy();
		if (fault === 'refuses') {
			request.resume();
			return refuse(response);
		}
		const { method, url: path, headers } = request;
		const real = openRequest({ hostname, port, method, path, headers }, (answer) => {
			if (fault === 'forgets') return answer.resume().once('end', () => refuse(response));
			const isBlob = answer.headers['x-ms-blob-type'] !== undefined && method === 'GET';
			response.writeHead(answer.statusCode ?? 500, answer.headers);
			if (fault !== 'breaksOff' || !isBlob) return pipeline(answer, response, () => {});
			return answer.once('data', (chunk: Buffer) => {
				response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
				answer.destroy();
			});
		});
		real.on('error', () => response.destroy());
		return pipeline(request, real, () => {});
	});
}

function refuse(response: ServerResponse): void {
	response.writeHead(403, { 'x-ms-error-code': 'AuthenticationFailed', 'content-length': 0 });
	response.end();
}
