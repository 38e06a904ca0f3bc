import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobRosterStore } from '../../../src/adapters/stores/roster-store.ts';
import { uploadSigner } from '../../../src/adapters/stores/upload-signer.ts';
import { blobUploadStore } from '../../../src/adapters/stores/upload-store.ts';
import type { UploadedFile, UploadStore } from '../../../src/ports.ts';
import { rosterStoreSuite } from '../../suites/stores/roster-store-suite.ts';
import { uploadStoreSuite } from '../../suites/stores/upload-store-suite.ts';
import { reusedChunks, textOf } from '../../support/bytes-of.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { startTestStorage, type TestStorage } from '../../support/hosts/test-storage.ts';
import { uploadTo, withName } from '../../support/requests/uploader.ts';
import { ownTenant } from '../../support/tenants.ts';

let storage: TestStorage;
let uploads: UploadStore;

beforeAll(async () => {
	storage = await startTestStorage();
	uploads = uploadStoreAt(() => new Date());
});

afterAll(() => storage?.stop());

function uploadStoreAt(now: () => Date): UploadStore {
	return blobUploadStore(storage.account, uploadSigner(storage.account, { permissions: 'cw', now }));
}

async function newProfile(): Promise<string> {
	const profileId = freshId();
	await uploads.create(ownTenant, profileId);
	return profileId;
}

const put = (url: string, body: string) =>
	fetch(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body });

async function upload(profileId: string, name: string, text: string): Promise<UploadedFile> {
	await uploadTo(await uploads.signUrl(profileId), { name, text });
	return (await uploads.list(profileId, 100)).find((file) => file.name === name) as UploadedFile;
}

rosterStoreSuite('in blobs', () => blobRosterStore(storage.account));

uploadStoreSuite('in blobs', () => ({
	uploads,
	rosters: blobRosterStore(storage.account),
	put: async (profileId, name, text, kind) => uploadTo(await uploads.signUrl(profileId), { name, text, kind }),
}));

describe('the upload URL', () => {
	test('writes and overwrites files, also in blocks', async () => {
		const profileId = await newProfile();
		await upload(profileId, 'School.csv', 'one');
		const file = await upload(profileId, 'School.csv', 'two');
		expect(await textOf(await uploads.read(profileId, file))).toBe('two');
		const url = withName(await uploads.signUrl(profileId), 'Section.csv');
		const block = Buffer.from('block-1').toString('base64');
		expect((await put(`${url}&comp=block&blockid=${encodeURIComponent(block)}`, 'in blocks')).status).toBe(201);
		const list = `<BlockList><Latest>${block}</Latest></BlockList>`;
		expect((await fetch(`${url}&comp=blocklist`, { method: 'PUT', body: list })).status).toBe(201);
		expect(await uploads.list(profileId, 100)).toHaveLength(2);
	});

	test('neither reads, lists, deletes nor reaches another container', async () => {
		const profileId = await newProfile();
		await upload(profileId, 'School.csv', 'secret');
		const url = await uploads.signUrl(profileId);
		const file = withName(url, 'School.csv');
		expect((await fetch(file)).status).toBe(403);
		expect((await fetch(file, { method: 'HEAD' })).status).toBe(403);
		expect((await fetch(file, { method: 'DELETE' })).status).toBe(403);
		expect((await fetch(`${url}&restype=container&comp=list`)).status).toBe(403);
		expect((await fetch(`${url}&restype=container`, { method: 'DELETE' })).status).toBe(403);
		expect((await put(withName(url, 'School.csv').replace(profileId, await newProfile()), 'x')).status).toBe(403);
		expect((await put(withName(url, 'School.csv').replace(profileId, 'rosters'), 'x')).status).toBe(403);
	});

	test('is worth nothing after an hour', async () => {
		const profileId = await newProfile();
		const store = uploadStoreAt(() => new Date(Date.now() - 61 * 60_000));
		expect((await put(withName(await store.signUrl(profileId), 'School.csv'), 'late')).status).toBe(403);
	});
});

describe('uploads that were spoilt through their URL', () => {
	const lease = (url: string) =>
		fetch(`${url}&comp=lease`, {
			method: 'PUT',
			headers: { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '-1' },
		});

	test('by a lease are taken all the same: read, replaced, removed', async () => {
		const profileId = await newProfile();
		const file = await upload(profileId, 'School.csv', 'leased');
		const url = withName(await uploads.signUrl(profileId), 'School.csv');
		expect((await lease(url)).status).toBe(201);
		expect(await textOf(await uploads.read(profileId, file))).toBe('leased');
		await uploads.copyToRosters(profileId, file, `${profileId}/leased`);
		const replaced = await uploads.replace(profileId, file, reusedChunks(['replaced']));
		expect(await textOf(await uploads.read(profileId, replaced))).toBe('replaced');
		expect((await lease(url)).status).toBe(201);
		await uploads.remove(profileId, replaced);
		expect(await uploads.list(profileId, 9)).toEqual([]);
	});

	test('by a lease stay if they are not the ones that were listed', async () => {
		const profileId = await newProfile();
		const file = await upload(profileId, 'School.csv', 'first');
		await upload(profileId, 'School.csv', 'second');
		await lease(withName(await uploads.signUrl(profileId), 'School.csv'));
		await uploads.remove(profileId, file);
		expect(await uploads.list(profileId, 9)).toHaveLength(1);
	});

	test('by a name that no list can show are said to be that', async () => {
		const profileId = await newProfile();
		expect((await put(withName(await uploads.signUrl(profileId), '\u0001.csv'), 'x')).status).toBe(201);
		await expect(uploads.list(profileId, 9)).rejects.toMatchObject({
			name: 'SyncApiError',
			code: 'ServiceUnavailable',
		});
	});
});
