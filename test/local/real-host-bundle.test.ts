import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBlobReceiptStore } from '../../src/local/blobs/blob-receipts.ts';
import { startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import { type GraphClient, graphClient, poll, tokenFor } from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { createProfile, creationProfile, latestRun, uploadFiles } from '../support/sync-story.ts';
import { expectSoon } from './support/soon.ts';

/** What Azure's own host was seen to do with the app itself, as it is deployed; see `real-host.test.ts`. */

let host: TestHost;
let client: GraphClient;
let key: string;

beforeAll(async () => {
	host = await startTestHost({ settings: { QUIET_SECONDS: '1' } });
	client = graphClient(host, await tokenFor(host));
	key = JSON.parse(readFileSync(path.join(host.dataFolder, 'system-keys.json'), 'utf8')).blobs_extension;
});
afterAll(() => host?.dispose());

interface Post {
	code?: string;
	functionName?: string;
	type?: string;
}

const post = (body: unknown, { code = key, functionName = 'uploadedFile', type = 'Notification' }: Post = {}) =>
	fetch(`${host.url}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${code}`, {
		method: 'POST',
		headers: { 'aeg-event-type': type },
		body: JSON.stringify(body),
	});

let etags = 0;
const eventOf = (url: string) => ({ eventType: 'Microsoft.Storage.BlobCreated', data: { url, eTag: `0x${etags++}` } });

/** Those that the host has accepted and not yet ended. */
/** There may be no receipt at all: those of files that are gone are forgotten. */
async function openDeliveries(): Promise<string[]> {
	const options = { allowInsecureConnection: true };
	const table = TableClient.fromConnectionString(host.connectionString, 'AzureWebJobsBlobReceipts', options);
	const receipts = await createBlobReceiptStore(table).load('uploadedFile');
	return receipts.filter(({ state }) => state !== 'done').map(({ name, state }) => `${name} ${state}`);
}

describe('events of sibling files make no line in the log', () => {
	test('when they come together, doubled, or late, after the files were taken', async () => {
		const profile = await createProfile(client);
		const container = profile.slice(profile.lastIndexOf('/') + 1);
		const uploads = BlobServiceClient.fromConnectionString(host.connectionString).getContainerClient(container);
		const files = smallRoster();
		const urls = Object.keys(files).map((name) => uploads.getBlobClient(name).url);
		const sendAll = async () => {
			const answers = await Promise.all(urls.map((url) => post([eventOf(url), eventOf(url)])));
			expect(answers.map(({ status }) => status)).toEqual(urls.map(() => 202));
		};
		await Promise.all(Object.entries(files).map(([name, text]) => uploadFiles(client, profile, { [name]: text })));
		await sendAll();
		await poll(
			() => latestRun(client, profile),
			(run) => run?.outcome !== undefined,
		);
		await sendAll();
		await expectSoon(openDeliveries).toEqual([]);
		expect(host.log()).toBe('');
	});
});

describe('the webhook', () => {
	test('answers 401 without its key, and the handshake with it', async () => {
		const body = [{ data: { validationCode: 'c' } }];
		const type = 'SubscriptionValidation';
		expect((await post(body, { type, code: 'wrong' })).status).toBe(401);
		expect(await (await post(body, { type })).json()).toEqual({ validationResponse: 'c' });
	});

	test('accepts events for an unknown function, for which nothing runs', async () => {
		const event = eventOf('https://district.blob.core.windows.net/uploads/a.csv');
		expect((await post(event, { functionName: 'gone' })).status).toBe(202);
		await expectSoon(() => host.log()).toContain('"Host.Functions.gone"');
	});

	test('on purpose otherwise than Azure, refuses an event without the name of a blob, which would end the host', async () => {
		expect((await post(eventOf('https://district.blob.core.windows.net/uploads'))).status).toBe(400);
		await expectSoon(() => host.log()).toContain('on Azure it would end the host');
	});
});

describe('the app', () => {
	const named = (profile: string) => `${profile}/profileStatus`;
	const profiles = '/beta/education/synchronizationProfiles';

	test('takes a body with a length and any option for what they are, and not for ids', async () => {
		const profile = await createProfile(client);
		const id = profile.slice(profile.lastIndexOf('/') + 1);
		expect((await client.get(`${profile}?$select=id`)).body).toMatchObject({ id });
		expect((await client.get(`${profile}?PROFILEID=x&displayName=y`)).body).toMatchObject({ id });
		const changed = await client.send('PATCH', profile, { displayName: 'Other', profileId: undefined });
		expect(changed.body).toMatchObject({ displayName: 'Other' });
	});

	test.each(['Headers', 'headers', 'HEADERS'])(
		'sees no token where an option or a member is called %s: 401, as ever without one',
		async (name) => {
			const without = await fetch(`${host.url}${profiles}`);
			for (const answer of [
				await client.get(`${profiles}?${name}=x`),
				await client.get(`${profiles}('x')/status?${name}={"a":"b"}`),
				await client.send('POST', profiles, { ...creationProfile, [name]: { authorization: 5 } }),
			]) {
				expect(answer.status).toBe(401);
				expect(answer.headers.get('www-authenticate')).toBe(without.headers.get('www-authenticate'));
				expect(answer.body.error).toMatchObject({ code: 'InvalidAuthenticationToken' });
			}
		},
	);

	test('answers the same at a path of its own, and at another spelling, which the catch-all serves', async () => {
		const profile = await createProfile(client);
		const id = profile.slice(profile.lastIndexOf('/') + 1);
		const other = `${profiles}('${id}')/microsoft.graph.profileStatus`;
		const [own, spelled] = [await client.get(named(profile)), await client.get(other)];
		expect(spelled.body).toEqual(own.body);
		const comparable = ({ headers }: typeof own) => [...headers.keys()].filter((name) => name !== 'keep-alive').sort();
		expect(comparable(spelled)).toEqual(comparable(own));
	});

	test('answers HEAD where it answers GET, with the headers alone', async () => {
		for (const path of [profiles, `${profiles}/$count`, `${profiles}()`, '/openapi.json']) {
			const [get, head] = [await client.get(path), await client.send('HEAD', path)];
			expect([head.status, head.text], path).toEqual([200, '']);
			for (const name of ['content-type', 'cache-control'])
				expect(head.headers.get(name), path).toBe(get.headers.get(name));
		}
		expect((await client.send('HEAD', `${profiles}/x`)).status).toBe(404);
		expect((await client.send('HEAD', `${profiles}/x/start`)).status).toBe(405);
	});

	test.each(['/', '/admin/x', '/admin/host/status', '/runtime/x', '/nowhere'])(
		'answers %s, which no function and no part of the host has, as any other path',
		async (path) => {
			expect((await fetch(`${host.url}${path}`)).status).toBe(401);
			const { status, body } = await client.get(path);
			expect([status, body.error]).toMatchObject([404, { code: 'ResourceNotFound' }]);
		},
	);

	test('is not asked for a path that begins with two slashes', async () => {
		const { status, text } = await client.get(`/${profiles}`);
		expect([status, text]).toEqual([404, '']);
	});
});
