import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandBench } from './command-bench.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');
let bench: CommandBench;

beforeEach(async () => {
	bench = new CommandBench();
	await bench.open();
	bench.service.tokens.push('Bearer from-the-user');
});
afterEach(() => bench.close());

function startProgram(args: string[]) {
	const env = { ...process.env, SCHOOL_DATA_SYNC_TOKEN: 'from-the-user', INIT_CWD: join(bench.folder, '..') };
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], { env });
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (chunk) => (output.stdout += chunk));
	child.stderr.on('data', (chunk) => (output.stderr += chunk));
	const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
	return { child, output, ended };
}

test('the program finds the folder from where the user is, and prints pure JSON', async () => {
	const { output, ended } = startProgram(['roster', '--url', bench.service.url, '--json']);
	expect(await ended).toBe(0);
	expect(output.stderr).toBe('');
	expect(JSON.parse(output.stdout)).toMatchObject({ outcome: 'success', runId: 'run-1' });
});

test('the program stops following at Ctrl-C with exit code 130', async () => {
	bench.service.script.runStates = [{ phase: 'users', progress: { done: 1, total: 2 } }];
	const { child, output, ended } = startProgram(['roster', '--url', bench.service.url]);
	bench.service.script.faults = [
		{ match: '/runs/run-1', status: 503, headers: { 'retry-after': '60' }, onHit: () => child.kill('SIGINT') },
	];
	expect(await ended).toBe(130);
	expect(output.stderr).toContain('The sync goes on in the service');
});

test('the program shows its help', async () => {
	const { output, ended } = startProgram(['--help']);
	expect(await ended).toBe(0);
	expect(output.stdout).toContain('Usage: npm run sync');
});
