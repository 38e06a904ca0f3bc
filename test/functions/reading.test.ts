import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRunId, syncErrorId } from '../../src/domain/run-id.ts';
import type { SyncError } from '../../src/domain/sync-error.ts';
import { type ApiCall, type ApiUnderTest, profilesUrl, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import type { Json } from '../support/requests/graph-client.ts';
import { profile } from '../support/rosters/profile-builder.ts';
import { otherTenant } from '../support/tenants.ts';
import { appDeps } from '../support/worlds/stores.ts';

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
		await appDeps().profiles.insert(owner);
		await appDeps().errors.save(owner.id, errors);
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
		await appDeps().profiles.insert(profile({ id: profileId }));
		await appDeps().errors.save(profileId, many);
		const { body } = await api.call(`${profilesUrl}/${profileId}?$expand=errors`);
		// An error that comes before all that were shown shifts nothing.
		await appDeps().errors.save(profileId, errors.slice(0, 1));
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
