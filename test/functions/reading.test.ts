import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRunId, syncErrorId } from '../../src/domain/run-id.ts';
import type { SyncError } from '../../src/domain/sync-error.ts';
import { syncDeps } from '../../src/wiring.ts';
import { type ApiCall, type ApiUnderTest, profilesUrl, serviceUrl, startApi } from '../support/api-under-test.ts';
import type { Json } from '../support/graph-client.ts';
import { profile } from '../support/profile-builder.ts';
import { otherTenant, ownTenant } from '../support/tenants.ts';

let api: ApiUnderTest;
let other: ApiCall;

beforeAll(async () => {
	api = await startApi();
	other = { claims: { tid: otherTenant, iss: `${api.authority}/${otherTenant}/v2.0` } };
});

afterAll(() => api?.stop());

/** The items of each page, following the next links as a client does. */
async function pages(first: string, call: ApiCall = {}): Promise<Json[][]> {
	const all: Json[][] = [];
	for (let url: string | undefined = first; url; ) {
		const { status, body } = await api.call(url, call);
		if (status !== 200) throw new Error(`GET ${url} answered ${status}: ${JSON.stringify(body)}`);
		all.push(body.value as Json[]);
		url = body['@odata.nextLink'] as string | undefined;
	}
	return all;
}

describe('the errors of a profile', () => {
	const runId = newRunId(new Date('2026-03-02T10:00:00Z'), 'a'.repeat(18));
	const errors = Array.from(
		{ length: 5 },
		(_, index): SyncError => ({
			id: syncErrorId({ runId, stage: 2, shard: 0, index }),
			entryType: 'Student',
			errorCode: 'UnsynchronizableChange',
			errorMessage: `Row ${index} could not be synced.`,
			joiningValue: `student${index}@example.org`,
			reportableIdentifier: `student${index}`,
			recordedDateTime: '2026-03-02T10:00:00Z',
		}),
	);
	const owner = profile();
	const url = `${profilesUrl}/${owner.id}/errors`;

	beforeAll(async () => {
		await syncDeps().profiles.insert(owner);
		await syncDeps().errors.save(owner.id, errors);
	});

	test('come in order, in pages, and each page says how many there are in all', async () => {
		expect(await pages(`${url}?$top=2`)).toEqual([errors.slice(0, 2), errors.slice(2, 4), errors.slice(4)]);
		const { body } = await api.call(`${url}?$top=2`);
		expect(body).toMatchObject({
			'@odata.context': `${serviceUrl}/beta/$metadata#education/synchronizationProfiles('${owner.id}')/errors`,
			'@odata.count': 5,
			'@odata.nextLink': expect.stringContaining(`${url}?$top=2&$skiptoken=`),
		});
	});

	test('expanded beside their profile go on behind a link that holds while others come', async () => {
		const many = Array.from({ length: 250 }, (_, index) => ({
			...(errors[0] as SyncError),
			id: syncErrorId({ runId, stage: 9, shard: 0, index }),
		}));
		const profileId = '018f0000-0000-7000-8000-0000000000e1';
		await syncDeps().profiles.insert(profile({ id: profileId }));
		await syncDeps().errors.save(profileId, many);
		const { body } = await api.call(`${profilesUrl}/${profileId}?$expand=errors`);
		// An error that comes before all that were shown shifts nothing.
		await syncDeps().errors.save(profileId, errors.slice(0, 1));
		const rest = (await pages(body['errors@odata.nextLink'] as string)).flat();
		expect([...(body.errors as Json[]), ...rest].map(({ id }) => id)).toEqual(many.map(({ id }) => id));
		expect(body['errors@odata.count']).toBe(250);
	});

	test('in an order of their own go on by links that name nobody', async () => {
		const ordered = `${url}?$orderby=reportableIdentifier desc&$top=2`;
		const backwards = [...errors].reverse();
		expect(await pages(ordered)).toEqual([backwards.slice(0, 2), backwards.slice(2, 4), backwards.slice(4)]);
		const link = new URL((await api.call(ordered)).body['@odata.nextLink'] as string);
		const token = link.searchParams.get('$skiptoken') as string;
		expect(Buffer.from(token.slice(8), 'base64url').toString('utf8')).not.toContain('student');
		const { status, body } = await api.call(`${url}?$filter=reportableIdentifier eq Ardent`);
		expect([status, JSON.stringify(body)]).toEqual([400, expect.not.stringContaining('Ardent')]);
	});

	test('may be read by who may only read', async () => {
		const reader = { claims: { roles: ['EduAdministration.Read.All'] } };
		expect((await api.call(url, reader)).status).toBe(200);
		const refused = await api.call(`${profilesUrl}/${owner.id}/uploadUrl`, reader);
		expect([refused.status, refused.body]).toMatchObject([403, { error: { code: 'Forbidden' } }]);
	});

	test('are not there for another tenant', async () => {
		expect((await api.call(url, other)).status).toBe(404);
	});
});

