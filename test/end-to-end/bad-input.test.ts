import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignTenant, startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import {
	type Answer,
	type GraphClient,
	graphClient,
	type Json,
	profilesPath,
	tokenFor,
} from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { createProfile, creationProfile, type RosterFiles, syncRoster, uploadFiles } from '../support/sync-story.ts';

let host: TestHost;
let client: GraphClient;

beforeAll(async () => {
	host = await startTestHost();
	client = graphClient(host, await tokenFor(host));
});

afterAll(() => host?.dispose());

/** Every refusal is Graph's error body, with something to do in its message and nothing of our insides. */
function expectGraphError(answer: Answer, status: number): void {
	expect(answer.status, answer.text).toBe(status);
	const error = answer.body.error as Json | undefined;
	expect(error, answer.text).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/\w.*\./) });
	expect(error?.innerError).toMatchObject({ 'request-id': answer.headers.get('request-id') });
	expect(answer.text).not.toMatch(/\bat .+\.(ts|js):\d+|node_modules|[A-Za-z]+Error:/);
}

const withBody = (body: string, contentType = 'application/json') =>
	raw('POST', profilesPath, { body, headers: { 'content-type': contentType } });

async function raw(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
	const headers = { authorization: `Bearer ${await tokenFor(host)}`, ...(init.headers as Record<string, string>) };
	const response = await fetch(`${host.url}${path}`, { ...init, method, headers });
	const text = await response.text();
	return {
		status: response.status,
		headers: response.headers,
		text,
		body: text.startsWith('{') ? (JSON.parse(text) as Json) : {},
	};
}

describe('a body', () => {
	test.for([
		['that is not JSON', '{"displayName": ', 400],
		['that is a list', '[]', 400],
		['that is null', 'null', 400],
		['that is empty', '', 400],
		['that is longer than any profile', JSON.stringify({ displayName: 'x'.repeat(1_100_000) }), 413],
	] as const)('%s is refused', async ([, body, status]) => {
		expectGraphError(await withBody(body), status);
	});

	test('of another type is refused', async () => {
		expectGraphError(await withBody('<profile/>', 'application/xml'), 415);
	});

	test.for([
		['without a name', { ...creationProfile, displayName: undefined }, 'displayName'],
		[
			'with an unknown provider',
			{ ...creationProfile, dataProvider: { '@odata.type': '#microsoft.graph.faxProvider' } },
			'dataProvider',
		],
		[
			'without identity configuration',
			{ ...creationProfile, identitySynchronizationConfiguration: undefined },
			'identitySynchronizationConfiguration',
		],
		['with a date that is none', { ...creationProfile, expirationDate: 'tomorrow' }, 'expirationDate'],
		['with a date that has passed', { ...creationProfile, expirationDate: '2020-01-01' }, 'expirationDate'],
	] as const)('%s is refused, and says where', async ([, body, target]) => {
		const answer = await client.send('POST', profilesPath, body);
		expectGraphError(answer, 400);
		const { details } = answer.body.error as { details: Json[] };
		expect(details.map((detail) => String(detail.target).split('/')[0])).toContain(target);
	});
});

describe('a token', () => {
	const withToken = async (authorization?: string) => {
		const response = await fetch(`${host.url}${profilesPath}`, { headers: authorization ? { authorization } : {} });
		const text = await response.text();
		return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Json };
	};
	const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

	test('that is missing, no token, unsigned or changed is refused with 401', async () => {
		const good = await tokenFor(host);
		const [header = '', payload = '', signature = ''] = good.split('.');
		const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
		const unsigned = `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`;
		const promoted = `${header}.${encode({ ...claims, roles: ['EduAdministration.ReadWrite.All'], tid: foreignTenant })}.${signature}`;
		for (const authorization of [
			undefined,
			'Bearer',
			'Bearer nonsense',
			`Basic ${good}`,
			`Bearer ${unsigned}`,
			`Bearer ${promoted}`,
		]) {
			const answer = await withToken(authorization);
			expectGraphError(answer, 401);
			expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
		}
	});

	test('of a tenant that is not onboarded is refused with 403', async () => {
		expectGraphError(await withToken(`Bearer ${await tokenFor(host, foreignTenant)}`), 403);
	});

	test('that may only read cannot write', async () => {
		const reader = graphClient(host, await tokenFor(host, undefined, 'reader'));
		expect((await reader.get(profilesPath)).status).toBe(200);
		expectGraphError(await reader.send('POST', profilesPath, creationProfile), 403);
	});
});

describe('an id', () => {
	test.for(['no-guid', '..%2f..%2fetc', '%00', "0'; drop", '*', 'a'.repeat(2_000)])(
		'such as %s names nothing',
		async (id) => {
			for (const path of [
				`${profilesPath}/${encodeURIComponent(id)}`,
				`${profilesPath}/${encodeURIComponent(id)}/errors`,
			]) {
				expectGraphError(await client.get(path), 404);
			}
		},
	);

	test('of nobody is not found', async () => {
		expectGraphError(await client.get(`${profilesPath}/00000000-0000-4000-8000-000000000000`), 404);
	});
});

