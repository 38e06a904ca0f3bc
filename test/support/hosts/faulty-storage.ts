import { createServer, request as openRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/**
 * - `refuses`: as an account whose keys were changed
 * - `breaks`: cuts every connection
 * - `breaksOff`: cuts what it sends after the first part of a blob
 */
type StorageFault = 'none' | 'refuses' | 'breaks' | 'breaksOff';

export interface FaultyStorage {
	connectionString: string;
	fault: StorageFault;
	stop(): Promise<void>;
}

/** A way to a real storage server on which things go wrong when a test says so. */
export async function startFaultyStorage(connectionString: string): Promise<FaultyStorage> {
	const servers: Server[] = [];
	const storage: FaultyStorage = {
		connectionString,
		fault: 'none',
		async stop() {
			for (const server of servers) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
		},
	};
	for (const [, url = ''] of connectionString.matchAll(/(?:Blob|Table)Endpoint=([^;]+)/g)) {
		const server = createProxy(new URL(url), () => storage.fault);
		servers.push(server);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		storage.connectionString = storage.connectionString.replace(new URL(url).host, `127.0.0.1:${port}`);
	}
	return storage;
}

function createProxy({ hostname, port }: URL, faultNow: () => StorageFault): Server {
	return createServer((request, response) => {
		const fault = faultNow();
		if (fault === 'breaks') return request.socket.destroy();
		if (fault === 'refuses') {
			request.resume();
			response.writeHead(403, { 'x-ms-error-code': 'AuthenticationFailed', 'content-length': 0 });
			return response.end();
		}
		const { method, url: path, headers } = request;
		const real = openRequest({ hostname, port, method, path, headers }, (answer) => {
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
