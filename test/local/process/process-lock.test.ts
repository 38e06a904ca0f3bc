import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LockHeldError, takeProcessLock, waitForHolderToEnd } from '../../../src/local/process/process-lock.ts';

let folder: string;
let file: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lock-'));
	file = join(folder, 'deep', 'host.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function holdInOtherProcess() {
	const module = new URL('../../../src/local/process/process-lock.ts', import.meta.url).href;
	const script = `const { takeProcessLock } = await import('${module}');
		await takeProcessLock(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);`;
	const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, file];
	const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
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
