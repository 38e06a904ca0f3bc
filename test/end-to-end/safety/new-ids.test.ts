import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, type Json, tokenFor } from '../../support/requests/graph-client.ts';
import { filesOf, newIds, oldIds, smallDistrict } from '../../support/rosters/migration.ts';
import { createProfile, syncRoster, untilIdle } from '../../support/sync-story.ts';

/** The student information system was replaced: every SIS id is new, and the usernames and names are the same. */

let host: TestHost;
let client: GraphClient;
let profile: string;

beforeAll(async () => {
	host = await startTestHost();
	client = graphClient(host, await tokenFor(host));
	profile = await createProfile(client);
});

afterAll(() => host?.dispose());

const files = (idOf: typeof oldIds) =>
	Object.fromEntries(Object.entries(filesOf(smallDistrict(), idOf)).map(([kind, text]) => [`${kind}.csv`, text]));

/** By directory id, the SIS ids of all objects, and how many members the classes have. */
async function image(): Promise<Record<string, string>> {
	const lists = await Promise.all(
		['schools', 'classes', 'users'].map(
			async (kind) => (await client.get(`/beta/education/${kind}`)).body.value as Json[],
		),
	);
	const objects = lists.flat().map(({ id, externalId }) => [String(id), String(externalId)] as const);
	return Object.fromEntries(objects);
}

async function membersOf(classId: string): Promise<number> {
	const { text } = await client.get(`/beta/education/classes/${classId}/members/$count`);
	return Number(text.replace(/\D/g, ''));
}

const status = async () =>
	(await client.get(`${profile}/profileStatus`, { prefer: 'include-unknown-enum-members' })).body;

test('new ids wait for a word, and then everybody has the same account, class and school as before', async () => {
	await syncRoster(client, profile, files(oldIds));
	const before = await image();
	expect(Object.keys(before)).toHaveLength(16);
	const [classId = ''] = Object.entries(before).find(([, sisId]) => sisId === 'C-0') ?? [];
	expect(await membersOf(classId)).toBe(5);

	const run = await syncRoster(client, profile, files(newIds()));
	expect(run).toMatchObject({ outcome: 'success', directoryWrites: 0, errorCount: 0 });
	expect(await status()).toMatchObject({
		status: 'quarantined',
		statusMessage: expect.stringMatching(
			/^Held: 2 schools \(as "S-0", now "S-000"\), 8 students, 2 teachers and 4 classes/,
		),
	});
	expect(await image()).toEqual(before);
	const holds = `${profile}/runs/${run.id}/holds`;
	const { body, headers } = await client.get(holds);
	expect(body.value).toMatchObject([
		{ kind: 'school', scope: 'rekeyed', removals: 2, rekeyed: [{ from: 'S-0', to: 'S-000', evidence: 'name' }, {}] },
		{ kind: 'student', scope: 'rekeyed', removals: 8, people: 8 },
		{ kind: 'teacher', scope: 'rekeyed', removals: 2 },
		{ kind: 'section', scope: 'rekeyed', removals: 4 },
	]);
	const plan = await client.get(`${profile}/runs/${run.id}/plan?$count=true`);
	expect((plan.body.value as Json[]).every(({ isHeld }) => isHeld === true)).toBe(true);
	expect(plan.body['@odata.count']).toBe(run.heldRemovals);

	const approved = await fetch(`${host.url}${holds}/approve`, {
		method: 'POST',
		headers: { authorization: client.authorization, 'if-match': headers.get('etag') ?? '' },
	});
	expect(approved.status).toBe(200);
	await untilIdle(client, profile);
	expect(await status()).toMatchObject({ status: 'success' });
	expect(await image()).toEqual(Object.fromEntries(Object.entries(before).map(([id, sisId]) => [id, newIds()(sisId)])));
	expect(await membersOf(classId)).toBe(5);
	expect(await syncRoster(client, profile, files(newIds()))).toMatchObject({ directoryWrites: 0, errorCount: 0 });
});

test('after a reset the new ids lead to the same objects, and there is no second one', async () => {
	const before = await image();
	expect((await client.send('POST', `${profile}/reset`)).status).toBe(200);
	await untilIdle(client, profile);
	expect(await image()).toEqual(before);
});
