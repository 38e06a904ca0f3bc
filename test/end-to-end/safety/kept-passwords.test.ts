import { afterAll, beforeAll, expect, test } from 'vitest';
import { removedPassword } from '../../../src/domain/roster/findings/removed-passwords.ts';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, tokenFor } from '../../support/requests/graph-client.ts';
import { directoryImage } from '../../support/rosters/directory-image.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, latestRun, untilIdle, uploadFiles } from '../../support/sync-story.ts';

let host: TestHost;
let client: GraphClient;

beforeAll(async () => {
	host = await startTestHost();
	client = graphClient(host, await tokenFor(host));
});

afterAll(() => host?.dispose());

test('a person is corrected in a file whose passwords are gone, and the other accounts stay as they are', async () => {
	const profile = await createProfile(client);
	const students = String(smallRoster()['Student.csv']).replace('P4,S2,', 'P4,S9,');
	await uploadFiles(client, profile, smallRoster({ 'Student.csv': students }));
	expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
	expect((await client.send('POST', `${profile}/resume`)).status).toBe(200);
	await untilIdle(client, profile);
	const run = await latestRun(client, profile);
	expect(run).toMatchObject({ outcome: 'error', tallies: { student: { added: 3 } } });

	const { text: faulty } = await client.get(`${profile}/runs/${run?.id}/report/student.csv`);
	expect(faulty).toContain('P4,S9,Wim,Dale,wdale,Welcome-2026!,10');
	await uploadFiles(client, profile, smallRoster({ 'Student.csv': faulty.replace('P4,S9,', 'P4,S2,') }));
	const started = await client.send('POST', `${profile}/start`);
	expect(started.status, started.text).toBe(200);
	await untilIdle(client, profile);
	expect(await latestRun(client, profile)).toMatchObject({
		outcome: 'success',
		errorCount: 0,
		tallies: { student: { added: 1, changed: 0, removed: 0, unchanged: 3 } },
	});
	const before = await directoryImage(client);
	expect(JSON.stringify((await client.get('/beta/education/users')).body)).not.toContain(removedPassword);

	expect((await client.send('POST', `${profile}/reset`)).status).toBe(200);
	await untilIdle(client, profile);
	expect(await latestRun(client, profile)).toMatchObject({ reason: 'reset', outcome: 'success', errorCount: 0 });
	expect(await directoryImage(client)).toEqual(before);
});
