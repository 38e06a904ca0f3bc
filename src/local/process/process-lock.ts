import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';

/** What the lock file says about its holder. */
interface Holder {
	pid: number;
	/** Loopback port on which the holder answers with `token` as long as it lives. */
	port: number;
	token: string;
}

export interface ProcessLock {
	release(): void;
}

export class LockHeldError extends Error {
	readonly pid: number;
	constructor(file: string, pid: number) {
		super(`Cannot take the lock "${file}": process ${pid} holds it`);
		this.name = 'LockHeldError';
		this.pid = pid;
	}
}

/** A holder that answers nothing for so long is not one: its port was given to another program. */
const answerTimeoutMs = 2000;

/**
 * Takes a lock that ends with its process, also after SIGKILL. The file alone cannot tell: pids are reused, inside a
 * container even at once. So the holder answers on a loopback port, and a file whose holder is silent is taken over.
 */
export async function takeProcessLock(file: string): Promise<ProcessLock> {
	mkdirSync(dirname(file), { recursive: true });
	const token = randomUUID();
	const server = createServer((socket) => socket.on('error', () => {}).write(token));
	server.listen(0, '127.0.0.1').unref();
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const text = JSON.stringify({ pid: process.pid, port, token } satisfies Holder);
	try {
		while (!createComplete(file, text)) await removeStale(file);
	} catch (error) {
		server.close();
		throw error;
	}
	return {
		release() {
			if (readHolder(file)?.token === token) rmSync(file, { force: true });
			server.close();
		},
	};
}

/** Waits until the lock's holder has ended; returns at once when there is none. Throws after `timeoutMs`. */
export async function waitForHolderToEnd(file: string, timeoutMs: number): Promise<void> {
	const holder = readHolder(file);
	const socket = holder && (await reachHolder(holder));
	if (!holder || !socket) return;
	// The connection stays open as long as the holder lives; its end may show as an error, which is as good.
	await new Promise<void>((resolve, reject) => {
		const timer = setTimeout(() => {
			reject(new LockHeldError(file, holder.pid));
			socket.destroy();
		}, timeoutMs);
		socket.on('close', () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

/** Creates the file with its whole content in one step, so that nobody reads half of it; false when it exists. */
function createComplete(file: string, text: string): boolean {
	const draft = `${file}.${process.pid}`;
	writeFileSync(draft, text, { mode: 0o600 });
	try {
		linkSync(draft, file);
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
		throw error;
	} finally {
		rmSync(draft, { force: true });
	}
}

async function removeStale(file: string): Promise<void> {
	const holder = readHolder(file);
	const socket = holder && (await reachHolder(holder));
	if (holder && socket) {
		socket.destroy();
		throw new LockHeldError(file, holder.pid);
	}
	// Another process may have taken over in the meantime; then the file is no longer the one just examined.
	if (readHolder(file)?.token === holder?.token) rmSync(file, { force: true });
}

function readHolder(file: string): Holder | undefined {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}

/** An open connection to the living holder, or `undefined` when it has ended. */
async function reachHolder({ port, token }: Holder): Promise<Socket | undefined> {
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
