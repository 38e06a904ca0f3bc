import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Whatever answers, on loopback, until it is stopped; by https with a certificate. */
export async function startLoopbackServer(
	listener: RequestListener,
	tls?: { cert: string; key: string },
): Promise<{ url: string; stop(): Promise<void> }> {
	const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
