import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import {
	collect,
	type GraphClient,
	graphClient,
	type Json,
	poll,
	profilesPath,
	tokenFor,
} from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import {
	createProfile,
	creationProfile,
	latestRun,
	syncRoster,
	untilIdle,
	uploadFiles,
} from '../support/sync-story.ts';

let host: TestHost;
let client: GraphClient;

async function connect(settings: Record<string, string> = {}): Promise<void> {
	host = await startTestHost({ settings });
	client = graphClient(host, await tokenFor(host));
}

const names = (items: readonly Json[]) => items.map((item) => item.displayName).sort();

describe('the whole story over plain HTTP', () => {
	let profile: string;

	beforeAll(() => connect());
	afterAll(() => host?.dispose());

	test('POST answers 202 with the profile and where it is, and it becomes provisioned', async () => {
		const created = await client.send('POST', profilesPath, creationProfile);
		expect(created.status).toBe(202);
		expect(created.body).toMatchObject({ displayName: 'Contoso District', state: 'provisioning' });
		profile = `${profilesPath}/${created.body.id}`;
		expect(created.headers.get('location')).toBe(`${host.url}${profile}`);
		await poll(
			() => client.get(profile),
			({ body }) => body.state === 'provisioned',
		);
	});

	test('six PUTs and a start fill the directory', async () => {
		await uploadFiles(client, profile, smallRoster());
		const started = await client.send('POST', `${profile}/start`);
		expect([started.status, started.body.value]).toEqual([200, []]);
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success', errorCount: 0 });
		expect((await client.get(`${profile}/errors`)).body).toMatchObject({ '@odata.count': 0, value: [] });

		expect(names(await collect(client, '/beta/education/schools'))).toEqual(['North School', 'South School']);
		const classes = await collect(client, '/beta/education/classes');
		expect(names(classes)).toEqual(['Chemistry', 'Latin', 'Maths']);
		const users = await collect(client, '/beta/education/users?$top=2');
		expect(users.map((user) => user.userPrincipalName).sort()).toEqual([
			'ufern@example.org',
			'velm@example.org',
			'wdale@students.example.org',
			'xcliff@students.example.org',
			'ybrook@students.example.org',
			'zardent@students.example.org',
		]);
		const teacher = users.find((user) => user.userPrincipalName === 'velm@example.org');
		expect(teacher).toMatchObject({
			displayName: 'Vera Elm',
			primaryRole: 'teacher',
			assignedLicenses: [{ skuId: '6fd2c87f-b296-42f0-b197-1e91e994b900' }],
		});
		expect(JSON.stringify(users)).not.toContain('Welcome-2026!');

		const maths = classes.find((one) => one.displayName === 'Maths');
		const members = await collect(client, `/beta/education/classes/${maths?.id}/members`);
		const teachers = await collect(client, `/beta/education/classes/${maths?.id}/teachers`);
		expect(names(members)).toEqual(['Vera Elm', 'Yusuf Brook', 'Zoë Ardent']);
		expect(names(teachers)).toEqual(['Vera Elm']);
	});

	test('the directory shows who belongs to which school and class', async () => {
		const idOf = async (kind: string, filter: string) =>
			(await collect(client, `/beta/education/${kind}?$filter=${encodeURIComponent(filter)}`))[0]?.id;
		const north = await idOf('schools', "startswith(displayName,'north')");
		const vera = await idOf('users', "userPrincipalName eq 'velm@example.org'");
		const yusuf = await idOf('users', "externalId eq 'P2'");
		const latin = await idOf('classes', "displayName eq 'Latin'");
		const listed = async (path: string) => names(await collect(client, `/beta/education/${path}?$top=1`));
		expect(await listed(`schools/${north}/classes`)).toEqual(['Latin', 'Maths']);
		expect(await listed(`schools/${north}/users`)).toEqual(['Vera Elm', 'Yusuf Brook', 'Zoë Ardent']);
		expect(await listed(`classes/${latin}/schools`)).toEqual(['North School']);
		expect(await listed(`users/${vera}/schools`)).toEqual(['North School']);
		expect(await listed(`users/${yusuf}/classes`)).toEqual(['Latin', 'Maths']);
		expect(await listed(`users/${yusuf}/taughtClasses`)).toEqual([]);
		expect(await listed(`users/${vera}/taughtClasses`)).toEqual(['Latin', 'Maths']);
	});

	test('the same roster again writes nothing to the directory', async () => {
		const run = await syncRoster(client, profile, smallRoster());
		expect(run).toMatchObject({ outcome: 'success', directoryWrites: 0 });
		expect(run.tallies).toMatchObject({ student: { added: 0, changed: 0, removed: 0, unchanged: 4 } });
	});

	test('a changed roster writes only what changed, and removes only memberships', async () => {
		const enrollments = 'Section SIS ID,SIS ID\r\nC1,P1\r\nC2,P2\r\nC3,P3\r\n';
		const run = await syncRoster(client, profile, smallRoster({ 'StudentEnrollment.csv': enrollments }));
		expect(run).toMatchObject({ outcome: 'success', directoryWrites: 2 });
		expect(run.tallies).toMatchObject({ studentEnrollment: { added: 0, removed: 2, unchanged: 3 } });
		expect(await collect(client, '/beta/education/users')).toHaveLength(6);
	});

	test('a faulty file is refused with both messages and error, and one fixed file is enough', async () => {
		const faulty = 'SIS ID,School SIS ID,Section Name\r\nC1,S1,Maths\r\nC2,,Latin\r\nC3,S2,Chemistry\r\n';
		await uploadFiles(client, profile, smallRoster({ 'Section.csv': faulty }));
		const refused = await client.send('POST', `${profile}/start`);
		expect(refused.status).toBe(400);
		expect(refused.body).toMatchObject({
			error: { message: expect.any(String) },
			value: [
				{
					type: 'Error',
					fileName: 'section.csv',
					description: '1 row(s) have missing data for the field - School SIS ID',
				},
			],
		});
		expect((await client.get(`${profile}/profileStatus`)).body.status).toBe('validationError');
		const errors = await collect(client, `${profile}/errors`);
		expect(errors).toEqual([
			expect.objectContaining({
				entryType: 'Section',
				errorMessage: expect.stringContaining('line 3'),
				reportableIdentifier: 'C2',
			}),
		]);
		const fixed = smallRoster()['Section.csv'] as string;
		expect(await syncRoster(client, profile, { 'Section.csv': fixed })).toMatchObject({ outcome: 'success' });
		expect(await collect(client, `${profile}/errors`)).toEqual([]);
	});

	test('DELETE removes the profile and leaves the directory as it is', async () => {
		expect((await client.send('DELETE', profile)).status).toBe(202);
		await poll(
			() => client.get(profile),
			({ status }) => status === 404,
		);
		expect((await client.get(`${profile}/errors`)).status).toBe(404);
		expect(await collect(client, '/beta/education/users')).toHaveLength(6);
	});
});

