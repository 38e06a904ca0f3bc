import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type LifeSign, reachLife, showLife } from './life-sign.ts';

/** What the lock file says about its holder. */
interface Holder extends LifeSign {
	pid: number;
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

/** Takes a lock that ends with its process, also after SIGKILL: a file whose holder gives no sign of life is taken over. */
export async function takeProcessLock(file: string): Promise<ProcessLock> {
	mkdirSync(dirname(file), { recursive: true });
	const { port, token, end } = await showLife();
	const text = JSON.stringify({ pid: process.pid, port, token } satisfies Holder);
	try {
		while (!createComplete(file, text)) await removeStale(file);
	} catch (error) {
		end();
		throw error;
	}
	return {
		release() {
			if (readHolder(file)?.token === token) rmSync(file, { force: true });
			end();
		},
	};
}

/** Waits until the lock's holder has ended; returns at once when there is none. Throws after `timeoutMs`. */
export async function waitForHolderToEnd(file: string, timeoutMs: number): Promise<void> {
	const holder = readHolder(file);
	const socket = holder && (await reachLife(holder));
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
	const socket = holder && (await reachLife(holder));
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
