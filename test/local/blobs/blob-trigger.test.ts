import { TableClient } from '@azure/data-tables';
import {
	AccountSASPermissions,
	AccountSASResourceTypes,
	BlobServiceClient,
	type ContainerClient,
	generateAccountSASQueryParameters,
	type StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';
import { type BlobHost, createBlobHost } from '../../../src/local/blobs/blob-host.ts';
import { createBlobReceiptStore } from '../../../src/local/blobs/blob-receipts.ts';
import { createBlobWebhook, parseBlobUrl } from '../../../src/local/blobs/blob-webhook.ts';
import type { InvocationRequest } from '../../../src/local/worker/worker-contract.ts';
import { createRecordingWorker, functionOf } from '../support/recording-worker.ts';
import { expectSoon } from '../support/soon.ts';

let azurite: Azurite;
let service: BlobServiceClient;
let hosts: BlobHost[] = [];
let functionCount = 0;

beforeAll(async () => {
	azurite = await startAzurite({ preferUsualPorts: false, log() {} });
	service = BlobServiceClient.fromConnectionString(azurite.connectionString);
});
afterEach(async () => {
	await Promise.all(hosts.map((host) => host.stop()));
	hosts = [];
	for await (const { name } of service.listContainers()) await service.deleteContainer(name);
});
afterAll(() => azurite.stop());

/** Names of the blobs for which a function was called, in order. */
const names = (calls: { request: InvocationRequest }[]) =>
	calls.map(({ request }) => request.triggerMetadata?.BlobTrigger?.string);

interface Setup {
	name?: string;
	behave?: (request: InvocationRequest) => Promise<void> | void;
	properties?: Record<string, string>;
	includeContainers?: (name: string) => boolean;
	poisonBlobThreshold?: number;
}

async function start({ name = `function${functionCount++}`, behave, properties = {}, ...options }: Setup = {}) {
	const target = functionOf(name, {
		type: 'blobTrigger',
		path: 'uploads/{file}',
		connection: 'STORE',
		source: 'EventGrid',
		properties,
	});
	const worker = createRecordingWorker([target], behave);
	const logged: string[] = [];
	const host = await createBlobHost({
		worker,
		connectionString: azurite.connectionString,
		resolveConnection: () => azurite.connectionString,
		includeContainers: () => true,
		pollIntervalMs: 20,
		poisonBlobThreshold: 5,
		maxDegreeOfParallelism: 4,
		log: (_level, message) => void logged.push(message),
		...options,
	});
	hosts.push(host);
	host.start();
	return { name, worker, host, logged, seen: () => names(worker.calls) };
}

async function createContainer(name: string): Promise<ContainerClient> {
	const container = service.getContainerClient(name);
	await container.create();
	return container;
}

const put = (container: ContainerClient, name: string, text: string) =>
	container.getBlockBlobClient(name).upload(text, text.length, { metadata: { Origin: 'test' } });

describe('a blob function', () => {
	test('is called once for a new blob, with its content and its metadata', async () => {
		const { worker, seen } = await start();
		const container = await createContainer('uploads');
		await put(container, 'a/b.csv', 'hello');
		await put(container, 'c.csv', 'other');
		await expectSoon(() => seen().toSorted()).toEqual(['uploads/a/b.csv', 'uploads/c.csv']);
		const request = worker.calls.find(({ request }) => request.triggerMetadata?.file?.string === 'a/b.csv')?.request;
		expect(Buffer.from(request?.inputData[0]?.data.bytes ?? []).toString()).toBe('hello');
		expect(request?.triggerMetadata?.Uri?.string).toBe(`${azurite.blobUrl}/uploads/a/b.csv`);
		expect(JSON.parse(request?.triggerMetadata?.Properties?.json ?? '')).toMatchObject({ ContentLength: 5 });
		expect(JSON.parse(request?.triggerMetadata?.Metadata?.json ?? '')).toEqual({ origin: 'test' });
	});

	test('gets a reference instead of the content when it asks for it', async () => {
		const { worker, seen } = await start({ properties: { supportsDeferredBinding: 'true' } });
		await put(await createContainer('uploads'), 'a.csv', 'hello');
		await expectSoon(seen).toHaveLength(1);
		const data = worker.calls[0]?.request.inputData[0]?.data;
		expect(data?.bytes).toBeUndefined();
		expect(data?.modelBindingData).toMatchObject({ source: 'AzureStorageBlobs', version: '1.0' });
		const content = JSON.parse(Buffer.from(data?.modelBindingData?.content ?? []).toString());
		expect(content).toEqual({ Connection: 'STORE', ContainerName: 'uploads', BlobName: 'a.csv' });
	});

	test('is called for a foreign container too, without pattern names, unless the subscription leaves it out', async () => {
		const { worker, seen } = await start({ includeContainers: (name) => name !== 'private' });
		await put(await createContainer('private'), 'x', '1');
		await put(await createContainer('stranger'), 'y', '1');
		await expectSoon(seen).toEqual(['stranger/y']);
		expect(worker.calls[0]?.request.triggerMetadata).not.toHaveProperty('file');
	});

	test('is called again for an overwrite, and reads the newest content', async () => {
		const { worker, seen } = await start();
		const container = await createContainer('uploads');
		await put(container, 'a.csv', 'first');
		await expectSoon(seen).toHaveLength(1);
		await put(container, 'a.csv', 'second');
		await expectSoon(seen).toHaveLength(2);
		expect(Buffer.from(worker.calls[1]?.request.inputData[0]?.data.bytes ?? []).toString()).toBe('second');
	});

	test('is tried five times for a blob at which it fails, which then is poison; others go on', async () => {
		const { name, seen, logged } = await start({
			behave: (request) => {
				if (request.triggerMetadata?.BlobTrigger?.string === 'uploads/bad') throw new Error('invented failure');
			},
		});
		const container = await createContainer('uploads');
		await put(container, 'bad', '1');
		await put(container, 'good', '1');
		await expectSoon(() => logged.at(-1)).toContain(`Blob "uploads/bad" is poison for "${name}" after 5 attempts`);
		expect(seen().filter((blob) => blob === 'uploads/bad')).toHaveLength(5);
		expect(seen().filter((blob) => blob === 'uploads/good')).toHaveLength(1);
		expect(await readPoison()).toMatchObject({
			FunctionId: `Host.Functions.${name}`,
			ContainerName: 'uploads',
			BlobName: 'bad',
		});
	});

	test('is not called for a blob that is gone when its turn comes', async () => {
		const container = await createContainer('uploads');
		const first = await start({
			behave: async () => {
				throw new Error('invented failure');
			},
			poisonBlobThreshold: 1_000_000,
		});
		await put(container, 'gone', '1');
		await expectSoon(first.seen).not.toHaveLength(0);
		await first.host.stop();
		await container.deleteBlob('gone');
		const second = await start({ name: first.name });
		await put(container, 'later', '1');
		await expectSoon(second.seen).toEqual(['uploads/later']);
		expect(second.logged).toEqual([]);
	});

	test('hears nothing of blobs that are older than itself', async () => {
		const container = await createContainer('uploads');
		await put(container, 'old', '1');
		const { lastModified } = await container.getBlobClient('old').getProperties();
		// Last-Modified counts whole seconds: the function must come to life in a later one.
		await expectSoon(() => Date.now()).toBeGreaterThan((lastModified?.getTime() ?? 0) + 1000);
		const { seen } = await start();
		await put(container, 'new', '1');
		await expectSoon(seen).toEqual(['uploads/new']);
	});

	test('hears after a restart of blobs written while the host was down, and of no others', async () => {
		const container = await createContainer('uploads');
		const first = await start();
		await put(container, 'before', '1');
		await expectSoon(first.seen).toHaveLength(1);
		await first.host.stop();
		await put(container, 'while-down', '1');
		const second = await start({ name: first.name });
		await expectSoon(second.seen).toEqual(['uploads/while-down']);
	});

	test('is called after a restart for a delivery that was pending, with its attempts counted on', async () => {
		const container = await createContainer('uploads');
		const first = await start({
			behave: async () => {
				throw new Error('invented failure');
			},
			poisonBlobThreshold: 1_000_000,
		});
		await put(container, 'retried', '1');
		await expectSoon(first.seen).not.toHaveLength(0);
		await first.host.stop();
		const attempts = first.worker.calls.length;
		const second = await start({ name: first.name, poisonBlobThreshold: attempts + 1 });
		await expectSoon(second.seen).toEqual(['uploads/retried']);
	});
});

test('a container that cannot be listed, as with a name that XML cannot have, stops no other one, and is said once', async () => {
	const { seen, logged } = await start();
	const [first, last] = [await createContainer('aaa'), await createContainer('zzz')];
	const odd = await createContainer('middle');
	await put(odd, 'before', '1');
	await put(first, 'one', '1');
	await expectSoon(() => seen().toSorted()).toEqual(['aaa/one', 'middle/before']);
	await put(odd, 'a\uffffb', '1');
	await expectSoon(() => logged.join()).toContain('Cannot list the blobs of "middle"');
	for (const container of [first, last]) await put(container, 'two', '1');
	await expectSoon(() => seen().toSorted()).toEqual(['aaa/one', 'aaa/two', 'middle/before', 'zzz/two']);
	expect(logged).toHaveLength(1);
	await odd.deleteBlob('a\uffffb');
	await put(odd, 'after', '1');
	await expectSoon(seen).toContain('middle/after');
	expect(seen()).toHaveLength(5);
});

test('receipts of blobs that are gone are removed, and a function goes on while containers come and go', async () => {
	const { name, seen, logged } = await start();
	const container = await createContainer('uploads');
	await put(container, 'a.csv', '1');
	await expectSoon(seen).toHaveLength(1);
	await expectSoon(() => receiptStates(name)).toEqual(['done']);
	await container.delete();
	await expectSoon(() => receiptStates(name)).toEqual([]);
	expect(logged).toEqual([]);
});

async function receiptStates(functionId: string): Promise<string[]> {
	const options = { allowInsecureConnection: true };
	const table = TableClient.fromConnectionString(azurite.connectionString, 'AzureWebJobsBlobReceipts', options);
	return (await createBlobReceiptStore(table).load(functionId)).map(({ state }) => state);
}

describe('the webhook', () => {
	const webhookLog: string[] = [];
	const post = (host: BlobHost, functionName: string, type: string, body: unknown) =>
		createBlobWebhook(
			host.triggers,
			(_level, message) => void webhookLog.push(message),
		)(
			new Request(`http://127.0.0.1/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}`, {
				method: 'POST',
				headers: { 'aeg-event-type': type },
				body: JSON.stringify(body),
			}),
		);

	test('answers the handshake', async () => {
		const { name, host } = await start();
		const body = [{ data: { validationCode: '123' } }];
		const response = await post(host, name, 'SubscriptionValidation', body);
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual({ validationResponse: '123' });
	});

	test('delivers a notification once, though the poller sees the same blob and Event Grid repeats itself', async () => {
		const { name, host, seen } = await start();
		const container = await createContainer('uploads');
		const { etag } = await put(container, 'a b.csv', '1');
		const event = { data: { url: container.getBlobClient('a b.csv').url, eTag: etag } };
		expect((await post(host, name, 'Notification', [event])).status).toBe(202);
		expect((await post(host, name, 'Notification', event)).status).toBe(202);
		await put(container, 'last', '1');
		await expectSoon(() => seen().at(-1)).toBe('uploads/last');
		expect(seen()).toEqual(['uploads/a b.csv', 'uploads/last']);
	});

	test.each([
		['Unsubscribe', [], 202],
		['Notification', [{ data: { url: 'nonsense' } }], 400],
		['Notification', [null], 400],
		['Other', [], 400],
	])('answers %s with %o by %i', async (type, body, status) => {
		const { name, host } = await start();
		expect((await post(host, name, type, body)).status).toBe(status);
	});

	test('accepts what is meant for an unknown function, as Azure does, and says that nothing runs', async () => {
		const { host } = await start();
		expect((await post(host, 'gone', 'Notification', [])).status).toBe(202);
		expect(webhookLog.at(-1)).toContain('"Host.Functions.gone"');
	});

	test('refuses, with an error in the log, an event without the name of a blob, which would end the host on Azure', async () => {
		const { name, host } = await start();
		const url = 'https://district.blob.core.windows.net/uploads';
		expect((await post(host, name, 'Notification', [{ data: { url } }])).status).toBe(400);
		expect(webhookLog.at(-1)).toContain('filter the subscription');
	});
});

test.each([
	['http://127.0.0.1:10000/devstoreaccount1/uploads/a/b%20c.csv', { container: 'uploads', name: 'a/b c.csv' }],
	['https://district.blob.core.windows.net/uploads/a.csv', { container: 'uploads', name: 'a.csv' }],
	['https://district.blob.core.windows.net/uploads', undefined],
	['https://district.blob.core.windows.net/uploads/%zz', undefined],
])('parseBlobUrl() reads %s', (url, expected) => {
	expect(parseBlobUrl(url)).toEqual(expected);
});

async function readPoison(): Promise<unknown> {
	const resourceTypes = AccountSASResourceTypes.parse('o').toString();
	const permissions = AccountSASPermissions.parse('rp');
	const expiresOn = new Date(Date.now() + 3_600_000);
	const credential = service.credential as StorageSharedKeyCredential;
	const sas = generateAccountSASQueryParameters({ services: 'q', resourceTypes, permissions, expiresOn }, credential);
	const response = await fetch(`${azurite.queueUrl}/webjobs-blobtrigger-poison/messages?peekonly=true&${sas}`);
	const [, text] = /<MessageText>(.*)<\/MessageText>/.exec(await response.text()) ?? [];
	return JSON.parse(Buffer.from(text ?? '', 'base64').toString());
}
