import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BlobRecorder, recordBlobs } from '../../../bench/sync/recorded-blobs.ts';
import { startTestStorage, type TestStorage } from '../../support/hosts/test-storage.ts';

let storage: TestStorage;
let recorder: BlobRecorder;

beforeAll(async () => {
	storage = await startTestStorage();
	recorder = await recordBlobs(storage.azurite.connectionString, 'rosters');
});
afterAll(async () => {
	await recorder.stop();
	await storage.stop();
});

test('recordBlobs() notes every write of its container, also of what is gone, and nothing that storage copies', async () => {
	const service = BlobServiceClient.fromConnectionString(recorder.connectionString);
	const containerOf = async (name: string): Promise<ContainerClient> => {
		const container = service.getContainerClient(name);
		await container.create();
		return container;
	};
	const [rosters, uploads] = [await containerOf('rosters'), await containerOf('uploads')];
	const text = Buffer.from('twelve bytes');
	await uploads.getBlockBlobClient('a').upload(text, text.length);
	await rosters.getBlockBlobClient('run/shards/school 0').upload(text, text.length);
	await rosters.getBlockBlobClient('run/shards/school 0').delete();
	const blocks = rosters.getBlockBlobClient('run/plan');
	for (const id of ['MQ==', 'Mg==']) await blocks.stageBlock(id, text, text.length);
	await blocks.commitBlockList(['MQ==', 'Mg==']);
	await rosters.getBlockBlobClient('run/source').syncCopyFromURL(uploads.getBlobClient('a').url);
	expect(String(await rosters.getBlobClient('run/source').downloadToBuffer())).toBe('twelve bytes');
	expect(recorder.writes).toEqual([
		{ name: 'run/shards/school 0', bytes: 12 },
		{ name: 'run/plan', bytes: 24 },
	]);
});
