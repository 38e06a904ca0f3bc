import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** By which others can tell whether a process lives, also after SIGKILL. A pid cannot: pids are reused, inside a container even at once. */
export interface LifeSign {
	/** Loopback port on which the process answers with `token` as long as it lives. */
	port: number;
	token: string;
}

/**
 * Something that takes a connection and answers nothing for so long is another program, which was given the port since. A process
 * that is busy may be silent too: an emulator that saves some hundred megabytes, for seconds.
 */
const answerTimeoutMs = 30_000;

/** Gives this process a sign of life; it does not keep the process alive. */
export async function showLife(): Promise<LifeSign & { end(): void }> {
	const token = randomUUID();
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket.on('close', () => sockets.delete(socket)));
		socket
			.on('error', () => {})
			.unref()
			.write(token);
	});
	server.listen(0, '127.0.0.1').unref();
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		token,
		end() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}

/** An open connection to the living process, which closes when that ends; `undefined` when it has ended. */
export async function reachLife({ port, token }: LifeSign): Promise<Socket | undefined> {
	const socket = connect({ port, host: '127.0.0.1' });
	socket.setTimeout(answerTimeoutMs, () => socket.destroy());
	socket.on('error', () => {});
	const answer = await new Promise<string>((resolve) => {
		socket.on('data', (data) => resolve(String(data))).on('close', () => resolve(''));
	});
	if (answer === token) return socket.setTimeout(0);
	socket.destroy();
	return undefined;
}
