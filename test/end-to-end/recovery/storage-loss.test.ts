import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRoster } from '../../../bench/roster-generator.ts';
import { root, startTestHost } from '../../support/hosts/test-host.ts';
import { graphClient, poll, tokenFor } from '../../support/requests/graph-client.ts';
import { directoryImage } from '../../support/rosters/directory-image.ts';
import { rosterFolder, smallRoster } from '../../support/rosters/roster.ts';
import {
	createProfile,
	creationProfile,
	latestRun,
	type RosterFiles,
	syncRoster,
	untilIdle,
	uploadFiles,
} from '../../support/sync-story.ts';

const folders: string[] = [];
let rosterPath: string;
let files: RosterFiles;

async function temporaryFolder(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-loss-'));
	folders.push(folder);
	return folder;
}

beforeAll(async () => {
	rosterPath = await temporaryFolder();
	await writeRoster(rosterPath, { students: 3_000, seed: 7 });
	files = await rosterFolder(rosterPath);
});

afterAll(async () => {
	for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function connect(dataFolder: string) {
	const host = await startTestHost({ dataFolder, inMemory: false });
	return { host, client: graphClient(host, await tokenFor(host)) };
}

/** Until the emulator has saved a table that holds this text. */
async function untilSaved(dataFolder: string, text: string): Promise<void> {
	const tables = path.join(dataFolder, 'azurite/__azurite_db_table__.json');
	await poll(
		() => readFile(tables, 'utf8'),
		(saved) => saved.includes(text),
	);
}

async function filesWith(folder: string, text: string): Promise<readonly string[]> {
	const found: string[] = [];
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		const file = path.join(entry.parentPath, entry.name);
		if (entry.isFile() && (await readFile(file)).includes(text)) found.push(file);
	}
	return found;
}

describe('an emulator that is killed', () => {
	test('ends the host, fails the run that was under way, and a reset makes certain', async () => {
		const dataFolder = await temporaryFolder();
		const first = await connect(dataFolder);
		const profile = await createProfile(first.client);
		await uploadFiles(first.client, profile, files);
		expect((await first.client.send('POST', `${profile}/start`)).status).toBe(200);
		expect((await first.client.send('POST', `${profile}/pause`)).status).toBe(200);
		await untilSaved(dataFolder, 'pausedSince');
		process.kill(first.host.azuritePid, 'SIGKILL');
		expect(await first.host.ended).toBe(1);
		expect(first.host.log()).toContain('The storage emulator has ended unexpectedly (signal SIGKILL).');

		const second = await connect(dataFolder);
		expect(second.host.losses).toEqual([expect.stringContaining('did not end cleanly')]);
		expect((await second.client.send('POST', `${profile}/resume`)).status).toBe(200);
		const failed = await poll(
			() => latestRun(second.client, profile),
			(run) => run?.outcome !== undefined,
		);
		expect(failed).toMatchObject({ outcome: 'failed', failure: expect.stringContaining('Reset the profile') });
		expect(await untilIdle(second.client, profile)).toMatchObject({
			status: 'error',
			statusMessage: expect.stringContaining('storage may have lost'),
		});

		expect((await second.client.send('POST', `${profile}/reset`)).status).toBe(200);
		await untilIdle(second.client, profile);
		expect(await latestRun(second.client, profile)).toMatchObject({ reason: 'reset', outcome: 'success' });
		const made = await directoryImage(second.client);
		await second.host.stop();
		const third = await connect(dataFolder);
		expect(third.host.losses).toEqual([]);
		expect(await directoryImage(third.client)).toEqual(made);
		expect(made.users).toBeGreaterThan(3_000);
		await third.host.dispose();
	});

	test('ends the command that follows the sync with 2 and the cause; the next one says what may be lost', async () => {
		const dataFolder = await temporaryFolder();
		const killed = await sync(dataFolder, async () => {
			const { pid } = JSON.parse(await readFile(path.join(dataFolder, 'azurite/azurite.lock'), 'utf8'));
			process.kill(pid, 'SIGKILL');
		});
		expect(killed.code).toBe(2);
		expect(killed.stderr).toContain('The storage emulator has ended unexpectedly (signal SIGKILL)');
		const again = await sync(dataFolder);
		expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain('did not end cleanly the last time');
		expect(again.code, again.stderr).toBe(0);
		expect((await sync(dataFolder)).stdout).not.toContain('did not end cleanly');
	});
});

test('the data folder is for its owner alone, also one that was open to others before', async () => {
	const dataFolder = await temporaryFolder();
	const first = await connect(dataFolder);
	await first.host.stop();
	await chmod(dataFolder, 0o755);
	for (const { parentPath, name } of await readdir(dataFolder, { recursive: true, withFileTypes: true }))
		await chmod(path.join(parentPath, name), 0o755);
	const second = await connect(dataFolder);
	await syncRoster(second.client, await createProfile(second.client), smallRoster());
	const open: string[] = [];
	for (const { parentPath, name } of await readdir(dataFolder, { recursive: true, withFileTypes: true })) {
		const file = path.join(parentPath, name);
		const { mode } = await stat(file);
		if ((mode & 0o077) !== 0) open.push(file);
	}
	expect(open).toEqual([]);
	expect((await stat(dataFolder)).mode & 0o777).toBe(0o700);
	expect((await stat(path.join(dataFolder, 'system-keys.json'))).mode & 0o777).toBe(0o600);
	await second.host.dispose();
});

/** The command; `onChecked` is called once the service has taken the files. */
async function sync(dataFolder: string, onChecked?: () => Promise<void>) {
	const cli = path.join(root, 'src/cli/main.ts');
	const options = ['--data', dataFolder, '--reset'];
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, rosterPath, ...options], {
		cwd: root,
	});
	const output = { stdout: '', stderr: '' };
	let pending = onChecked;
	child.stdout.on('data', (data) => {
		output.stdout += data;
		if (!output.stdout.includes('Checked')) return;
		pending?.();
		pending = undefined;
	});
	child.stderr.on('data', (data) => {
		output.stderr += data;
	});
	const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
	return { code, ...output };
}

