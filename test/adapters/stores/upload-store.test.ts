import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobRosterStore } from '../../../src/adapters/stores/roster-store.ts';
import { uploadSigner } from '../../../src/adapters/stores/upload-signer.ts';
import { blobUploadStore } from '../../../src/adapters/stores/upload-store.ts';
import { UploadChangedError } from '../../../src/domain/upload-changed-error.ts';
import { UploadUnreadableError } from '../../../src/domain/upload-unreadable-error.ts';
import type { RosterStore, UploadedFile, UploadStore } from '../../../src/ports.ts';
import { fakeRosterStore } from '../../support/fakes/roster-store.ts';
import { fakeUploadStore } from '../../support/fakes/upload-store.ts';
import { startTestStorage, type TestStorage } from '../../support/test-storage.ts';

const tenant = '11111111-1111-4111-8111-111111111111';

let storage: TestStorage;
let uploads: UploadStore;
let rosters: RosterStore;
let profiles = 0;

beforeAll(async () => {
	storage = await startTestStorage();
	uploads = uploadStoreAt(() => new Date());
	rosters = blobRosterStore(storage.account);
});

afterAll(() => storage?.stop());

function uploadStoreAt(now: () => Date): UploadStore {
	return blobUploadStore(storage.account, uploadSigner(storage.account, { permissions: 'cw', now }));
}

async function newProfile(store = uploads): Promise<string> {
	const profileId = `00000000-0000-7000-8000-${String(++profiles).padStart(12, '0')}`;
	await store.create(tenant, profileId);
	return profileId;
}

const withName = (containerUrl: string, name: string) => containerUrl.replace('?', `/${name}?`);

function put(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
	return fetch(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob', ...headers }, body });
}

async function upload(profileId: string, name: string, body: string): Promise<UploadedFile> {
	const { status } = await put(withName(await uploads.signUrl(profileId), name), body);
	expect(status).toBe(201);
	return (await uploads.list(profileId, 100)).find((file) => file.name === name) as UploadedFile;
}

async function textOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<string> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of stream ?? []) chunks.push(chunk);
	return Buffer.concat(chunks).toString('utf8');
}

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

describe('uploads', () => {
	test('say their version, size and type, whatever their name', async () => {
		const profileId = await newProfile();
		const url = await uploads.signUrl(profileId);
		await fetch(withName(url, 'Log.csv'), { method: 'PUT', headers: { 'x-ms-blob-type': 'AppendBlob' } });
		await put(withName(url, encodeURIComponent('../../etc/Passwd.csv')), 'x');
		const files = await uploads.list(profileId, 100);
		expect(files.find(({ name }) => name === 'Log.csv')).toMatchObject({ isBlockBlob: false, sizeBytes: 0 });
		expect(files).toHaveLength(2);
		expect(await uploads.list(profileId, 1)).toHaveLength(1);
	});
});

interface UploadWorld {
	uploads: UploadStore;
	rosters: RosterStore;
	put(profileId: string, name: string, body: string): Promise<UploadedFile>;
}

