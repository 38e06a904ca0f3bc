import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';

let dataFolder: string;
let running: Azurite[] = [];

beforeEach(() => {
	dataFolder = mkdtempSync(join(tmpdir(), 'azurite-'));
});
afterEach(async () => {
	await Promise.all(running.map((azurite) => azurite.stop()));
	running = [];
	rmSync(dataFolder, { recursive: true, force: true });
});

async function start(folder?: string): Promise<Azurite> {
	const azurite = await startAzurite({
		...(folder === undefined ? {} : { dataFolder: folder }),
		preferUsualPorts: false,
		log() {},
	});
	running.push(azurite);
	return azurite;
}

function blobOf({ connectionString }: Azurite) {
	const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('kept');
	return { container, blob: container.getBlockBlobClient('a.txt') };
}

test('it serves blobs, queues and tables on loopback ports of its own', async () => {
	const [first, second] = await Promise.all([start(), start()]);
	const urls = [first, second].flatMap(({ blobUrl, queueUrl, tableUrl }) => [blobUrl, queueUrl, tableUrl]);
	expect(new Set(urls).size).toBe(6);
	for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1$/);
});

test('what was acknowledged just before the stop is there after the next start', async () => {
	const first = await start(dataFolder);
	const { container, blob } = blobOf(first);
	await container.create();
	await blob.upload('kept', 4);
	await first.stop();
	const second = await start(dataFolder);
	expect(String(await blobOf(second).blob.downloadToBuffer())).toBe('kept');
});

test('a second one on the same folder waits for the first, and then sees its last writes', async () => {
	const first = await start(dataFolder);
	let isFirstStopped = false;
	const starting = start(dataFolder).then((azurite) => ({ azurite, afterFirst: isFirstStopped }));
	const { container, blob } = blobOf(first);
	await container.create();
	await blob.upload('late', 4);
	isFirstStopped = true;
	await first.stop();
	const second = await starting;
	expect(second.afterFirst).toBe(true);
	expect(String(await blobOf(second.azurite).blob.downloadToBuffer())).toBe('late');
});

test('in memory it writes no file', async () => {
	const before = readdirSync(tmpdir()).filter((name) => name.includes('azurite_db'));
	await start();
	expect(readdirSync(tmpdir()).filter((name) => name.includes('azurite_db'))).toEqual(before);
});

test('an unexpected end is reported, a stop is not', async () => {
	const killed = await start();
	process.kill(killed.pid, 'SIGTERM');
	await killed.ended;
	const stopped = await start();
	await stopped.stop();
	const first = await Promise.race([stopped.ended.then(() => 'reported'), Promise.resolve('silent')]);
	expect(first).toBe('silent');
});