test.for(['$top=-1', '$top=many', '$skiptoken=bm9uc2Vuc2U', '$skiptoken=%00'])(
	'the query option %s is refused by name',
	async (query) => {
		const answer = await client.get(`${profilesPath}?${query}`);
		expectGraphError(answer, 400);
		expect((answer.body.error as Json).message).toContain(query.split('=')[0]);
	},
);

describe('an upload', () => {
	/** One profile for each, so that a refused file of one does not stand in another's way. */
	async function startWith(changes: RosterFiles, without?: string): Promise<Answer> {
		const profile = await createProfile(client);
		const files = Object.fromEntries(
			Object.entries({ ...smallRoster(), ...changes }).filter(([name]) => name !== without),
		);
		await uploadFiles(client, profile, files);
		const answer = await client.send('POST', `${profile}/start`);
		if (answer.status === 400) {
			expect((await client.get(`${profile}/profileStatus`)).body.status).toBe('validationError');
			// Nothing is lost: the one file that was wrong is enough.
			expect(await syncRoster(client, profile, { ...smallRoster() })).toMatchObject({ outcome: 'success' });
		}
		return answer;
	}

	const descriptions = (answer: Answer) =>
		(answer.body.value as Json[]).map(({ fileName, description }) => `${fileName}: ${description}`);

	test('with a file missing names the file', async () => {
		const answer = await startWith({}, 'Teacher.csv');
		expectGraphError(answer, 400);
		expect(descriptions(answer)).toContain('teacher.csv: File is missing.');
	});

	test('that is empty, binary, UTF-16 or has no header names the file and the trouble', async () => {
		const binary = Uint8Array.from({ length: 5_000 }, (_, at) => (at * 37) % 256);
		const utf16 = Buffer.from(`\uFEFF${smallRoster()['School.csv']}`, 'utf16le');
		for (const content of ['', '\r\n\r\n', binary, utf16, 'just words\r\n']) {
			const answer = await startWith({ 'School.csv': content });
			expectGraphError(answer, 400);
			expect(descriptions(answer).some((text) => text.startsWith('school.csv: '))).toBe(true);
		}
	});

	test('with headers and nothing else is said to have no rows, and what refers to them is refused', async () => {
		const answer = await startWith({ 'School.csv': 'SIS ID,Name\r\n' });
		expectGraphError(answer, 400);
		expect(descriptions(answer).join()).toContain(
			'section.csv: 3 row(s) have referenced data not found in source. Field - School SIS ID',
		);
	});

	test('shows no password, birth date or name of a child anywhere', async () => {
		const students = [
			'SIS ID,School SIS ID,First Name,Last Name,Username,Password,Birthdate',
			'P1,S1,Zoë,Ardent,z ardent,Hush-2026!,31.12.2011',
			'P2,NOWHERE,Yusuf,Brook,,Hush-2026!,1.1.2011',
		].join('\r\n');
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster({ 'Student.csv': `${students}\r\n` }));
		const answer = await client.send('POST', `${profile}/start`);
		expectGraphError(answer, 400);
		const errors = await client.get(`${profile}/errors`);
		for (const text of [answer.text, errors.text, host.log()]) {
			expect(text).not.toMatch(/Hush-2026!|31\.12\.2011|1\.1\.2011|Yusuf|Ardent/);
		}
	});

	test('of 200 MB without a line break is refused at its first 64 KiB', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, smallRoster());
		const { body } = await client.get(`${profile}/uploadUrl`);
		const chunk = Buffer.alloc(1_000_000, 'x');
		const stream = Readable.from(
			(function* () {
				for (let at = 0; at < 200; at++) yield chunk;
			})(),
		);
		const uploaded = await fetch(String(body.value).replace('?', '/Section.csv?'), {
			method: 'PUT',
			headers: { 'x-ms-blob-type': 'BlockBlob', 'content-length': '200000000' },
			body: Readable.toWeb(stream) as ReadableStream,
			duplex: 'half',
		} as RequestInit);
		expect(uploaded.status).toBe(201);
		const answer = await client.send('POST', `${profile}/start`);
		expectGraphError(answer, 400);
		expect(descriptions(answer).some((text) => text.startsWith('section.csv: '))).toBe(true);
	});

	test('named like a path goes nowhere, and is reported as unknown', async () => {
		const profile = await createProfile(client);
		await uploadFiles(client, profile, { ...smallRoster(), [encodeURIComponent('../../rosters/School.csv')]: 'x' });
		const answer = await client.send('POST', `${profile}/start`);
		expect(answer.status, answer.text).toBe(200);
		expect((answer.body.value as Json[]).filter(({ type }) => type === 'Warning')).toHaveLength(1);
	});
});

test('a service whose issuer is out of reach answers 503, and asks to come back', async () => {
	const dead = createServer();
	await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
	const { port } = dead.address() as AddressInfo;
	dead.close();
	const lost = await startTestHost({ settings: { AUTH_AUTHORITY: `http://127.0.0.1:${port}` } });
	try {
		const response = await fetch(`${lost.url}${profilesPath}`, {
			headers: { authorization: `Bearer ${await tokenFor(host)}` },
		});
		expect(response.status).toBe(503);
		expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
	} finally {
		await lost.dispose();
	}
});
