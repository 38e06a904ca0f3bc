import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../support/hosts/test-host.ts';
import type { Json } from '../../support/requests/graph-client.ts';

const cli = path.join(root, 'src/cli/main.ts');
let dataFolder: string;

beforeAll(async () => {
	dataFolder = await mkdtemp(path.join(tmpdir(), 'sds-cli-'));
});

afterAll(() => rm(dataFolder, { recursive: true, force: true }));

interface Ended {
	code: number | null;
	stdout: string;
	stderr: string;
}

/** As a person would: the command, its embedded service, and nothing else. */
async function sync(...args: string[]): Promise<Ended> {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, '--data', dataFolder, ...args], {
		cwd: root,
	});
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (data) => {
		output.stdout += data;
	});
	child.stderr.on('data', (data) => {
		output.stderr += data;
	});
	const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
	return { code, ...output };
}

const jsonOf = ({ stdout }: Ended) => JSON.parse(stdout) as Json;

describe('npm run sync', () => {
	test('brings the sample into the directory, and the second time writes nothing and says so', async () => {
		const first = await sync('--json');
		expect(first.code, first.stderr).toBe(0);
		expect(jsonOf(first)).toMatchObject({
			outcome: 'success',
			rows: { school: 2, section: 10, student: 34, teacher: 6 },
			tallies: { student: { added: 34, failed: 0 }, teacher: { added: 6, failed: 0 } },
		});
		const second = await sync();
		expect(second.code, second.stderr).toBe(0);
		expect(second.stdout).toContain('nothing was written');
		expect(second.stdout).not.toContain(String.fromCharCode(27));
	});

	test('ends with 1 and the messages when a file is wrong', async () => {
		const folder = path.join(dataFolder, 'wrong');
		await cp(path.join(root, 'sample'), folder, { recursive: true });
		await writeFile(path.join(folder, 'TeacherRoster.csv'), 'Section SIS ID,SIS ID\r\nC-101,T-99\r\n');
		const ended = await sync(folder);
		expect(ended.code, ended.stderr).toBe(1);
		// A table breaks long messages into lines.
		const words = ended.stdout.replaceAll(/\s+/g, ' ');
		expect(words).toContain('teacherroster.csv');
		expect(words).toContain('1 row(s) have referenced data not found in source. Field - SIS ID');
	});

	test('ends with 2 and advice when it cannot run', async () => {
		const ended = await sync(path.join(dataFolder, 'no-such-folder'));
		expect(ended.code).toBe(2);
		expect(ended.stderr).toContain('no-such-folder');
	});
});