describe('the directory', () => {
	const ids: { school: string; section: string; users: string[] } = { school: '', section: '', users: [] };
	const idOf = (outcome: { ok: boolean; id?: string } | undefined) => outcome?.id ?? '';
	const educationUrl = `${serviceUrl}/beta/education`;

	beforeAll(async () => {
		const { directory } = syncDeps();
		const shared = { externalSourceDetail: 'profile', updatesDisplayName: true, attributes: {} };
		const [school] = await directory.putSchools(ownTenant, [
			{ ...shared, externalId: 'S1', displayName: 'North School' },
		]);
		ids.school = idOf(school);
		const users = await directory.putUsers(
			ownTenant,
			['student', 'student', 'teacher'].map((role, at) => ({
				...shared,
				role: role as 'student' | 'teacher',
				externalId: `P${at}`,
				account: {
					mode: 'create',
					userPrincipalName: `p${at}@example.org`,
					displayName: `Person ${at}`,
					password: 'Welcome-2026!',
				},
				schoolIds: [ids.school],
				skuIds: [],
			})),
		);
		ids.users = users.map(idOf);
		const [section] = await directory.putClasses(ownTenant, [
			{ ...shared, externalId: 'C1', displayName: 'Maths', mailNickname: 'Section_C1', schoolId: ids.school },
		]);
		ids.section = idOf(section);
		const [one, two, teacher] = ids.users as [string, string, string];
		await directory.changeMembers(ownTenant, [
			{ classId: ids.section, role: 'student', add: [one, two], remove: [] },
			{ classId: ids.section, role: 'teacher', add: [teacher], remove: [] },
		]);
	});

	test('lists schools, classes and users in pages, and counts them if asked', async () => {
		const found = (await pages(`${educationUrl}/users?$top=1`)).flat();
		expect(found.map(({ id }) => id).sort()).toEqual([...ids.users].sort());
		expect(JSON.stringify(found)).not.toContain('Welcome-2026!');
		expect((await api.call(`${educationUrl}/users?$count=true&$top=1`)).body['@odata.count']).toBe(3);
		expect((await api.call(`${educationUrl}/users`)).body).not.toHaveProperty('@odata.count');
		expect((await pages(`${educationUrl}/Schools`)).flat()).toMatchObject([
			{ id: ids.school, displayName: 'North School' },
		]);
	});

	test('shows one of them by its id', async () => {
		for (const path of [`classes/${ids.section}`, `classes('${ids.section}')`]) {
			expect((await api.call(`${educationUrl}/${path}`)).body, path).toMatchObject({
				'@odata.context': `${serviceUrl}/beta/$metadata#education/classes/$entity`,
				id: ids.section,
				displayName: 'Maths',
			});
		}
	});

	test('counts the teachers of a class among its members, page by page', async () => {
		const [one, two, teacher] = ids.users;
		const members = (await pages(`${educationUrl}/classes/${ids.section}/members?$top=1`)).map(([user]) => user?.id);
		expect(members.sort()).toEqual([one, two, teacher].sort());
		const teachers = await pages(`${educationUrl}/classes/${ids.section}/teachers`);
		expect(teachers).toMatchObject([[{ id: teacher }]]);
	});

	test('counts the members of a class if asked', async () => {
		const url = `${educationUrl}/classes/${ids.section}/members?$top=1`;
		expect((await api.call(`${url}&$count=true`)).body['@odata.count']).toBe(3);
		expect((await api.call(url)).body).not.toHaveProperty('@odata.count');
	});

	test.each(['$skip=1', '$filter=false', '$orderby=id', '$search=x', '$expand=classes'])(
		'does not take %s, and says so instead of answering something else',
		async (option) => {
			for (const list of ['users', `classes/${ids.section}/members`]) {
				const { status, body } = await api.call(`${educationUrl}/${list}?${option}`);
				expect([status, body], list).toMatchObject([400, { error: { details: [{ code: 'InvalidQueryOption' }] } }]);
			}
		},
	);

	test('has nothing of it for another tenant', async () => {
		for (const kind of ['schools', 'classes', 'users']) {
			expect((await pages(`${educationUrl}/${kind}`, other)).flat(), kind).toEqual([]);
		}
		expect((await api.call(`${educationUrl}/schools/${ids.school}`, other)).status).toBe(404);
		expect((await api.call(`${educationUrl}/classes/${ids.section}/members`, other)).status).toBe(404);
	});
});
