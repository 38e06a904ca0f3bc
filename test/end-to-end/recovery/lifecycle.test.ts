import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRoster } from '../../../bench/roster-generator.ts';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import {
	collect,
	type GraphClient,
	graphClient,
	type Json,
	poll,
	tokenFor,
} from '../../support/requests/graph-client.ts';
import { rosterFolder, smallRoster } from '../../support/rosters/roster.ts';
import {
	createProfile,
	latestRun,
	type RosterFiles,
	syncRoster,
	untilIdle,
	uploadFiles,
} from '../../support/sync-story.ts';

/** Pause, resume and reset of runs that are really under way. */

let host: TestHost;
let client: GraphClient;
let files: RosterFiles;

beforeAll(async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-lifecycle-'));
	await writeRoster(folder, { students: 3_000, seed: 5 });
	files = await rosterFolder(folder);
	await rm(folder, { recursive: true, force: true });
	host = await startTestHost();
	client = graphClient(host, await tokenFor(host));
});

afterAll(() => host?.dispose());

async function act(profile: string, action: string): Promise<void> {
	const answer = await client.send('POST', `${profile}/${action}`);
	expect([answer.status, answer.text], action).toEqual([200, '']);
}

const statusOf = async (profile: string) => (await client.get(`${profile}/profileStatus`)).body;

/** Starts and comes back in the middle of the run. */
async function startAndWaitFor(profile: string, phases: readonly string[]): Promise<void> {
	await uploadFiles(client, profile, files);
	expect((await client.send('POST', `${profile}/start`)).status).toBe(200);
	const run = await poll(
		() => latestRun(client, profile),
		(each) => each !== undefined && (each.outcome !== undefined || phases.includes(String(each.phase))),
	);
	expect(run?.outcome).toBeUndefined();
}

const tallyOf = (run: Json | undefined, kind: string) => (run?.tallies as Json | undefined)?.[kind];

/** Of a suspended run the steps under way finish; after that nothing moves. */
async function untilStill(profile: string): Promise<Json | undefined> {
	let before = JSON.stringify(await latestRun(client, profile));
	return poll(
		async () => {
			for (let pause = 0; pause < 10; pause++) await new Promise((resolve) => setTimeout(resolve, 100));
			const now = await latestRun(client, profile);
			const isStill = JSON.stringify(now) === before;
			before = JSON.stringify(now);
			return { now, isStill };
		},
		({ isStill }) => isStill,
	).then(({ now }) => now);
}

describe('uploads that were spoilt through their URL', () => {
	test('by leases make one run, and the next upload another', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster());
		const { body } = await client.get(`${profile}/uploadUrl`);
		const [container, sas] = String(body.value).split('?') as [string, string];
		for (const name of Object.keys(smallRoster())) {
			const headers = { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '-1' };
			expect((await fetch(`${container}/${name}?comp=lease&${sas}`, { method: 'PUT', headers })).status).toBe(201);
		}
		expect((await client.send('POST', `${profile}/start`)).status).toBe(200);
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success' });
		expect((await client.send('POST', `${profile}/start`)).body.value).toHaveLength(6);
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success' });
	});

	test('by the archive tier are refused with the reason', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster());
		const { body } = await client.get(`${profile}/uploadUrl`);
		const [container, sas] = String(body.value).split('?') as [string, string];
		const headers = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-access-tier': 'Archive' };
		const archived = await fetch(`${container}/School.csv?${sas}`, { method: 'PUT', headers, body: 'SIS ID,Name\r\n' });
		expect(archived.status).toBe(201);
		const refused = await client.send('POST', `${profile}/start`);
		const [message] = refused.body.value as Json[];
		expect([refused.status, message]).toEqual([
			400,
			{ type: 'Error', fileName: 'school.csv', description: expect.stringContaining('BlobArchived') },
		]);
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success' });
	});
});

