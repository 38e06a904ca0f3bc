import { afterAll, beforeAll, expect, test } from 'vitest';
import { secondTenant, startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import { type GraphClient, graphClient, type Json, tokenFor } from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { createProfile, syncRoster } from '../support/sync-story.ts';

let host: TestHost;
let admin: GraphClient;
let vendor: GraphClient;
let profile: string;

beforeAll(async () => {
	host = await startTestHost();
	admin = graphClient(host, await tokenFor(host, undefined, 'admin-tool'));
	vendor = graphClient(host, await tokenFor(host, undefined, 'vendor-tool'));
	profile = await createProfile(admin);
});

afterAll(() => host?.dispose());

test('what somebody did is there at once, newest first, by whom; what happened by itself and what was refused is not', async () => {
	await syncRoster(vendor, profile, smallRoster());
	await admin.send('PATCH', profile, { displayName: 'North' });
	expect((await admin.send('PATCH', profile, { displayName: '' })).status).toBeGreaterThanOrEqual(400);
	await vendor.send('POST', `${profile}/pause`);
	const entries = (await admin.get(`${profile}/audit`)).body.value as Json[];
	expect(entries.map(({ action }) => action)).toEqual([
		'profile.paused',
		'profile.changed',
		'run.started',
		'files.verified',
		'upload.allowed',
		'profile.created',
	]);
	const [paused, changed, started] = entries as [Json, Json, Json];
	expect(paused.actorId).not.toBe(changed.actorId);
	expect(started.actorId).toBe(paused.actorId);
	const [run] = (await admin.get(`${profile}/runs`)).body.value as Json[];
	expect(started.runId).toBe(run?.id);
	const { body } = await admin.get(`${profile}/audit?$filter=actorId eq '${paused.actorId}'&$select=action`);
	expect((body.value as Json[]).map(({ action }) => action)).not.toContain('profile.changed');
});

test('another tenant sees nothing of it, and with the profile it goes', async () => {
	const stranger = graphClient(host, await tokenFor(host, secondTenant));
	expect((await stranger.get(`${profile}/audit`)).status).toBe(404);
	await admin.send('DELETE', profile);
	let status = 200;
	while (status !== 404) ({ status } = await admin.get(`${profile}/audit`));
	expect(status).toBe(404);
});