describe('six PUTs without a start', () => {
	beforeAll(() => connect({ QUIET_SECONDS: '1' }));
	afterAll(() => host?.dispose());

	test('start one sync, once, when they have rested', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster());
		const run = await poll(
			() => latestRun(client, profile),
			(latest) => latest?.outcome !== undefined,
		);
		expect(run).toMatchObject({ reason: 'drop', outcome: 'success' });
		expect((await client.get(`${profile}/profileStatus`)).body.status).toBe('success');
		expect((await client.get(`${profile}/runs`)).body.value).toHaveLength(1);
	});

	test('show their faults in status and errors, and a fixed file starts the sync', async () => {
		const profile = await createProfile(client);
		const faulty = 'Section SIS ID,SIS ID\r\nC1,NOBODY\r\n';
		await uploadFiles(client, profile, smallRoster({ 'StudentEnrollment.csv': faulty }));
		const status = await poll(
			async () => (await client.get(`${profile}/profileStatus`)).body,
			(body) => body.status === 'validationError',
		);
		expect(status.statusMessage).toContain('studentenrollment.csv');
		await uploadFiles(client, profile, { 'StudentEnrollment.csv': smallRoster()['StudentEnrollment.csv'] as string });
		await poll(
			async () => (await client.get(`${profile}/profileStatus`)).body,
			(body) => body.status === 'success',
		);
		expect((await client.get(`${profile}/runs`)).body.value).toHaveLength(2);
	});

	test('and a start after them answer as if it had begun the sync, while it runs and when it is done', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, { ...smallRoster(), 'readme.txt': 'no roster' });
		await poll(
			() => latestRun(client, profile),
			(latest) => latest !== undefined,
		);
		const value = [expect.objectContaining({ type: 'Warning', fileName: 'readme.txt' })];
		expect(await client.send('POST', `${profile}/start`)).toMatchObject({ status: 200, body: { value } });
		await untilIdle(client, profile);
		expect(await client.send('POST', `${profile}/start`)).toMatchObject({ status: 200, body: { value } });
		expect((await client.get(`${profile}/profileStatus`)).body.status).toBe('success');
		expect((await client.get(`${profile}/runs`)).body.value).toHaveLength(1);
		expect((await collect(client, `${profile}/errors`)).map(({ errorMessage }) => errorMessage)).toEqual([
			expect.stringContaining('readme.txt'),
		]);
		expect(host.log()).not.toMatch(/error|warn/i);
	});

	test('and a client that is slow ends with exactly the files that it uploaded', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster());
		await poll(
			() => latestRun(client, profile),
			(latest) => latest?.outcome !== undefined,
		);
		const grade = String(smallRoster()['Student.csv']).replace('Zoë', 'Zora');
		await uploadFiles(client, profile, { 'Student.csv': grade });
		expect(await client.send('POST', `${profile}/start`)).toMatchObject({ status: 200, body: { value: [] } });
		await untilIdle(client, profile);
		expect(await latestRun(client, profile)).toMatchObject({ reason: 'start', outcome: 'success' });
		const users = await collect(client, '/beta/education/users');
		expect(users.map(({ givenName }) => givenName)).toContain('Zora');
	});

	test('and three starts of the same files make one run, whoever is first', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster());
		const answers = await Promise.all([1, 2, 3].map(() => client.send('POST', `${profile}/start`)));
		// One start has them, or an automatic one was first and all three answer for it.
		const accepted = answers.filter(({ status }) => status === 200);
		expect([1, 3]).toContain(accepted.length);
		expect(answers.filter(({ status }) => status === 409)).toHaveLength(3 - accepted.length);
		await poll(
			() => latestRun(client, profile),
			(run) => run?.outcome === 'success',
		);
		// Long enough for a second run to show, had one been started.
		await new Promise((resolve) => setTimeout(resolve, 2_500));
		expect((await client.get(`${profile}/runs`)).body.value).toHaveLength(1);
	});
});
