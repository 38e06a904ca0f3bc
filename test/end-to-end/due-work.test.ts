import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstTenant, startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import { type GraphClient, graphClient, poll, tokenFor } from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { createProfile, creationProfile, syncRoster, untilIdle, uploadFiles } from '../support/sync-story.ts';
import { changeStored, doDueNow } from '../support/worlds/due-now.ts';

let host: TestHost;
let client: GraphClient;

beforeAll(async () => {
	host = await startTestHost({ settings: { QUIET_SECONDS: '1' } });
	client = graphClient(host, await tokenFor(host));
});

afterAll(() => host?.dispose());

const idOf = (profile: string) => profile.split('/').at(-1) as string;
const reasonsOf = async (profile: string) =>
	((await client.get(`${profile}/runs`)).body.value as { reason: string }[]).map(({ reason }) => reason);
const look = (profile: string) => doDueNow(host, firstTenant, idOf(profile));
/** Open for a quarter of an hour of one day of the week that is not near. */
function closedNow() {
	const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
	const day = days[(new Date().getUTCDay() + 3) % days.length];
	return { timeZone: 'UTC', windows: [{ days: [day], from: '12:00', to: '12:15' }] };
}

test('the chores of the deployment are done, again and again, and take nothing that is young', async () => {
	const profile = await createProfile(client);
	await syncRoster(client, profile, smallRoster());
	for (const chore of ['retention', 'replanning', 'census', 'retention']) await doDueNow(host, 'deployment', chore);
	expect(await reasonsOf(profile)).toHaveLength(1);
	expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success', directoryWrites: 0 });
	expect(host.log()).not.toContain('"dueWork" failed');
});

test('what failed is shown to be tried again, and is', async () => {
	const profile = await createProfile(client);
	const run = await syncRoster(client, profile, smallRoster());
	expect((await client.get(profile)).body).not.toHaveProperty('nextDue');
	const finishedDateTime = new Date(Date.now() - 7 * 60 * 60 * 1000).toISOString();
	const lastEnd = { runId: String(run.id), finishedDateTime, isRetryable: true, retries: 0, failedRuns: 0 } as const;
	await changeStored(host, { tenantId: firstTenant, profileId: idOf(profile) }, (stored) => ({
		...stored,
		status: 'error',
		lastEnd,
	}));
	const dateTime = new Date(Date.parse(finishedDateTime) + 6 * 60 * 60 * 1000).toISOString();
	expect((await client.get(profile)).body.nextDue).toEqual({ dateTime, reason: 'retry' });
	await look(profile);
	await untilIdle(client, profile);
	expect(await reasonsOf(profile)).toEqual(['schedule', 'start']);
	await look(profile);
	expect(await reasonsOf(profile)).toHaveLength(2);
});

test('uploads wait for the calendar, which says so, and start a sync when it is taken away', async () => {
	const profile = await createProfile(client, { ...creationProfile, calendar: closedNow() });
	await uploadFiles(client, profile, smallRoster());
	const { body } = await poll(
		() => client.get(`${profile}/profileStatus`),
		(answer) => String(answer.body.statusMessage).includes('wait for the calendar'),
	);
	expect(body.status).toBe('paused');
	expect((await client.get(profile)).body).toMatchObject({
		calendar: closedNow(),
		nextDue: { reason: 'uploads', dateTime: expect.stringMatching(/T12:00:00\.000Z$/) },
	});
	await look(profile);
	expect(await reasonsOf(profile)).toEqual([]);
	await client.send('PATCH', profile, { calendar: null });
	await poll(
		() => client.get(profile),
		(answer) => answer.body.state === 'provisioned',
	);
	await look(profile);
	await untilIdle(client, profile);
	expect(await reasonsOf(profile)).toEqual(['drop']);
	expect((await client.get(`${profile}/profileStatus`)).body.statusMessage).toMatch(/^Processed 19 /);
});
