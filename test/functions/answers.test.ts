import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSkipToken } from '../../src/http/odata/lists/skip-token.ts';
import { type ApiUnderTest, profilesUrl, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import { skipTokenFor } from '../support/requests/skip-tokens.ts';
import { otherTenant } from '../support/tenants.ts';
import { newProfileIn, settleProfiles } from '../support/worlds/settled-profiles.ts';

let api: ApiUnderTest;

beforeAll(async () => {
	api = await startApi();
});

afterAll(() => api?.stop());

const newProfile = (changes?: Record<string, unknown>) => newProfileIn(api, changes);

const odataJson = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

describe('the media type', () => {
	test('of every JSON answer says UTF-8, that of a refusal too', async () => {
		const profile = await newProfile({ displayName: 'Écoles Zürich' });
		for (const url of [profile, profilesUrl, `${profile}/errors`, `${profile}/profileStatus`, `${profile}/uploadUrl`])
			expect((await api.call(url)).headers['content-type'], url).toBe(odataJson);
		const refusals = [
			await api.call(`${profile}/start`, { method: 'POST' }),
			await api.call(profilesUrl, { method: 'POST', body: '{' }),
			await api.call(`${profilesUrl}?$top=x`),
			await api.call(profilesUrl, { method: 'DELETE' }),
			await api.call(profilesUrl, { spoilToken: () => 'spoilt' }),
			await api.call(`${serviceUrl}/nowhere`),
		];
		expect(refusals.map(({ status, headers }) => [status, headers['content-type']])).toEqual(
			[400, 400, 400, 405, 401, 404].map((status) => [status, odataJson]),
		);
	});

	test('of a count is plain text, and an answer without a body has none', async () => {
		expect((await api.call(`${profilesUrl}/$count`)).headers['content-type']).toBe('text/plain');
		const profile = await newProfile();
		expect((await api.call(`${profile}/pause`, { method: 'POST' })).headers).not.toHaveProperty('content-type');
	});
});

describe('what a client prefers', () => {
	const sizeOf = async (query: string, prefer: string) => {
		const { body, headers } = await api.call(`${profilesUrl}${query}`, { headers: { prefer } });
		return [(body.value as unknown[]).length, headers['Preference-Applied']];
	};

	test.each([
		['', 'maxpagesize=2', [2, 'maxpagesize=2']],
		['', 'odata.maxpagesize=1', [1, 'odata.maxpagesize=1']],
		['', 'Odata.MaxPageSize="2"; x=y', [2, 'odata.maxpagesize=2']],
		['?$top=1', 'maxpagesize=2', [1, 'maxpagesize=2']],
		['?$top=3', 'maxpagesize=2', [2, 'maxpagesize=2']],
		['?$top=0', 'maxpagesize=2', [0, 'maxpagesize=2']],
		['?$top=3', 'return=minimal, maxpagesize=2, maxpagesize=1', [2, 'maxpagesize=2']],
		['?$top=3', 'maxpagesize=0', [3, undefined]],
		['?$top=3', 'maxpagesize=-2', [3, undefined]],
		['?$top=3', 'maxpagesize=two', [3, undefined]],
		['?$top=3', 'xmaxpagesize=2', [3, undefined]],
		['?$top=3', 'maxpagesize=5000', [3, 'maxpagesize=999']],
		['?$top=3', 'maxpagesize=2, include-unknown-enum-members', [2, 'maxpagesize=2, include-unknown-enum-members']],
	])('of the size of a page (%s, Prefer: %s) is taken if it can be', async (query, prefer, expected) => {
		for (let count = 0; count < 3; count++) await newProfile();
		expect(await sizeOf(query, prefer)).toEqual(expected);
	});

	test('of enum members is said to be taken where there are any', async () => {
		const headers = { prefer: 'include-unknown-enum-members' };
		const profile = await newProfile();
		for (const url of [profile, `${profile}/profileStatus`])
			expect((await api.call(url, { headers })).headers['Preference-Applied']).toBe('include-unknown-enum-members');
		for (const url of [`${profile}/errors`, `${profile}/uploadUrl`, `${profilesUrl}/$count`])
			expect((await api.call(url, { headers })).headers).not.toHaveProperty('Preference-Applied');
	});

	test('holds for the pages that follow', async () => {
		const headers = { prefer: 'maxpagesize=2' };
		const first = await api.call(profilesUrl, { headers });
		const { body } = await api.call(String(first.body['@odata.nextLink']), { headers });
		expect(body.value).toHaveLength(2);
	});
});

describe('a link to the next page', () => {
	const tokenOf = (link: unknown) => new URL(String(link)).searchParams.get('$skiptoken') as string;

	test('is of one list, filter, order and tenant, and of no other', async () => {
		for (let count = 0; count < 3; count++) await newProfile();
		const profile = await newProfile();
		const other = { claims: { tid: otherTenant, iss: `${api.authority}/${otherTenant}/v2.0` } };
		const filter = "$filter=state ne 'deleting'";
		for (const options of ['', filter, '$orderby=displayName', '$search=con', '$count=true', '$skip=1']) {
			const { body } = await api.call(`${profilesUrl}?$top=1&${options}`);
			const token = `$skiptoken=${tokenOf(body['@odata.nextLink'])}`;
			expect((await api.call(`${profilesUrl}?$top=1&${options.replace('$skip=1', '')}&${token}`)).status, options).toBe(
				200,
			);
			for (const [url, call] of [
				[`${profilesUrl}?${options}&${token}`, other],
				[`${profilesUrl}?$filter=state eq 'deleting'&${token}`, {}],
				[`${profilesUrl}?$orderby=state&${token}`, {}],
				[`${profilesUrl}?$search=other&${token}`, {}],
				[`${profile}/errors?${token}`, {}],
				[`${profile}/runs?${token}`, {}],
				[`${serviceUrl}/beta/education/users?${token}`, {}],
				[`${profilesUrl}?${options}&${token}A`, {}],
				[`${profilesUrl}?${options}&${token}=`, {}],
			] as const) {
				const { status, body: refused } = await api.call(url, call);
				expect([status, refused], url).toMatchObject([400, { error: { details: [{ target: '$skiptoken' }] } }]);
			}
		}
	});

	test('that somebody made up is refused, whatever it says', async () => {
		const profile = await newProfile();
		const made = [
			'%00',
			'%F0%9F%98%80',
			'.'.repeat(5_000),
			"' or 1 eq 1",
			'%7B%22key%22%3A1%7D',
			writeSkipToken('018f0000-0000-7000-8000-00000000ffff'),
			writeSkipToken('{"key":"018f0000-0000-7000-8000-00000000ffff","passed":1}'),
		];
		const continuations = [
			"x' or PartitionKey ne 'y",
			'\u0000',
			'null',
			'{"key":"x","passed":1,"values":["x"]}',
			'{"key":"018f0000-0000-7000-8000-00000000ffff","passed":-1,"values":[1]}',
			'x'.repeat(100_000),
		];
		for (const list of [profilesUrl, `${profile}/errors`, `${profile}/runs`]) {
			for (const options of ['', '$orderby=id', '$filter=id ne null', '$count=true']) {
				const url = `${list}?${options}`;
				for (const token of [...made, ...continuations.map((each) => skipTokenFor(url, each))]) {
					const { status, body } = await api.call(`${url}&$skiptoken=${token}`);
					expect([status, body], `${url} ${token.slice(0, 50)}`).toMatchObject([
						400,
						{ error: { details: [{ target: '$skiptoken' }] } },
					]);
				}
			}
		}
	});

	test('of an order by name holds no name', async () => {
		for (const displayName of ['Anna Ardent', 'Berta Brook']) await newProfile({ displayName });
		for (let url = `${profilesUrl}?$orderby=displayName&$top=1`, pages = 0; url && pages < 5; pages++) {
			const { status, body } = await api.call(url);
			expect(status).toBe(200);
			url = String(body['@odata.nextLink'] ?? '');
			if (url)
				expect(Buffer.from(tokenOf(url).slice(8), 'base64url').toString('utf8')).not.toMatch(/contoso|ardent|brook/i);
		}
	});
});

describe('the roots of 2017', () => {
	const identityOf = (name: string) => ({
		'@odata.type': '#microsoft.graph.identityCreationConfiguration',
		userDomains: [{ appliesTo: 'student', name }],
	});

	test.each([
		['/synchronizationProfiles', 'Provisioned', 'Paused', 'Student', '#synchronizationProfiles'],
		['/beta/synchronizationProfiles', 'Provisioned', 'Paused', 'Student', '#synchronizationProfiles'],
		['/testsds/synchronizationProfiles', 'provisioned', 'paused', 'student', '#synchronizationProfiles'],
		['/testEduApi/synchronizationProfiles', 'provisioned', 'paused', 'student', '#synchronizationProfiles'],
		[
			'/testEduApi/education/synchronizationProfiles',
			'provisioned',
			'paused',
			'student',
			'#education/synchronizationProfiles',
		],
		[
			'/testsds/education/synchronizationProfiles',
			'provisioned',
			'paused',
			'student',
			'#education/synchronizationProfiles',
		],
	])(
		'(%s) have enum members as their pages print them, and both names of the identity',
		async (root, state, status, role, type) => {
			const profile = await newProfile();
			const id = profile.slice(profilesUrl.length + 1);
			const { body } = await api.call(`${serviceUrl}${root}/${id}`);
			expect(body).toMatchObject({
				'@odata.context': expect.stringMatching(`\\$metadata${type}/\\$entity$`),
				state,
				syncStatus: status,
				dataProvider: { '@odata.type': '#microsoft.graph.educationcsvdataprovider' },
				identitySynchronizationConfiguration: { userDomains: [{ appliesTo: role }, {}] },
				servicesToSetup: [],
			});
			expect(body.identitySyncConfiguration).toEqual(body.identitySynchronizationConfiguration);
			expect((await api.call(`${serviceUrl}${root}/${id}/status`)).body).toMatchObject({ status, syncStatus: status });
		},
	);

	test.each(['identitySynchronizationConfiguration', 'identitySyncConfiguration'])(
		'take back what they showed with a change under either name of the identity (%s)',
		async (name) => {
			for (const method of ['PUT', 'PATCH']) {
				const profile = await newProfile();
				const url = profile.replace('/beta/education', '/testsds');
				const shown = (await api.call(url)).body;
				const changed = { ...shown, [name]: identityOf(`${method.toLowerCase()}.example.org`) };
				const { status, body } = await api.call(url, { method, body: changed });
				expect([status, body.identitySyncConfiguration], method).toMatchObject([
					202,
					{ userDomains: [{ appliesTo: 'student', name: `${method.toLowerCase()}.example.org` }] },
				]);
				await settleProfiles(api);
				expect((await api.call(url, { method, body: body })).status).toBe(202);
				await settleProfiles(api);
			}
		},
	);
});