test('the passwords of a deleted profile stay in no file, and other profiles keep theirs', async () => {
	const dataFolder = await temporaryFolder();
	const withPassword = (password: string) =>
		Object.fromEntries(
			Object.entries(smallRoster()).map(([name, text]) => [name, String(text).replaceAll('Welcome-2026!', password)]),
		);
	const first = await connect(dataFolder);
	const gone = await createProfile(first.client);
	const kept = await createProfile(first.client, { ...creationProfile, displayName: 'Kept' });
	await syncRoster(first.client, gone, withPassword('Synced-2026!'));
	// Uploaded, and never started.
	await uploadFiles(first.client, gone, withPassword('Deleted-2026!'));
	await uploadFiles(first.client, kept, withPassword('Waiting-2026!'));
	expect((await first.client.send('DELETE', gone)).status).toBe(202);
	await poll(
		() => first.client.get(gone),
		({ status }) => status === 404,
	);
	await first.host.stop();
	for (const password of ['Synced-2026!', 'Deleted-2026!'])
		expect(await filesWith(dataFolder, password), password).toEqual([]);
	expect(await filesWith(dataFolder, 'Waiting-2026!')).not.toEqual([]);

	const second = await connect(dataFolder);
	expect(second.host.losses).toEqual([]);
	expect((await second.client.send('POST', `${kept}/start`)).status).toBe(200);
	await untilIdle(second.client, kept);
	expect(await latestRun(second.client, kept)).toMatchObject({ outcome: 'success' });
	expect((await second.client.send('POST', `${kept}/reset`)).status).toBe(200);
	await untilIdle(second.client, kept);
	expect(await latestRun(second.client, kept)).toMatchObject({ outcome: 'success', reason: 'reset', errorCount: 0 });
	await second.host.stop();
	expect(await filesWith(dataFolder, 'Waiting-2026!')).toEqual([]);
});
