import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, startApi } from '../support/hosts/api-under-test.ts';
import { profile, profileBody } from '../support/rosters/profile-builder.ts';
import { appDeps } from '../support/worlds/stores.ts';

const gateway = 'https://gateway.example.org/sds';
/** As a proxy that nobody can trust sends it. */
const requested = 'http://evil.example/beta/education/synchronizationProfiles';
const headers = {
	host: 'evil.example',
	'x-forwarded-host': 'evil.example',
	'x-forwarded-proto': 'http',
	'x-original-host': 'evil.example',
	forwarded: 'host=evil.example;proto=http',
};

let api: ApiUnderTest;

beforeAll(async () => {
	process.env.PUBLIC_URL = gateway;
	api = await startApi();
	for (const id of ['1', '2']) {
		const shown = profile({ id: `018f0000-0000-7000-8000-00000000000${id}` });
		await appDeps().profiles.insert(shown);
	}
});

afterAll(() => api?.stop());

describe('links', () => {
	test('begin with the public address, and nothing of the headers gets into them', async () => {
		const created = await api.call(requested, { method: 'POST', headers, body: profileBody() });
		expect(created.headers.location).toBe(
			`${gateway}/beta/education/synchronizationProfiles/${(created.body as { id: string }).id}`,
		);
		const { body, ...rest } = await api.call(`${requested}?$top=1&$filter=state ne 'deleting'`, { headers });
		expect(body['@odata.context']).toBe(`${gateway}/beta/$metadata#education/synchronizationProfiles`);
		expect(body['@odata.nextLink']).toMatch(
			/^https:\/\/gateway\.example\.org\/sds\/beta\/education\/synchronizationProfiles\?\$top=1&\$filter=/,
		);
		expect(JSON.stringify([created, body, rest])).not.toContain('evil');
	});

	test('of an old root keep it, below the public address', async () => {
		const url = 'http://evil.example/testsds/synchronizationProfiles';
		const { body } = await api.call(`${url}?$top=1`, { headers });
		expect(body['@odata.context']).toBe(`${gateway}/testsds/$metadata#synchronizationProfiles`);
		expect(body['@odata.nextLink']).toMatch(
			/^https:\/\/gateway\.example\.org\/sds\/testsds\/synchronizationProfiles\?/,
		);
	});

	test('lead on: the proxy takes its own path away again', async () => {
		const { body } = await api.call(`${requested}?$top=1`, { headers });
		const next = String(body['@odata.nextLink']).replace(gateway, 'http://10.0.0.4');
		const answer = await api.call(next, { headers });
		expect([answer.status, (answer.body.value as unknown[]).length]).toEqual([200, 1]);
	});

	test('of the description do too', async () => {
		const { openApi } = await import('../../src/functions/openapi.ts');
		const request = new HttpRequest({ method: 'GET', url: 'http://evil.example/openapi.json', headers });
		const { jsonBody, headers: answered } = (await openApi(
			request,
			new InvocationContext({ functionName: 'openApi' }),
		)) as HttpResponseInit;
		expect(jsonBody.servers).toEqual([{ url: gateway }]);
		expect(answered).toMatchObject({ 'content-type': 'application/json; charset=utf-8' });
	});
});
