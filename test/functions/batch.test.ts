import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiCall, type ApiUnderTest, profilesUrl, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import type { Json } from '../support/requests/graph-client.ts';
import { profileBody } from '../support/rosters/profile-builder.ts';
import { otherTenant } from '../support/tenants.ts';
import { newProfileIn, settleProfiles } from '../support/worlds/settled-profiles.ts';

interface Part {
	id: string;
	status: number;
	headers: Record<string, string>;
	body?: Json;
}

const path = '/education/synchronizationProfiles';

let api: ApiUnderTest;

beforeAll(async () => {
	api = await startApi();
});

afterAll(() => api?.stop());

async function send(requests: unknown[], call: ApiCall & { root?: string } = {}): Promise<Part[]> {
	const { root = '/beta', ...rest } = call;
	const answer = await api.call(`${serviceUrl}${root}/$batch`, { method: 'POST', body: { requests }, ...rest });
	if (answer.status !== 200) throw new Error(`The batch answered ${answer.status}: ${JSON.stringify(answer.body)}`);
	return answer.body.responses as Part[];
}

/** What is other each time. */
const comparable = (body: unknown) =>
	JSON.stringify(body).replaceAll(/"(request-id|date|lastActivityDateTime)":"[^"]*"/g, '"same":true');

describe('a batch', () => {
	test('answers each request as if it had come by itself', async () => {
		const profile = await newProfileIn(api);
		const id = profile.slice(profilesUrl.length + 1);
		const alone: [string, string, unknown?][] = [
			['GET', `${path}/${id}`],
			['GET', `${path}('${id}')?$select=id,state`],
			['GET', `education/synchronizationProfiles?$filter=id eq '${id}'&$count=true`],
			['GET', `/synchronizationProfiles/${id}/status`],
			['GET', `${path}/${id}/microsoft.graph.uploadUrl()x`],
			['GET', `${path}/${id}/errors?$top=x`],
			['GET', `${path}/018f0000-0000-7000-8000-00000000ffff`],
			['POST', `${path}/${id}/microsoft.graph.start`],
			['POST', path, { displayName: '' }],
			['DELETE', path],
			['GET', '/education/users?$count=true'],
		];
		const requests = alone.map(([method, url, body], at) => ({
			id: `r${at}`,
			method,
			url: url.replaceAll(' ', '%20'),
			body,
		}));
		// A start that is refused changes the status, so that there is one before all others.
		await api.call(`${profile}/start`, { method: 'POST' });
		const parts = await send(requests);
		expect(parts.map((part) => part.id)).toEqual(requests.map((request) => request.id));
		for (const [at, [method, url, body]] of alone.entries()) {
			const single = await api.call(`${serviceUrl}/beta/${url.replace(/^\//, '')}`, { method, body });
			const part = parts[at] as Part;
			expect([part.status, comparable(part.body)], url).toEqual([single.status, comparable(single.body)]);
			expect(part.headers['Content-Type'], url).toBe(single.headers['content-type']);
			expect(part.headers['request-id'], url).toMatch(/^[0-9a-f-]{36}$/);
		}
	});

	test('answers a count with a text, and what has no body without one', async () => {
		const profile = await newProfileIn(api);
		const id = profile.slice(profilesUrl.length + 1);
		const [count, pause] = await send([
			{ id: '1', method: 'GET', url: `${path}/$count` },
			{ id: '2', method: 'POST', url: `${path}/${id}/pause` },
		]);
		expect(count).toMatchObject({
			status: 200,
			body: expect.stringMatching(/^\d+$/),
			headers: { 'Content-Type': 'text/plain' },
		});
		expect([pause?.status, pause && 'body' in pause]).toEqual([200, false]);
	});

	test('creates, and goes on with what it was created for only if that succeeded', async () => {
		const create = (id: string, body: unknown) => ({
			id,
			method: 'POST',
			url: path,
			headers: { 'Content-Type': 'application/json' },
			body,
		});
		const list = (id: string, ...dependsOn: string[]) => ({ id, method: 'GET', url: `${path}?$top=1`, dependsOn });
		const parts = await send([
			list('last', 'after', 'good'),
			create('good', profileBody({ displayName: 'In a batch' })),
			create('bad', profileBody({ displayName: 7 })),
			list('after', 'bad'),
			list('fine', 'good'),
			list('free'),
		]);
		const statuses = Object.fromEntries(parts.map(({ id, status }) => [id, status]));
		expect(statuses).toEqual({ good: 202, bad: 400, after: 424, last: 424, fine: 200, free: 200 });
		const [good, after] = ['good', 'after'].map((id) => parts.find((part) => part.id === id));
		expect(good?.headers.Location).toBe(`${profilesUrl}/${good?.body?.id}`);
		expect(after?.body).toMatchObject({
			error: {
				code: 'FailedDependency',
				message: expect.stringContaining('"bad"'),
				innerError: { 'request-id': after?.headers['request-id'] },
			},
		});
		await settleProfiles(api);
	});

	test('has one token, whatever its requests say of another', async () => {
		const profile = await newProfileIn(api);
		const url = profile.slice(serviceUrl.length + '/beta'.length);
		const reader = { claims: { roles: ['EduAdministration.Read.All'] } };
		const [read, write] = await send(
			[
				{ id: '1', method: 'GET', url, headers: { authorization: 'Bearer abc' } },
				{ id: '2', method: 'DELETE', url },
			],
			reader,
		);
		expect([read?.status, write?.status, write?.body]).toMatchObject([200, 403, { error: { code: 'Forbidden' } }]);
		const other = { claims: { tid: otherTenant, iss: `${api.authority}/${otherTenant}/v2.0` } };
		expect((await send([{ id: '1', method: 'GET', url }], other))[0]?.status).toBe(404);
		const none = await api.call(`${serviceUrl}/beta/$batch`, { method: 'POST', body: {}, spoilToken: () => 'x' });
		expect(none.status).toBe(401);
	});

	test('takes no batch and no download in it', async () => {
		const profile = await newProfileIn(api);
		const id = profile.slice(profilesUrl.length + 1);
		const parts = await send([
			{ id: '1', method: 'POST', url: '/$batch', body: { requests: [] } },
			{ id: '2', method: 'POST', url: '/%24batch', body: { requests: [] } },
			{ id: '3', method: 'GET', url: `${path}/${id}/runs/${id}/report` },
			{ id: '4', method: 'GET', url: `${path}/${id}/runs/${id}/report/student.csv` },
			{ id: '5', method: 'GET', url: '/../../secrets' },
		]);
		expect(parts.map(({ status }) => status)).toEqual([400, 400, 400, 400, 404]);
		for (const { body } of parts.slice(0, 4)) expect(body).toMatchObject({ error: { code: 'BadRequest' } });
	});

	test('refuses a body in another type, and takes one that says nothing', async () => {
		const body = profileBody({ displayName: 'Zoë' });
		const parts = await send([
			{ id: '1', method: 'POST', url: path, body },
			{ id: '2', method: 'POST', url: path, body, headers: { 'content-type': 'text/xml' } },
			{ id: '3', method: 'POST', url: path, body, headers: { 'content-type': 'application/json; charset=utf-16' } },
			{ id: '4', method: 'POST', url: path },
		]);
		expect(parts.map(({ status }) => status)).toEqual([202, 415, 202, 415]);
		expect(parts[2]?.body).toMatchObject({ displayName: 'Zoë' });
		await settleProfiles(api);
	});

	test('is answered at the roots of 2017 too, relative to them and in their dialect', async () => {
		const profile = await newProfileIn(api);
		const id = profile.slice(profilesUrl.length + 1);
		for (const [root, url, status] of [
			['/testsds', `synchronizationProfiles/${id}`, 'paused'],
			['/testEduApi', `/education/synchronizationProfiles/${id}`, 'paused'],
			['', `/synchronizationProfiles/${id}`, 'Paused'],
			['', `/beta/education/synchronizationProfiles/${id}`, 'paused'],
			['/beta', `/synchronizationProfiles/${id}`, 'Paused'],
			['/Beta', `${path}/${id}`, 'paused'],
			['/beta', `/beta${path}/${id}`, 'paused'],
			['/testsds', `testsds/synchronizationProfiles/${id}`, 'paused'],
		] as const) {
			const [part] = await send([{ id: '1', method: 'GET', url }], { root });
			expect([part?.status, part?.body?.syncStatus], root + url).toEqual([200, status]);
		}
	});

	test('that is malformed is refused as a whole, and carries nothing out', async () => {
		const request = { id: '1', method: 'POST', url: path, body: profileBody({ displayName: 'Never made' }) };
		const answer = await api.call(`${serviceUrl}/beta/$batch`, {
			method: 'POST',
			body: { requests: [request, request] },
		});
		expect([answer.status, answer.body]).toMatchObject([400, { error: { details: [{ target: 'requests/1/id' }] } }]);
		const { body } = await api.call(`${profilesUrl}?$filter=displayName eq 'Never made'`);
		expect(body.value).toEqual([]);
	});
});
