import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignTenant, secondTenant, startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { collect, type GraphClient, graphClient, profilesPath, tokenFor } from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, latestRun, syncRoster } from '../../support/sync-story.ts';

let host: TestHost;
let first: GraphClient;
let second: GraphClient;
let profile: string;

beforeAll(async () => {
	host = await startTestHost();
	first = graphClient(host, await tokenFor(host));
	second = graphClient(host, await tokenFor(host, secondTenant));
	profile = await createProfile(first);
	await syncRoster(first, profile, smallRoster());
});

afterAll(() => host?.dispose());

describe('two tenants', () => {
	test("never see each other's profiles, by list or by id", async () => {
		expect((await second.get(profilesPath)).body.value).toEqual([]);
		const run = `/runs/${(await latestRun(first, profile))?.id}`;
		for (const part of [
			'',
			'/profileStatus',
			'/errors',
			'/runs',
			'/uploadUrl',
			run,
			`${run}/plan`,
			`${run}/holds`,
			'/trace?user=P1&class=C1',
		]) {
			expect((await second.get(`${profile}${part}`)).status, part).toBe(404);
		}
	});

	test("cannot change, start or delete each other's profiles", async () => {
		const id = String((await latestRun(first, profile))?.id);
		const run = `/runs/${id}`;
		for (const [method, part] of [
			['PATCH', ''],
			['PUT', ''],
			['DELETE', ''],
			['POST', '/start'],
			['POST', '/start?dryRun=true'],
			['POST', `${run}/undo`],
			['POST', `${run}/holds/approve`],
			['POST', `${run}/holds/discard`],
			['POST', `${run}/holds/${id}/approve`],
			['POST', `${run}/holds/${id}/discard`],
		] as const) {
			const body = part === '' && method !== 'DELETE' ? { displayName: 'Taken over' } : undefined;
			const { status } = await second.send(method, `${profile}${part}`, body);
			expect([400, 404], `${method} ${part}`).toContain(status);
		}
		expect((await first.get(profile)).body).toMatchObject({ displayName: 'Contoso District', state: 'provisioned' });
	});

	test('have directories of their own, even with the same ids', async () => {
		for (const kind of ['schools', 'classes', 'users']) {
			expect(await collect(second, `/beta/education/${kind}`), kind).toEqual([]);
		}
		const other = await createProfile(second);
		await syncRoster(second, other, smallRoster());
		const [mine, theirs] = await Promise.all(
			[first, second].map((client) => collect(client, '/beta/education/classes')),
		);
		expect(mine).toHaveLength(3);
		expect(theirs).toHaveLength(3);
		const myIds = new Set(mine?.map(({ id }) => id));
		expect(theirs?.filter(({ id }) => myIds.has(id))).toEqual([]);
		const foreignClass = theirs?.[0]?.id;
		expect((await first.get(`/beta/education/classes/${foreignClass}/members`)).status).toBe(404);
	});

	test("cannot reach each other's uploads with an upload URL", async () => {
		const { body } = await first.get(`${profile}/uploadUrl`);
		const [container, sas] = String(body.value).split('?') as [string, string];
		const other = await createProfile(second);
		const otherContainer = container.replace(/[^/]+$/, other.slice(other.lastIndexOf('/') + 1));
		const response = await fetch(`${otherContainer}/School.csv?${sas}`, {
			method: 'PUT',
			headers: { 'x-ms-blob-type': 'BlockBlob' },
			body: 'SIS ID,Name\r\n',
		});
		expect(response.status).toBe(403);
	});

	test('cannot smuggle files into another profile by a name that looks like its container', async () => {
		const other = await createProfile(second);
		const victim = profile.slice(profile.lastIndexOf('/') + 1);
		const before = await first.get(`${profile}/runs`);
		const smuggled = Object.entries(smallRoster()).map(([name, content]) => [`${victim}/${name}`, content] as const);
		// The folder means nothing: these are the files of the profile whose upload URL it was.
		expect(await syncRoster(second, other, Object.fromEntries(smuggled))).toMatchObject({ outcome: 'success' });
		expect((await first.get(`${profile}/runs`)).body.value).toEqual(before.body.value);
	});
});

test('a tenant that is not onboarded is refused, whatever its token says', async () => {
	const stranger = graphClient(host, await tokenFor(host, foreignTenant));
	const { status, body } = await stranger.get(profilesPath);
	expect([401, 403]).toContain(status);
	expect(body).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
});
