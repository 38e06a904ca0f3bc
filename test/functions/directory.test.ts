import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/http/openapi/openapi.ts';
import { operationDocs } from '../../src/http/openapi/operation-docs.ts';
import { type Operation, operations } from '../../src/http/operations.ts';
import { type ApiCall, type ApiUnderTest, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import type { Json } from '../support/requests/graph-client.ts';
import { skipTokenFor } from '../support/requests/skip-tokens.ts';
import { fillSmallDirectory, type SmallDirectory } from '../support/rosters/small-directory.ts';
import { otherTenant } from '../support/tenants.ts';
import { appDeps } from '../support/worlds/stores.ts';

const educationUrl = `${serviceUrl}/beta/education`;

let api: ApiUnderTest;
let other: ApiCall;
let { schools, classes, users } = {} as SmallDirectory;

beforeAll(async () => {
	api = await startApi();
	other = { claims: { tid: otherTenant, iss: `${api.authority}/${otherTenant}/v2.0` } };
	({ schools, classes, users } = await fillSmallDirectory(appDeps().directory));
});

afterAll(() => api?.stop());

/** The items of all pages, following the next links as a client does. */
async function items(path: string, call: ApiCall = {}): Promise<Json[]> {
	const all: Json[] = [];
	for (let url: string | undefined = `${educationUrl}/${path}`; url; ) {
		const { status, body } = await api.call(url, call);
		if (status !== 200) throw new Error(`GET ${url} answered ${status}: ${JSON.stringify(body)}`);
		all.push(...(body.value as Json[]));
		url = body['@odata.nextLink'] as string | undefined;
	}
	return all;
}

const names = async (path: string) => (await items(path)).map(({ displayName }) => displayName).sort();
const filterOf = (filter: string) => new URLSearchParams({ $filter: filter });
const filtered = (list: string, filter: string) => names(`${list}?${filterOf(filter)}`);

/** Every collection that there is, and the names of what is in it. */
function collections(): [string, string[]][] {
	const [north, south] = schools;
	const [maths, music] = classes;
	const [zoe, , ada, max] = users;
	return [
		['schools', ['North School', 'South School']],
		['classes', ['Maths', 'Music']],
		['users', ['Ada Lund', 'Bo Berg', 'Max Ode', "Zoë O'Neil"]],
		[`schools/${north}/classes`, ['Maths']],
		[`schools/${north}/users`, ['Ada Lund', "Zoë O'Neil"]],
		[`schools/${south}/users`, ['Ada Lund', 'Bo Berg']],
		[`classes/${maths}/schools`, ['North School']],
		[`classes/${maths}/members`, ['Ada Lund', 'Bo Berg', "Zoë O'Neil"]],
		[`classes/${maths}/teachers`, ['Ada Lund']],
		[`classes/${music}/teachers`, []],
		[`users/${ada}/schools`, ['North School', 'South School']],
		[`users/${max}/schools`, []],
		[`users/${zoe}/classes`, ['Maths', 'Music']],
		[`users/${ada}/classes`, ['Maths']],
		[`users/${ada}/taughtClasses`, ['Maths']],
		[`users/${zoe}/taughtClasses`, []],
	];
}

const directoryOperations: readonly Operation[] = Object.values(operations).filter(
	({ name }) => operationDocs[name as keyof typeof operationDocs].tag === 'directory',
);

describe('the collections of the directory', () => {
	test('hold what belongs to them, whatever the page size, and count it', async () => {
		for (const [path, wanted] of collections()) {
			expect(await names(path), path).toEqual(wanted);
			expect(await names(`${path}?$top=1`), path).toEqual(wanted);
			const count = await api.call(`${educationUrl}/${path}/$count`);
			expect([count.text, count.headers['content-type']], path).toEqual([String(wanted.length), 'text/plain']);
			const counted = await api.call(`${educationUrl}/${path}?$count=true&$top=1`);
			expect(counted.body['@odata.count'], path).toBe(wanted.length);
			expect((await api.call(`${educationUrl}/${path}`)).body, path).not.toHaveProperty('@odata.count');
		}
	});

	test('are all there are', () => {
		const routes = collections().map(([path]) => `beta/education/${path.replace(/[0-9a-f-]{36}/, '{id}')}`);
		const lists = directoryOperations.filter(({ name }) => name.startsWith('list'));
		expect([...new Set(routes)].sort()).toEqual(lists.map(({ route }) => route).sort());
	});

	test('answer to other spellings', async () => {
		expect(await names(`Schools('${schools[0]}')/microsoft.graph.Classes`)).toEqual(['Maths']);
		expect((await api.call(`${educationUrl}/Users('${users[0]}')/Classes/$count`)).text).toBe('2');
		expect((await api.call(`${educationUrl}/Schools/$count`)).text).toBe('2');
	});

	test('are nowhere in another tenant', async () => {
		for (const [path] of collections()) {
			const isBelow = path.includes('/');
			if (isBelow) expect((await api.call(`${educationUrl}/${path}`, other)).status, path).toBe(404);
			else expect(await items(path, other), path).toEqual([]);
			const count = await api.call(`${educationUrl}/${path}/$count`, other);
			expect([count.status, count.text], path).toEqual(isBelow ? [404, undefined] : [200, '0']);
		}
		expect((await api.call(`${educationUrl}/schools/${schools[0]}`, other)).status).toBe(404);
	});

	test('may be read by who may only read', async () => {
		const reader = { claims: { roles: ['EduAdministration.Read.All'] } };
		expect(new Set(directoryOperations.map(({ permission }) => permission))).toEqual(new Set(['read']));
		expect((await api.call(`${educationUrl}/users/${users[0]}/classes`, reader)).status).toBe(200);
	});

	test('never show a password', async () => {
		expect(JSON.stringify(await items('users'))).not.toContain('Welcome-2026!');
	});
});

describe('one object of the directory', () => {
	test('is shown by its id', async () => {
		for (const path of [`classes/${classes[0]}`, `classes('${classes[0].toUpperCase()}')`]) {
			expect((await api.call(`${educationUrl}/${path}`)).body, path).toMatchObject({
				'@odata.context': `${serviceUrl}/beta/$metadata#education/classes/$entity`,
				id: classes[0],
				displayName: 'Maths',
			});
		}
	});

	test('shows its schools beside it when asked to, alone or in a list', async () => {
		expect((await api.call(`${educationUrl}/classes/${classes[1]}?$expand=schools`)).body).toMatchObject({
			displayName: 'Music',
			schools: [{ id: schools[1], displayName: 'South School' }],
		});
		const chosen = '$select=displayName&$expand=schools';
		expect((await api.call(`${educationUrl}/users/${users[0]}?${chosen}`)).body).toEqual({
			'@odata.context': expect.any(String),
			displayName: "Zoë O'Neil",
			schools: [expect.objectContaining({ displayName: 'North School' })],
		});
		expect(await items(`classes/${classes[0]}/teachers?$select=id&$expand=schools`)).toMatchObject([
			{ id: users[2], schools: [...schools].sort().map((id) => ({ id })) },
		]);
	});

	test('may be asked for every property that it shows', async () => {
		for (const path of [`schools/${schools[0]}`, `classes/${classes[1]}`, `users/${users[0]}`]) {
			const { body } = await api.call(`${educationUrl}/${path}`);
			const select = Object.keys(body).filter((name) => !name.startsWith('@'));
			expect((await api.call(`${educationUrl}/${path}?$select=${select}`)).body, path).toEqual(body);
		}
	});
});

describe('a filter', () => {
	test('finds by equal and beginning texts, in any case', async () => {
		expect(await filtered('users', "userPrincipalName eq 'ADA@example.org'")).toEqual(['Ada Lund']);
		expect(await filtered('users', "startswith(userPrincipalName,'B')")).toEqual(['Bo Berg']);
		expect(await filtered('users', "startswith(displayName, 'zoë o''')")).toEqual(["Zoë O'Neil"]);
		expect(await filtered('users', "externalId eq 't1'")).toEqual(['Max Ode']);
		expect(await filtered('schools', "displayName eq 'north school'")).toEqual(['North School']);
		expect(await filtered('classes', "'C2' eq externalId")).toEqual(['Music']);
	});

	test('finds within what an object leads to, and what meets all its parts', async () => {
		expect(await filtered(`schools/${schools[0]}/users`, "startswith(displayName,'a')")).toEqual(['Ada Lund']);
		expect(await filtered(`schools/${schools[1]}/users`, "userPrincipalName eq 'zoe@example.org'")).toEqual([]);
		expect(await filtered(`classes/${classes[0]}/members`, "externalId eq 'P1'")).toEqual(['Bo Berg']);
		expect(await filtered(`users/${users[0]}/classes`, "startswith(displayName,'mu')")).toEqual(['Music']);
		const both = "(startswith(displayName,'M') and externalId eq 'C1')";
		expect(await filtered('classes', both)).toEqual(['Maths']);
		expect(await filtered('classes', `${both} and displayName eq 'Music'`)).toEqual([]);
	});

	test('goes for the count too', async () => {
		const filter = filterOf("startswith(displayName,'m')");
		expect((await api.call(`${educationUrl}/classes/$count?${filter}`)).text).toBe('2');
		expect((await api.call(`${educationUrl}/users/$count?${filter}`)).text).toBe('1');
		expect((await api.call(`${educationUrl}/classes?${filter}&$count=true&$top=1`)).body).toMatchObject({
			'@odata.count': 2,
			value: [{}],
			'@odata.nextLink': expect.stringContaining('startswith'),
		});
	});

	test.each([
		"contains(displayName,'x')",
		"displayName ne 'x'",
		"displayName eq 'x' or displayName eq 'y'",
		"not startswith(displayName,'x')",
		"displayName in ('x','y')",
		"tolower(displayName) eq 'x'",
		'displayName eq null',
		'displayName eq externalId',
		"startswith('x',displayName)",
		"displayName gt 'x'",
		"primaryRole eq 'teacher'",
		'displayName',
		'false',
	])('that states %s is refused', async (filter) => {
		for (const list of ['users', 'users/$count', `classes/${classes[0]}/members`]) {
			const { status, body } = await api.call(`${educationUrl}/${list}?${filterOf(filter)}`);
			expect([status, body], list).toMatchObject([400, { error: { details: [{ target: '$filter' }] } }]);
		}
	});

	test('that is refused is told what can be looked for, by what', async () => {
		const said = async (list: string, filter: string) =>
			JSON.stringify((await api.call(`${educationUrl}/${list}?${filterOf(filter)}`)).body);
		expect(await said('users', "endswith(displayName,'x')")).toMatch(
			/ eq .*startswith.* one of externalId, displayName, userPrincipalName\./,
		);
		expect(await said('schools', "userPrincipalName eq 'x'")).toMatch(/externalId, displayName\./);
	});
});

const samples = {
	$filter: "displayName eq 'x'",
	$orderby: 'displayName',
	$search: 'x',
	$top: '3',
	$skip: '1',
	$count: 'true',
	$select: 'id',
	$expand: 'schools',
	$skiptoken: '80000000-0000-8000-8000-000000000000',
} as const;

describe('query options', () => {
	test('are taken if the description has them, and else refused, but that counts ignore what is no matter', async () => {
		const { paths } = openApiDocument(serviceUrl) as { paths: Record<string, { get: { parameters: Json[] } }> };
		const ids: Record<string, string> = { schools: schools[0], classes: classes[0], users: users[2] };
		for (const { name, route } of directoryOperations) {
			const described = paths[`/${route}`]?.get.parameters.map((each) => each.name) as string[];
			const path = route.replace(/(\w+)\/\{id\}/, (_, kind: string) => `${kind}/${ids[kind]}`);
			for (const [option, value] of Object.entries(samples)) {
				const url = `${serviceUrl}/${path}`;
				const sent = option === '$skiptoken' ? skipTokenFor(url, value) : value;
				const { status, body } = await api.call(`${url}?${new URLSearchParams({ [option]: sent })}`);
				const isIgnored = name.startsWith('count') && option !== '$search';
				const label = `${name} ${option}`;
				if (described.includes(option) || isIgnored) expect(status, label).toBe(200);
				else expect([status, body], label).toMatchObject([400, { error: { details: [{ target: option }] } }]);
			}
		}
	});

	test.each([
		['$orderby=displayName', /in order of ids/],
		['$skip=1', /@odata\.nextLink/],
		['skip=0', /@odata\.nextLink/],
	])('%s is refused with a sentence that says why', async (option, reason) => {
		const { status, body } = await api.call(`${educationUrl}/users?${option}`);
		expect([status, JSON.stringify(body)]).toEqual([400, expect.stringMatching(reason)]);
	});
});

describe('a skip token', () => {
	test('names an id and nobody', async () => {
		const [first] = await items('users');
		const url = `${educationUrl}/users?$top=1&${filterOf("startswith(userPrincipalName,'')")}`;
		const token = new URL((await api.call(url)).body['@odata.nextLink'] as string).searchParams.get('$skiptoken');
		expect(token).toBe(skipTokenFor(url, first?.id as string));
	});

	test.each([
		'abc',
		'{"nextPartitionKey":"x"}',
		"' or PartitionKey ge '",
		'80000000-0000-8000-8000-00000000000',
		"80000000-0000-8000-8000-000000000000'",
		'\u0000',
	])('made of %j is refused', async (continuation) => {
		for (const [path] of collections()) {
			const url = `${educationUrl}/${path}`;
			const token = new URLSearchParams({ $skiptoken: skipTokenFor(url, continuation) });
			const { status, body } = await api.call(`${url}?${token}`);
			expect([status, body], path).toMatchObject([400, { error: { details: [{ target: '$skiptoken' }] } }]);
		}
	});

	test('of any id goes on behind it, in whatever case it is', async () => {
		const ids = (await items('users')).map(({ id }) => id as string);
		const token = skipTokenFor(`${educationUrl}/users`, (ids[1] as string).toUpperCase());
		expect((await items(`users?$skiptoken=${token}`)).map(({ id }) => id)).toEqual(ids.slice(2));
	});
});
