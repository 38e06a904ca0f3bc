import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../src/http/operations.ts';
import { type ApiUnderTest, profilesUrl, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import { profileBody } from '../support/rosters/profile-builder.ts';
import { otherTenant, ownTenant } from '../support/tenants.ts';
import { newProfileIn, settleProfiles } from '../support/worlds/settled-profiles.ts';

let api: ApiUnderTest;

beforeAll(async () => {
	api = await startApi();
});

afterAll(() => api?.stop());

const settle = () => settleProfiles(api);
const newProfile = (changes?: Record<string, unknown>) => newProfileIn(api, changes);

test('every operation of the table is exported under its name', () => {
	expect(Object.keys(api.handlers).sort()).toEqual([...Object.keys(operations), 'zOtherSpellings'].sort());
	expect(Object.entries(operations).map(([key, { name }]) => [key, name])).toEqual(
		Object.keys(operations).map((key) => [key, key]),
	);
});

describe('creating a profile', () => {
	test('answers 202 with where it is and all of it, and starts its provisioning', async () => {
		const { status, headers, body } = await api.call(profilesUrl, { method: 'POST', body: profileBody() });
		expect(status).toBe(202);
		expect(headers.location).toBe(`${profilesUrl}/${body.id}`);
		expect(body).toMatchObject({
			'@odata.context': `${serviceUrl}/beta/$metadata#education/synchronizationProfiles/$entity`,
			state: 'provisioning',
			syncStatus: 'paused',
			errorStatus: 'none',
			lastSynchronizationTime: '0001-01-01T00:00:00Z',
			licensesToAssign: [],
			expirationDate: null,
		});
		const [started] = api.durable.started;
		expect(started).toMatchObject({ name: 'provisionProfile', input: { tenantId: ownTenant, profileId: body.id } });
		await settle();
		expect((await api.call(`${profilesUrl}/${body.id}`)).body.state).toBe('provisioned');
	});

	test('with a date that has come is refused', async () => {
		const body = profileBody({ expirationDate: '2020-01-01' });
		const answer = await api.call(profilesUrl, { method: 'POST', body });
		expect([answer.status, answer.body]).toMatchObject([400, { error: { details: [{ target: 'expirationDate' }] } }]);
	});

	test('whose provisioning cannot be started leaves nothing behind, and no reason in the answer', async () => {
		const body = profileBody({ displayName: 'Unlucky' });
		api.durable.isBroken = true;
		const answer = await api.call(profilesUrl, { method: 'POST', body });
		api.durable.isBroken = false;
		expect([answer.status, answer.body]).toMatchObject([500, { error: { code: 'InternalServerError' } }]);
		expect(JSON.stringify(answer.body)).not.toMatch(/broken|durabletask|127\.0\.0\.1/);
		expect(api.log.splice(0)).toEqual([expect.stringMatching(/^createProfile failed: /)]);
		const { value } = (await api.call(`${profilesUrl}?$top=999`)).body as { value: { displayName: string }[] };
		expect(value.map(({ displayName }) => displayName)).not.toContain('Unlucky');
	});
});

describe('changing a profile', () => {
	test('by PUT replaces it, and provisions it again', async () => {
		const profile = await newProfile({ handleSpecialCharacterConstraint: true });
		const answer = await api.call(profile, { method: 'PUT', body: profileBody({ displayName: 'Fabrikam' }) });
		expect([answer.status, answer.body]).toMatchObject([
			202,
			{ displayName: 'Fabrikam', state: 'provisioning', handleSpecialCharacterConstraint: false },
		]);
		await settle();
		expect((await api.call(profile)).body).toMatchObject({ displayName: 'Fabrikam', state: 'provisioned' });
	});

	test('by PUT takes back what GET showed', async () => {
		const profile = await newProfile();
		const shown = (await api.call(profile)).body;
		expect((await api.call(profile, { method: 'PUT', body: shown })).status).toBe(202);
		await settle();
		expect((await api.call(profile)).body).toEqual(shown);
	});

	test('by PUT of the collection is found by the id in the body', async () => {
		const profile = await newProfile();
		const id = profile.slice(profilesUrl.length + 1).toUpperCase();
		const body = profileBody({ id, displayName: 'Found by id' });
		expect((await api.call(profilesUrl, { method: 'PUT', body })).status).toBe(202);
		expect((await api.call(profile)).body.displayName).toBe('Found by id');
		await settle();
	});

	test('by PUT of the collection without an id is found by its name, if that is its own', async () => {
		const profile = await newProfile({ displayName: 'One of a kind' });
		const put = (displayName: string, changes = {}) =>
			api.call(profilesUrl, { method: 'PUT', body: profileBody({ displayName, ...changes }) });
		const found = await put('  One of a kind ', { handleSpecialCharacterConstraint: true, id: null });
		expect([found.status, `${profilesUrl}/${found.body.id}`]).toEqual([202, profile]);
		await settle();
		expect((await api.call(profile)).body).toMatchObject({ handleSpecialCharacterConstraint: true });

		const refusalOf = (reason: string) => [
			400,
			{ error: { message: expect.stringContaining(reason), details: [{ target: 'id' }] } },
		];
		const none = await put('one of a kind');
		expect([none.status, none.body]).toMatchObject(refusalOf('no profile has the displayName "one of a kind"'));
		const second = await newProfile({ displayName: 'One of a kind' });
		const twins = await put('One of a kind');
		expect([twins.status, twins.body]).toMatchObject(refusalOf('2 profiles have the displayName "One of a kind"'));
		// One that is going away is not meant.
		await api.call(second, { method: 'DELETE' });
		expect((await put('One of a kind')).body.id).toBe(found.body.id);
		await settle();
		const broken = await put('One of a kind', { id: 'nonsense' });
		expect([broken.status, broken.body]).toMatchObject(refusalOf('the "id" of the body is no GUID'));
	});

	test('by PUT of the collection never finds one of another tenant', async () => {
		await newProfile({ displayName: 'Ours alone' });
		const other = { claims: { tid: otherTenant, iss: `${api.authority}/${otherTenant}/v2.0` } };
		const body = profileBody({ displayName: 'Ours alone' });
		expect((await api.call(profilesUrl, { ...other, method: 'PUT', body })).status).toBe(400);
	});

	test('by PATCH changes what it names', async () => {
		const profile = await newProfile({ handleSpecialCharacterConstraint: true });
		const { status, body } = await api.call(profile, { method: 'PATCH', body: { displayName: 'Renamed' } });
		expect([status, body]).toMatchObject([202, { displayName: 'Renamed', handleSpecialCharacterConstraint: true }]);
	});

	test('that cannot be provisioned again says so, and may be changed once more', async () => {
		const profile = await newProfile();
		api.durable.isBroken = true;
		expect((await api.call(profile, { method: 'PATCH', body: { displayName: 'Once' } })).status).toBe(500);
		api.durable.isBroken = false;
		expect((await api.call(profile)).body.state).toBe('provisioningFailed');
		expect((await api.call(`${profile}/profileStatus`)).body.statusMessage).toMatch(/try again/);
		expect((await api.call(profile, { method: 'PATCH', body: { displayName: 'Twice' } })).status).toBe(202);
		await settle();
		expect((await api.call(profile)).body).toMatchObject({ state: 'provisioned', displayName: 'Twice' });
	});

	test('is refused while it is being provisioned', async () => {
		const { body } = await api.call(profilesUrl, { method: 'POST', body: profileBody() });
		const answer = await api.call(`${profilesUrl}/${body.id}`, { method: 'PATCH', body: { displayName: 'Too early' } });
		expect([answer.status, answer.body]).toMatchObject([
			409,
			{ error: { code: 'Conflict', message: expect.stringContaining('its state is "provisioning"') } },
		]);
		await settle();
	});
});

describe('deleting a profile', () => {
	test('answers 202 without a body, may be repeated, and ends in 404', async () => {
		const profile = await newProfile();
		for (let time = 0; time < 2; time++) {
			const { status, body } = await api.call(profile, { method: 'DELETE' });
			expect([status, body]).toEqual([202, {}]);
		}
		expect((await api.call(profile)).body.state).toBe('deleting');
		expect((await api.call(`${profile}/uploadUrl`)).status).toBe(409);
		await settle();
		for (const path of ['', '/profileStatus', '/errors', '/runs', '/uploadUrl']) {
			expect((await api.call(`${profile}${path}`)).status, path).toBe(404);
		}
		expect((await api.call(profile, { method: 'DELETE' })).status).toBe(404);
	});
});

describe('the list of profiles', () => {
	test('is paged in order of creation, and shows only those of the own tenant', async () => {
		const other = { claims: { tid: otherTenant, iss: `${api.authority}/${otherTenant}/v2.0` } };
		const names = ['One', 'Two', 'Three', 'Four', 'Five'];
		for (const displayName of names) {
			const created = await api.call(profilesUrl, { ...other, method: 'POST', body: profileBody({ displayName }) });
			expect(created.status).toBe(202);
		}
		const seen: unknown[] = [];
		const sizes: number[] = [];
		for (let url: string | undefined = `${profilesUrl}?$top=2`; url; ) {
			const { body } = await api.call(url, other);
			const value = body.value as { displayName: string }[];
			sizes.push(value.length);
			seen.push(...value.map(({ displayName }) => displayName));
			url = body['@odata.nextLink'] as string | undefined;
			expect(url ?? `${profilesUrl}?$skiptoken=`).toContain(`${profilesUrl}?`);
		}
		expect([seen, sizes]).toEqual([names, [2, 2, 1]]);
		await settle();
	});

	test.each([
		['$top=ten', '$top'],
		['$top=-1', '$top'],
		['$skiptoken=abcdefgh', '$skiptoken'],
		['skipToken=MTIzNDU2Nzg5MDEyMzQ1Ng', '$skiptoken'],
	])('refuses ?%s', async (query, target) => {
		const { status, body } = await api.call(`${profilesUrl}?${query}`);
		expect([status, body]).toMatchObject([400, { error: { code: 'BadRequest', details: [{ target }] } }]);
	});
});

describe('the upload URL', () => {
	test.each(['uploadUrl', 'uploadUrl()', 'UPLOADURL', 'microsoft.graph.uploadUrl', 'microsoft.graph.uploadUrl()'])(
		'is given at %s',
		async (segment) => {
			const profile = await newProfile();
			const { status, body } = await api.call(`${profile}/${segment}`);
			expect([status, body['@odata.context']]).toEqual([200, `${serviceUrl}/beta/$metadata#String`]);
			const url = new URL(body.value as string);
			expect(url.pathname.endsWith(profile.slice(profilesUrl.length))).toBe(true);
			expect([url.searchParams.get('sr'), url.searchParams.get('sp')]).toEqual(['c', 'cw']);
		},
	);
});

describe('a start', () => {
	test('without files says for each of them that it is missing, in both ways', async () => {
		const profile = await newProfile();
		const { status, body } = await api.call(`${profile}/start`, { method: 'POST' });
		expect(status).toBe(400);
		const value = body.value as { type: string; description: string }[];
		expect(value.map(({ type, description }) => [type, description])).toEqual(
			Array(6).fill(['Error', 'File is missing.']),
		);
		const error = body.error as { code: string; message: string; details: unknown[]; innerError: unknown };
		expect([error.code, error.details.length]).toEqual(['ValidationFailed', 6]);
		expect(error.message).toContain('school.csv');
		expect((await api.call(`${profile}/profileStatus`)).body).toMatchObject({ status: 'validationError' });
		const runs = (await api.call(`${profile}/runs`)).body.value as { id: string }[];
		expect(runs).toMatchObject([{ phase: 'verify', outcome: 'refused', reason: 'start' }]);
		expect((await api.call(`${profile}/runs/${runs[0]?.id}`)).body).toMatchObject({ outcome: 'refused' });
		expect((await api.call(`${profile}/errors`)).body).toMatchObject({ '@odata.count': 0, value: [] });
	});

	test('of a profile that is not provisioned yet is a bad request', async () => {
		const { body } = await api.call(profilesUrl, { method: 'POST', body: profileBody() });
		const answer = await api.call(`${profilesUrl}/${body.id}/verifyFiles`, { method: 'POST' });
		expect([answer.status, answer.body]).toMatchObject([400, { error: { code: 'BadRequest' } }]);
		await settle();
	});
});

describe('other spellings', () => {
	test('of paths lead to the same operation', async () => {
		const profile = await newProfile();
		const id = profile.slice(profilesUrl.length + 1);
		for (const path of [`/${id.toUpperCase()}`, `('${id}')`, `(%27${id}%27)`, `/${id}/`]) {
			expect((await api.call(`${profilesUrl}${path}`)).body.id, path).toBe(id);
		}
		for (const path of ['status', 'Status', 'PROFILESTATUS']) {
			expect((await api.call(`${profile}/${path}`)).body, path).toMatchObject({ id, status: 'paused' });
		}
		expect((await api.call(`${profilesUrl}('${id}')/error`)).body).toMatchObject({ '@odata.count': 0 });
	});
});

describe('what is not there', () => {
	const someId = '018f0000-0000-7000-8000-00000000ffff';
	test.each([
		['GET', `${profilesUrl}/${someId}`],
		['GET', `${profilesUrl}/not-a-guid`],
		['GET', `${profilesUrl}/${someId}/nonsense`],
		['POST', `${profilesUrl}/${someId}/start`],
		['DELETE', `${profilesUrl}/${someId}`],
		['GET', `${serviceUrl}/beta/education/classes/${someId}`],
		['GET', `${serviceUrl}/beta/education/classes/${someId}/members`],
		['GET', `${serviceUrl}/beta/education/nonsense`],
	])('(%s %s) is a 404 of Graph', async (method, url) => {
		const { status, headers, body } = await api.call(url, { method });
		expect([status, body]).toMatchObject([
			404,
			{ error: { code: 'ResourceNotFound', innerError: { 'request-id': headers['request-id'] } } },
		]);
	});

	test.each([
		['DELETE', profilesUrl, 'GET, HEAD, POST, PUT'],
		['PATCH', `${profilesUrl}/${someId}/profileStatus`, 'GET, HEAD'],
		['DELETE', `${profilesUrl}/${someId}/profileStatus`, 'GET, HEAD'],
		['POST', `${profilesUrl}/${someId}/errors`, 'GET, HEAD'],
		['POST', `${serviceUrl}/beta/education/users`, 'GET, HEAD'],
	])('as a method (%s %s) is a 405 that names the methods', async (method, url, allow) => {
		const { status, headers, body } = await api.call(url, { method });
		expect([status, headers.Allow, body]).toMatchObject([405, allow, { error: { code: 'MethodNotAllowed' } }]);
	});
});

describe('the directory', () => {
	test.each(['schools', 'classes', 'users'])('has %s, none before the first sync', async (kind) => {
		const { body } = await api.call(`${serviceUrl}/beta/education/${kind}?$count=true`);
		expect(body).toEqual({
			'@odata.context': `${serviceUrl}/beta/$metadata#education/${kind}`,
			'@odata.count': 0,
			value: [],
		});
	});

	test('refuses a $count that is neither true nor false', async () => {
		const { status } = await api.call(`${serviceUrl}/beta/education/users?$count=maybe`);
		expect(status).toBe(400);
	});
});
