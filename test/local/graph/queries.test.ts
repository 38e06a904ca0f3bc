import { Client, type Middleware, PageIterator } from '@microsoft/microsoft-graph-client';
import type { EducationClass, User } from '@microsoft/microsoft-graph-types';
import { expect, test } from 'vitest';
import { type GraphTenant, reference, refusal, startTenant } from './support/graph-tenant.ts';

/** The client of developers who read the directory. It speaks TLS only, which the front end of Graph ends for it. */
function sdkOf({ server, token }: GraphTenant): Client {
	const withTls = (text: string) => text.replaceAll('http://127', 'https://127');
	const middleware: Middleware = {
		async execute(context) {
			const url = String(context.request).replace('https://', 'http://');
			const headers = { ...(context.options?.headers as Record<string, string>), Authorization: `Bearer ${token}` };
			const response = await fetch(url, { method: context.options?.method ?? 'GET', headers });
			context.response = new Response(withTls(await response.text()), response);
		},
	};
	return Client.initWithMiddleware({ baseUrl: `${withTls(server.url)}/`, defaultVersion: 'v1.0', middleware });
}

test('the Graph SDK reads objects, and turns refusals into its errors', async () => {
	const tenant = await startTenant();
	const user = await tenant.makeUser({ givenName: 'Ada' });
	const sdk = sdkOf(tenant);
	const read: User = await sdk.api(`/users/${user.id}`).select(['id', 'givenName']).get();
	expect(read).toMatchObject({ id: user.id, givenName: 'Ada' });
	await expect(sdk.api('/users/nobody').get()).rejects.toMatchObject({
		statusCode: 404,
		code: 'Request_ResourceNotFound',
	});
});

test('the Graph SDK walks through all pages, each object once, though others are made meanwhile', async () => {
	const tenant = await startTenant();
	const made = new Set<string>();
	for (let at = 0; at < 25; at += 1) made.add((await tenant.makeClass()).id);
	const sdk = sdkOf(tenant);
	const seen: (string | undefined)[] = [];
	const first = await sdk.api('/education/classes').top(10).select('id').get();
	expect(first.value).toHaveLength(10);
	await tenant.makeClass();
	const iterator = new PageIterator(sdk, first, (item: EducationClass) => {
		seen.push(item.id);
		return true;
	});
	await iterator.iterate();
	expect(seen).toHaveLength(26);
	expect(seen.slice(0, 25)).toEqual([...made]);
});

test('members are paged as well, and whoever leaves between pages changes nothing for the others', async () => {
	const tenant = await startTenant();
	const { ask, makeClass, makeUser } = tenant;
	const course = await makeClass();
	const users: { id: string }[] = [];
	for (let at = 0; at < 5; at += 1) {
		const user = await makeUser();
		users.push(user);
		await ask('POST', `/education/classes/${course.id}/members/$ref`, { body: reference(user) });
	}
	const sdk = sdkOf(tenant);
	const first = await sdk.api(`/education/classes/${course.id}/members`).top(2).get();
	await ask('DELETE', `/education/classes/${course.id}/members/${users[1]?.id}/$ref`);
	const second = await sdk.api(first['@odata.nextLink']).get();
	const third = await sdk.api(second['@odata.nextLink']).get();
	const ids = [first, second, third].flatMap(({ value }) => value.map(({ id }: User) => id));
	expect(ids).toEqual(users.map(({ id }) => id));
	expect(third).not.toHaveProperty('@odata.nextLink');
});

const eventual = { ConsistencyLevel: 'eventual' };

async function found(
	{ ask }: GraphTenant,
	filter: string,
	options: { count?: boolean; headers?: Record<string, string> } = {},
) {
	const query = new URLSearchParams({
		$filter: filter,
		$select: 'displayName',
		...(options.count ? { $count: 'true' } : {}),
	});
	const answer = await ask<{ value: User[] }>(
		'GET',
		`/users?${query}`,
		options.headers ? { headers: options.headers } : {},
	);
	return answer.status === 200 ? answer.body.value.map(({ displayName }) => displayName) : answer;
}

test.each([
	["displayName ne 'Ada'", ['Bea', 'Cid']],
	["not startswith(displayName,'A')", ['Bea', 'Cid']],
	["endswith(userPrincipalName,'a@contoso.example')", ['Ada', 'Bea']],
	['department eq null', ['Bea', 'Cid']],
	["mobilePhone eq '5'", ['Cid']],
	["not (displayName eq 'Ada' or displayName eq 'Bea')", ['Cid']],
])('%s needs the slow index', async (filter, expected) => {
	const tenant = await startTenant();
	const domain = '@contoso.example';
	await tenant.makeUser({ displayName: 'Ada', userPrincipalName: `ada${domain}`, department: 'Music' });
	await tenant.makeUser({ displayName: 'Bea', userPrincipalName: `bea${domain}` });
	await tenant.makeUser({ displayName: 'Cid', userPrincipalName: `cid${domain}`, mobilePhone: '5' });
	const refused = refusal(400, 'Request_UnsupportedQuery');
	expect(await found(tenant, filter)).toMatchObject(refused);
	expect(await found(tenant, filter, { headers: eventual })).toMatchObject(refused);
	expect(await found(tenant, filter, { count: true, headers: eventual })).toEqual(expected);
});