/** What holds of every upload store, and of the stand-in that other tests use. */
describe.each<[string, () => UploadWorld]>([
	['in blobs', () => ({ uploads, rosters, put: upload })],
	['in memory', fakeUploads],
])('uploads %s', (_, open) => {
	test('are read and taken only in the version that was listed', async () => {
		const world = open();
		const profileId = await newProfile(world.uploads);
		const listed = await world.put(profileId, 'School.csv', 'first');
		await world.uploads.copyToRosters(profileId, listed, `${profileId}/copy`);
		expect(await textOf(await world.rosters.read(`${profileId}/copy`))).toBe('first');
		await world.put(profileId, 'School.csv', 'second');
		await expect(world.uploads.read(profileId, listed)).rejects.toBeInstanceOf(UploadChangedError);
		await expect(world.uploads.copyToRosters(profileId, listed, `${profileId}/late`)).rejects.toBeInstanceOf(
			UploadChangedError,
		);
		expect(await world.rosters.read(`${profileId}/late`)).toBeUndefined();
	});

	test('show their first bytes without the others', async () => {
		const { uploads: store, put: write } = open();
		const profileId = await newProfile(store);
		const first = async (body: string, firstBytes: number) =>
			textOf(await store.read(profileId, await write(profileId, 'School.csv', body), { firstBytes }));
		expect(await first('SIS ID,Name', 6)).toBe('SIS ID');
		expect(await first('SIS', 6)).toBe('SIS');
		expect(await first('', 6)).toBe('');
	});

	test('are replaced as a whole, and only in the version that was listed', async () => {
		const { uploads: store, put: write } = open();
		const profileId = await newProfile(store);
		const listed = await write(profileId, 'School.csv', 'first');
		async function* chunks(end = () => {}) {
			yield Buffer.from('se');
			end();
			yield Buffer.from('cond');
		}
		const broken = () => {
			throw new Error('Broken off.');
		};
		await expect(store.replace(profileId, listed, chunks(broken))).rejects.toThrow('Broken off.');
		expect(await textOf(await store.read(profileId, listed))).toBe('first');
		const replaced = await store.replace(profileId, listed, chunks());
		expect(replaced).toMatchObject({ name: 'School.csv', sizeBytes: 6, isBlockBlob: true });
		expect(await store.list(profileId, 9)).toEqual([replaced]);
		expect(await textOf(await store.read(profileId, replaced))).toBe('second');
		await expect(store.replace(profileId, listed, chunks())).rejects.toBeInstanceOf(UploadChangedError);
	});

	test('are removed only in the version that was listed, and removing twice is fine', async () => {
		const world = open();
		const profileId = await newProfile(world.uploads);
		const first = await world.put(profileId, 'School.csv', 'first');
		const second = await world.put(profileId, 'School.csv', 'second');
		await world.uploads.remove(profileId, first);
		expect(await world.uploads.list(profileId, 100)).toHaveLength(1);
		await world.uploads.remove(profileId, second);
		await world.uploads.remove(profileId, second);
		expect(await world.uploads.list(profileId, 100)).toHaveLength(0);
	});

	test('come back from the roster store under their name, unless a newer one is there', async () => {
		const world = open();
		const profileId = await newProfile(world.uploads);
		const path = `${profileId}/kept`;
		await world.uploads.copyToRosters(profileId, await world.put(profileId, 'School.csv', 'first'), path);
		await world.uploads.putBack(profileId, 'School.csv', path);
		const [listed] = await world.uploads.list(profileId, 9);
		await world.uploads.remove(profileId, listed as UploadedFile);
		const etag = await world.uploads.putBack(profileId, 'School.csv', path);
		const [back] = await world.uploads.list(profileId, 9);
		expect(back?.etag).toBe(etag);
		expect(await textOf(await world.uploads.read(profileId, back as UploadedFile))).toBe('first');
		await world.put(profileId, 'School.csv', 'newer');
		expect(await world.uploads.putBack(profileId, 'School.csv', path)).toBeUndefined();
		const [newer] = await world.uploads.list(profileId, 9);
		expect(await textOf(await world.uploads.read(profileId, newer as UploadedFile))).toBe('newer');
		await world.uploads.putBack(profileId, 'Section.csv', `${profileId}/gone`);
		expect(await world.uploads.list(profileId, 9)).toHaveLength(1);
	});

	test('of a profile that is gone are none', async () => {
		const { uploads: store } = open();
		const profileId = await newProfile(store);
		await store.delete(profileId);
		expect(await store.list(profileId, 9)).toEqual([]);
	});

	test('belong to the tenant that the container was made for', async () => {
		const { uploads: store } = open();
		const profileId = await newProfile(store);
		expect(await store.tenantOf(profileId)).toBe(tenant);
		await store.create(tenant, profileId);
		await store.delete(profileId);
		await store.delete(profileId);
		expect(await store.tenantOf(profileId)).toBeUndefined();
		expect(await store.tenantOf('rosters')).toBeUndefined();
		expect(await store.tenantOf('../rosters')).toBeUndefined();
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
		async function* chunks() {
			yield Buffer.from('replaced');
		}
		const replaced = await uploads.replace(profileId, file, chunks());
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

	test('by the archive tier are said to be unreadable, not to have changed', async () => {
		const profileId = await newProfile();
		await put(withName(await uploads.signUrl(profileId), 'School.csv'), 'archived', { 'x-ms-access-tier': 'Archive' });
		const [file] = await uploads.list(profileId, 9);
		const reading = uploads.read(profileId, file as UploadedFile);
		await expect(reading).rejects.toBeInstanceOf(UploadUnreadableError);
		await expect(reading).rejects.toThrow('BlobArchived');
		await uploads.remove(profileId, file as UploadedFile);
		expect(await uploads.list(profileId, 9)).toEqual([]);
	});

	test('by a name that no list can show are said to be that', async () => {
		const profileId = await newProfile();
		expect((await put(withName(await uploads.signUrl(profileId), '%01.csv'), 'x')).status).toBe(201);
		await expect(uploads.list(profileId, 9)).rejects.toMatchObject({
			name: 'SyncApiError',
			code: 'ServiceUnavailable',
		});
	});
});

function fakeUploads(): UploadWorld {
	const store = fakeRosterStore();
	const fake = fakeUploadStore(store, { now: () => new Date() });
	return { uploads: fake, rosters: store, put: async (...parts) => fake.put(...parts) };
}

describe.each<[string, () => RosterStore]>([
	['in blobs', () => rosters],
	['in memory', fakeRosterStore],
])('the roster store %s', (_, open) => {
	test('shows a file when it is closed, whole, however large', async () => {
		const store = open();
		const writer = store.write('p1/large');
		const chunk = new Uint8Array(300_000).fill(65);
		for (let at = 0; at < 10; at++) {
			writer.append(chunk);
			await writer.drain();
		}
		expect(await store.read('p1/large')).toBeUndefined();
		await writer.close();
		expect(await textOf(await store.read('p1/large'))).toBe('A'.repeat(3_000_000));
	});

	test('overwrites, also with nothing, and deletes by prefix only', async () => {
		const store = open();
		for (const [path, text] of [
			['p2/a/1', 'one'],
			['p2/a/2', 'two'],
			['p2/b', 'three'],
		] as const) {
			const writer = store.write(path);
			writer.append(Buffer.from(text));
			await writer.close();
		}
		await store.write('p2/a/1').close();
		expect(await textOf(await store.read('p2/a/1'))).toBe('');
		await store.deleteAll('p2/a/');
		expect(await store.read('p2/a/2')).toBeUndefined();
		expect(await textOf(await store.read('p2/b'))).toBe('three');
		await store.write('p2/c').close();
		await store.deleteAll('p2/', (path) => path === 'p2/b');
		expect([await store.read('p2/c'), await textOf(await store.read('p2/b'))]).toEqual([undefined, 'three']);
	});
});
