import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRoster } from '../../../bench/roster-generator.ts';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, type Json, poll, tokenFor } from '../../support/requests/graph-client.ts';
import { type DirectoryImage, directoryImage } from '../../support/rosters/directory-image.ts';
import { rosterFolder } from '../../support/rosters/roster.ts';
import { createProfile, latestRun, type RosterFiles, syncRoster, uploadFiles } from '../../support/sync-story.ts';

const students = 2_000;

let files: RosterFiles;
let undisturbed: DirectoryImage;
const folders: string[] = [];

async function temporaryFolder(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-crash-'));
	folders.push(folder);
	return folder;
}

beforeAll(async () => {
	const folder = await temporaryFolder();
	await writeRoster(folder, { students, seed: 11 });
	files = await rosterFolder(folder);
	const host = await startTestHost();
	const client = graphClient(host, await tokenFor(host));
	await syncRoster(client, await createProfile(client), files);
	undisturbed = await directoryImage(client);
	await host.dispose();
});

afterAll(async () => {
	for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Kills by signal what was started here, and waits until the process is gone. */
async function kill(host: TestHost): Promise<void> {
	process.kill(host.pid, 'SIGKILL');
	await host.ended;
}

async function connect(dataFolder: string): Promise<{ host: TestHost; client: GraphClient }> {
	const host = await startTestHost({ dataFolder, inMemory: false });
	return { host, client: graphClient(host, await tokenFor(host)) };
}

const phases = ['verify', 'shard', 'compare', 'schools', 'users', 'sections', 'memberships', 'finish'];
const reached = (run: Json | undefined, phase: string) =>
	run !== undefined && (run.outcome !== undefined || phases.indexOf(String(run.phase)) >= phases.indexOf(phase));

describe('a host that is killed in the middle of a sync', () => {
	test.for(['users', 'sections'])('in phase "%s" goes on after a restart, to the same directory', async (phase) => {
		const dataFolder = await temporaryFolder();
		const before = await connect(dataFolder);
		const profile = await createProfile(before.client);
		await uploadFiles(before.client, profile, files);
		expect((await before.client.send('POST', `${profile}/start`)).status).toBe(200);
		await poll(
			() => latestRun(before.client, profile),
			(run) => reached(run, phase),
		);
		await kill(before.host);
		await expectSameDirectory(dataFolder, profile);
	});

	test('several times in a row goes on every time', async () => {
		const dataFolder = await temporaryFolder();
		const first = await connect(dataFolder);
		const profile = await createProfile(first.client);
		await uploadFiles(first.client, profile, files);
		expect((await first.client.send('POST', `${profile}/start`)).status).toBe(200);
		await kill(first.host);
		for (const phase of ['shard', 'users', 'memberships']) {
			const next = await connect(dataFolder);
			await poll(
				() => latestRun(next.client, profile),
				(run) => reached(run, phase),
			);
			await kill(next.host);
		}
		await expectSameDirectory(dataFolder, profile);
	});

	test('during the start itself loses no upload: the files are still there, and start again', async () => {
		const dataFolder = await temporaryFolder();
		const before = await connect(dataFolder);
		const profile = await createProfile(before.client);
		await uploadFiles(before.client, profile, files);
		const start = before.client.send('POST', `${profile}/start`).catch(() => undefined);
		await poll(
			() => before.client.get(profile),
			({ body }) => body.syncStatus !== 'paused',
		);
		await kill(before.host);
		await start;
		await expectSameDirectory(dataFolder, profile);
	});
});

/** Restarts; the sync must end by itself, or after a start by the client if none had been accepted. */
async function expectSameDirectory(dataFolder: string, profile: string): Promise<void> {
	const { host, client } = await connect(dataFolder);
	try {
		const run = await poll(
			async () => (await latestRun(client, profile)) ?? startAgain(client, profile),
			(latest) => latest?.outcome !== undefined,
		);
		expect(run).toMatchObject({ outcome: 'success', errorCount: 0 });
		expect((await client.get(`${profile}/runs`)).body.value).toHaveLength(1);
		expect(await directoryImage(client)).toEqual(undisturbed);
	} finally {
		await host.dispose();
	}
}

/** As a client does whose start was never answered. A 409 says that the lost attempt still holds the profile. */
async function startAgain(client: GraphClient, profile: string): Promise<undefined> {
	const { status } = await client.send('POST', `${profile}/start`);
	expect([200, 409]).toContain(status);
}