test.each([
	["accountEnabled eq true and displayName eq 'Ada'", ['Ada']],
	['accountEnabled eq false', ['Bea']],
	["displayName ge 'b'", ['Bea', 'Cid']],
	["displayName gt 'ada' and displayName lt 'cid'", ['Bea']],
	["displayName le 'ada' or department gt 'a'", ['Ada']],
	["startswith(displayName,'C') or department eq 'Music'", ['Ada', 'Cid']],
	["displayName in ('ada','CID') and department ne null", undefined],
	["id in ('x')", []],
	['createdDateTime ge 2020-01-01T00:00:00Z', ['Ada', 'Bea', 'Cid']],
	['assignedLicenses/any(l:l/skuId eq 314c4481-f395-4525-be8b-2ec4bb1e9d91)', []],
])('%s is answered', async (filter, expected) => {
	const tenant = await startTenant();
	await tenant.makeUser({ displayName: 'Ada', department: 'Music' });
	await tenant.makeUser({ displayName: 'Bea', accountEnabled: false });
	await tenant.makeUser({ displayName: 'Cid' });
	const answer = await found(tenant, filter);
	if (expected) expect(answer).toEqual(expected);
	else expect(answer).toMatchObject(refusal(400, 'Request_UnsupportedQuery'));
});

test('groups are found by a value of a list', async () => {
	const { ask, makeGroup } = await startTenant();
	const group = await makeGroup();
	await makeGroup({ groupTypes: [], mailEnabled: false, securityEnabled: true });
	const query = new URLSearchParams({ $filter: "groupTypes/any(c:c eq 'Unified')" });
	const { value } = (await ask<{ value: { id: string }[] }>('GET', `/groups?${query}`)).body;
	expect(value.map(({ id }) => id)).toEqual([group.id]);
});

test.each([
	['$filter', 'displayName'],
	['$filter', 'displayName eq 5'],
	['$filter', "displayName eq 'Ada"],
	['$filter', "displayName is 'Ada'"],
	['$filter', "displayName eq 'Ada' and"],
	['$filter', "(displayName eq 'Ada'"],
	['$filter', "shoeSize eq '38'"],
	['$filter', 'startswith(displayName)'],
	['$filter', "passwordProfile eq 'x'"],
	['$top', '1000'],
	['$top', '0'],
	['$top', 'ten'],
	['$skiptoken', 'invented'],
	['$orderby', 'displayName'],
	['$filter', "endswith(displayName,'a')"],
])('%s %s is refused', async (name, value) => {
	const { ask } = await startTenant();
	expect((await ask('GET', `/users?${new URLSearchParams({ [name]: value })}`)).status).toBe(400);
});

test('the count is that of the collection, not of the page', async () => {
	const { ask, makeUser } = await startTenant();
	for (let at = 0; at < 5; at += 1) await makeUser();
	const { body } = await ask<{ value: User[]; '@odata.count': number }>('GET', '/users?$count=true&$top=2', {
		headers: eventual,
	});
	expect(body.value).toHaveLength(2);
	expect(body['@odata.count']).toBe(5);
	expect((await ask('GET', '/users?$count=true')).body).not.toHaveProperty('@odata.count');
});

test('objects of any kind are read by their ids, at most 1,000 of them', async () => {
	const { ask, makeUser, makeGroup } = await startTenant();
	const ids = [(await makeUser()).id, (await makeGroup()).id];
	const read = (body: object) => ask<{ value: { id: string }[] }>('POST', '/directoryObjects/getByIds', { body });
	expect((await read({ ids: [...ids, 'x'] })).body.value.map(({ id }) => id)).toEqual(ids);
	expect((await read({ ids: Array(1001).fill('x') })).status).toBe(400);
	expect((await read({})).status).toBe(400);
});

test('a filter has at most 15 alternatives, unless it asks the slow index', async () => {
	const tenant = await startTenant();
	await tenant.makeUser({ displayName: 'n3' });
	const names = Array.from({ length: 16 }, (_, at) => `n${at}`);
	const listed = (count: number) => `displayName in (${names.slice(0, count).map((name) => `'${name}'`)})`;
	const either = (count: number) =>
		names
			.slice(0, count)
			.map((name) => `displayName eq '${name}'`)
			.join(' or ');
	for (const filter of [listed, either]) {
		expect(await found(tenant, filter(15))).toEqual(['n3']);
		expect(await found(tenant, filter(16))).toMatchObject(refusal(400, 'Request_UnsupportedQuery'));
		expect(await found(tenant, filter(16), { count: true, headers: eventual })).toEqual(['n3']);
	}
});

test('the name that an account has on premises is found by the slow index only', async () => {
	const tenant = await startTenant();
	const properties = {
		displayName: 'Ada',
		onPremisesSamAccountName: 'ada',
		onPremisesUserPrincipalName: 'ada@corp.example',
	};
	const id = '00000000-0000-4000-8000-000000000001';
	await tenant.server.change(tenant.tenantId, [{ type: 'create', id, kind: 'user', at: 0, properties }]);
	expect(await found(tenant, "onPremisesSamAccountName eq 'ada'")).toMatchObject(
		refusal(400, 'Request_UnsupportedQuery'),
	);
	expect(await found(tenant, "onPremisesSamAccountName eq 'ada'", { count: true, headers: eventual })).toEqual(['Ada']);
	expect(await found(tenant, "onPremisesUserPrincipalName eq 'ada@corp.example'")).toEqual(['Ada']);
});