describe('a run that is under way', () => {
	test('stands still while it is paused, and goes on to the same end when it is resumed', async () => {
		const profile = await createProfile(client);
		await startAndWaitFor(profile, ['shard', 'compare', 'schools', 'users']);
		await act(profile, 'pause');
		await act(profile, 'pause');
		expect(await statusOf(profile)).toMatchObject({ status: 'paused' });
		expect((await client.get(`${profile}/uploadUrl`)).status).toBe(200);
		const still = await untilStill(profile);
		expect(still?.outcome).toBeUndefined();
		await act(profile, 'resume');
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success', errorCount: 0 });
		const run = await latestRun(client, profile);
		expect(run).toMatchObject({ id: still?.id, outcome: 'success' });
		expect(tallyOf(run, 'student')).toMatchObject({ added: 3_000, failed: 0 });
	});

	test('takes pauses and resumes by several at once, never with a failure, and ends as if there had been none', async () => {
		const profile = await createProfile(client);
		await startAndWaitFor(profile, ['shard', 'compare', 'schools', 'users']);
		for (let round = 0; round < 4; round++)
			await Promise.all(['pause', 'resume', 'pause', 'resume', 'pause'].map((action) => act(profile, action)));
		await Promise.all(['resume', 'resume', 'resume'].map((action) => act(profile, action)));
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success', errorCount: 0 });
		// On a slow machine the run is over before the last pause, and the resume syncs the same files anew.
		const [latest, ...earlier] = (await collect(client, `${profile}/runs`)).map(({ outcome }) => outcome);
		expect(latest).toBe('success');
		for (const outcome of earlier) expect(outcome).toMatch(/^(success|terminated)$/);
	});

	test('goes on with the resume, whatever was refused while it was paused', async () => {
		const profile = await createProfile(client);
		await startAndWaitFor(profile, ['shard', 'compare', 'schools', 'users']);
		await act(profile, 'pause');
		expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
		expect(await statusOf(profile)).toMatchObject({ status: 'validationError' });
		await act(profile, 'resume');
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success' });
		const runs = await collect(client, `${profile}/runs`);
		expect(runs.map(({ outcome }) => outcome)).toEqual(['refused', 'success']);
	});

	test('is ended by a reset, which syncs the same files anew', async () => {
		const profile = await createProfile(client);
		await startAndWaitFor(profile, ['shard', 'compare', 'schools', 'users']);
		await act(profile, 'reset');
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success' });
		const runs = await collect(client, `${profile}/runs`);
		expect(runs.map(({ reason, outcome }) => [reason, outcome])).toEqual([
			['reset', 'success'],
			['start', 'terminated'],
		]);
	});

	test('gives way, when paused, to a start with other files', async () => {
		const profile = await createProfile(client);
		await startAndWaitFor(profile, ['shard', 'compare', 'schools', 'users']);
		await act(profile, 'pause');
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ reason: 'start', outcome: 'success' });
		const runs = await collect(client, `${profile}/runs`);
		expect(runs.map(({ outcome }) => outcome)).toEqual(['success', 'terminated']);
	});

	test('goes on when its profile is changed, and is seen through', async () => {
		const profile = await createProfile(client);
		await startAndWaitFor(profile, ['shard', 'compare', 'schools', 'users']);
		expect((await client.send('PATCH', profile, { displayName: 'Renamed' })).status).toBe(202);
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success' });
		expect((await client.get(profile)).body).toMatchObject({ displayName: 'Renamed', state: 'provisioned' });
	});
});

describe('after verification errors', () => {
	const orphan = { 'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,P1\r\nC9,P1\r\nC1,P9\r\n' };

	test('resume syncs the rows without one and keeps the errors of the others', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster(orphan));
		expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
		await act(profile, 'resume');
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success', errorCount: 2 });
		const run = await latestRun(client, profile);
		expect(run).toMatchObject({ reason: 'resume', outcome: 'success' });
		expect(tallyOf(run, 'studentEnrollment')).toMatchObject({ added: 1 });
		expect((await client.get(`${profile}/errors`)).body['@odata.count']).toBe(2);
		const report = await client.get(`${profile}/runs/${run?.id}/report`);
		expect(report.headers.get('content-type')).toBe('text/csv; charset=utf-8');
		expect(report.text.split('\r\n').map((row) => row.split(',').slice(0, 3).join(','))).toEqual([
			'File,Line,SIS ID',
			'studentenrollment.csv,3,C9 / P1',
			'studentenrollment.csv,4,C1 / P9',
			'',
		]);
	});

	test('the faulty rows, corrected and uploaded in place of their file, are enough', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster(orphan));
		expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
		const refused = await latestRun(client, profile);
		const rows = await client.get(`${profile}/runs/${refused?.id}/report/studentenrollment.csv`);
		expect(rows.headers.get('content-disposition')).toBe('attachment; filename="studentenrollment.csv"');
		const corrected = rows.text.replace('C9,P1', 'C2,P1').replace('C1,P9', 'C1,P2');
		await uploadFiles(client, profile, { 'StudentEnrollment.csv': corrected });
		const { status, body } = await client.send('POST', `${profile}/start`);
		expect([status, body.value]).toEqual([
			200,
			[
				{
					type: 'Information',
					fileName: 'studentenrollment.csv',
					description: '2 corrected row(s) were put into the file.',
				},
			],
		]);
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success', errorCount: 0 });
		const run = await latestRun(client, profile);
		expect(tallyOf(run, 'studentEnrollment')).toMatchObject({ added: 3 });
	});

	test('resume of files that cannot be read is refused with what is wrong', async () => {
		const profile = await createProfile(client);
		const { 'Student.csv': _, ...incomplete } = smallRoster();
		await uploadFiles(client, profile, incomplete);
		expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
		const { status, body } = await client.send('POST', `${profile}/resume`);
		expect([status, (body.value as Json[])[0]]).toEqual([
			400,
			{ type: 'Error', fileName: 'student.csv', description: 'File is missing.' },
		]);
		expect(await statusOf(profile)).toMatchObject({ status: 'validationError' });
	});
});

describe('a reset', () => {
	test('forgets the history but not the directory: whoever is no longer in the files stays', async () => {
		const profile = await createProfile(client);
		await syncRoster(client, profile, smallRoster());
		await syncRoster(client, profile, smallRoster({ 'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,P1\r\n' }));
		// Other profiles of the tenant have the same classes, and whom they have there stays.
		expect(tallyOf(await latestRun(client, profile), 'studentEnrollment')).toMatchObject({ removed: 4 });
		await act(profile, 'reset');
		await untilIdle(client, profile);
		const run = await latestRun(client, profile);
		expect(run).toMatchObject({ reason: 'reset', outcome: 'success' });
		expect(tallyOf(run, 'studentEnrollment')).toMatchObject({ added: 1, removed: 0 });
	});

	test('of a profile that never had files leaves it waiting', async () => {
		const profile = await createProfile(client);
		await act(profile, 'reset');
		expect(await statusOf(profile)).toMatchObject({ status: 'paused', errorCount: 0 });
		expect(await collect(client, `${profile}/runs`)).toEqual([]);
	});
});
