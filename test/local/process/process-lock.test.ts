import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LockHeldError, takeProcessLock, waitForHolderToEnd } from '../../../src/local/process/process-lock.ts';

let folder: string;
let file: string;
const holders: ChildProcess[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lock-'));
	file = join(folder, 'deep', 'host.lock');
});
afterEach(() => {
	for (const holder of holders.splice(0)) holder.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});

async function holdInOtherProcess() {
	const module = new URL('../../../src/local/process/process-lock.ts', import.meta.url).href;
	const script = `const { takeProcessLock } = await import('${module}');
		const { existsSync, writeFileSync } = await import('node:fs');
		await takeProcessLock(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);
		process.stdin.on('data', (data) => {
			const { busy, idle } = JSON.parse(data);
			writeFileSync(busy, '');
			while (!existsSync(idle));
		});`;
	const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, file];
	const child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] });
	holders.push(child);
	await once(child.stdout, 'data');
	return child;
}

test('a lock is free again after its release, and its file is gone', async () => {
	const lock = await takeProcessLock(file);
	await expect(takeProcessLock(file)).rejects.toThrow(LockHeldError);
	lock.release();
	expect(existsSync(file)).toBe(false);
	(await takeProcessLock(file)).release();
});

test('a lock of another process names its pid, can be waited for, and ends with it by SIGKILL', async () => {
	const child = await holdInOtherProcess();
	await expect(takeProcessLock(file)).rejects.toMatchObject({ name: 'LockHeldError', pid: child.pid });
	const waiting = waitForHolderToEnd(file, 60_000);
	child.kill('SIGKILL');
	await waiting;
	expect(existsSync(file)).toBe(true);
	(await takeProcessLock(file)).release();
});

test('a holder that is busy for seconds still holds it', async () => {
	const child = await holdInOtherProcess();
	const [busy, idle] = [join(folder, 'busy'), join(folder, 'idle')];
	child.stdin.write(JSON.stringify({ busy, idle }));
	while (!existsSync(busy)) await setTimeout(10);
	const taking = takeProcessLock(file).then(
		() => 'taken',
		(error) => error.name,
	);
	await setTimeout(3000);
	writeFileSync(idle, '');
	expect(await taking).toBe('LockHeldError');
});

test('waiting for a holder that stays ends with its pid', async () => {
	const lock = await takeProcessLock(file);
	await expect(waitForHolderToEnd(file, 1)).rejects.toMatchObject({ pid: process.pid });
	lock.release();
});

test.each([
	['holds nonsense', () => 'x'],
	['names a living process that is not the holder', () => JSON.stringify({ pid: process.pid, port: 1, token: 'x' })],
])('a file that %s is taken over', async (_what, content) => {
	(await takeProcessLock(file)).release();
	writeFileSync(file, content());
	const lock = await takeProcessLock(file);
	expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(process.pid);
	lock.release();
});
