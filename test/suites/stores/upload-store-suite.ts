import { describe, expect, test } from 'vitest';
import { UploadChangedError } from '../../../src/domain/uploads/upload-changed-error.ts';
import { UploadUnreadableError } from '../../../src/domain/uploads/upload-unreadable-error.ts';
import type { RosterStore, UploadedFile, UploadStore } from '../../../src/ports.ts';
import { reusedChunks, textOf } from '../../support/bytes-of.ts';
import { freshId } from '../../support/fresh-ids.ts';
import type { UploadKind } from '../../support/requests/uploader.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

export interface UploadWorld {
	uploads: UploadStore;
	rosters: RosterStore;
	/** What a holder of the upload URL does. */
	put(profileId: string, name: string, text: string, kind?: UploadKind): Promise<unknown>;
}

/** The contract of the port, for every store of uploads. */
export function uploadStoreSuite(title: string, open: () => UploadWorld): void {
	/** The container of a profile of its own. */
	async function withContainer() {
		const [{ uploads, rosters, put }, profileId] = [open(), freshId()];
		await uploads.create(ownTenant, profileId);
		const found = async (name: string) =>
			(await uploads.list(profileId, 99)).find((file) => file.name === name) as UploadedFile;
		return {
			uploads,
			profileId,
			async put(name: string, text: string, kind?: UploadKind): Promise<UploadedFile> {
				await put(profileId, name, text, kind);
				return found(name);
			},
			list: () => uploads.list(profileId, 99),
			read: async (file: UploadedFile) => textOf(await uploads.read(profileId, file)),
			async kept(path: string) {
				const stream = await rosters.read(path);
				return stream && textOf(stream);
			},
			replace: (file: UploadedFile, ...texts: readonly string[]) =>
				uploads.replace(profileId, file, reusedChunks(texts)),
			copy: (file: UploadedFile, path: string) => uploads.copyToRosters(profileId, file, path),
			remove: (file: UploadedFile) => uploads.remove(profileId, file),
		};
	}

	type Container = Awaited<ReturnType<typeof withContainer>>;

	describe(`the container of a profile ${title}`, () => {
		test('belongs to the tenant that it was made for, and is made once', async () => {
			const { uploads, profileId, put, list } = await withContainer();
			await put('School.csv', 'kept');
			await uploads.create(otherTenant, profileId);
			expect(await uploads.tenantOf(profileId)).toBe(ownTenant);
			expect(await list()).toHaveLength(1);
		});

		test('is gone with its files, also for a second time, and is empty when it is made again', async () => {
			const { uploads, profileId, put, list } = await withContainer();
			await put('School.csv', 'gone');
			await Promise.all([uploads.delete(profileId), uploads.delete(profileId)]);
			await uploads.delete(profileId);
			expect(await uploads.tenantOf(profileId)).toBeUndefined();
			expect(await list()).toEqual([]);
			await uploads.create(otherTenant, profileId);
			expect(await uploads.tenantOf(profileId)).toBe(otherTenant);
			expect(await list()).toEqual([]);
		});

		test.each(['rosters', '../rosters', '$root', '', freshId()])('is none of ours by the name of %o', async (id) => {
			expect(await open().uploads.tenantOf(id)).toBeUndefined();
		});

		test('has a URL of its own', async () => {
			const { uploads, profileId } = await withContainer();
			const { pathname, search } = new URL(await uploads.signUrl(profileId));
			expect([pathname.endsWith(`/${profileId}`), search.length > 1]).toEqual([true, true]);
		});
	});

	describe(`uploads ${title}`, () => {
		test('are listed in order of their names, so many as are asked for, and only those of the profile', async () => {
			const { uploads, profileId, put } = await withContainer();
			const other = await withContainer();
			const names = ['b.csv', 'A.csv', 'a/b.csv', 'a.csv', 'é.csv', '1.csv'];
			for (const name of names) await put(name, name);
			await other.put('other.csv', 'x');
			const listed = async (limit: number) => (await uploads.list(profileId, limit)).map(({ name }) => name);
			const inOrder = ['1.csv', 'A.csv', 'a.csv', 'a/b.csv', 'b.csv', 'é.csv'];
			expect(await listed(99)).toEqual(inOrder);
			expect(await listed(6)).toEqual(inOrder);
			expect(await listed(2)).toEqual(inOrder.slice(0, 2));
			expect((await other.list()).map(({ name }) => name)).toEqual(['other.csv']);
		});

		test('say how large they are, what they are, and by another version each time that they were written', async () => {
			const { put, list } = await withContainer();
			const first = await put('School.csv', 'Zoë');
			expect(first).toEqual({
				name: 'School.csv',
				sizeBytes: 4,
				etag: expect.stringMatching(/^[^"]+$/),
				lastModified: expect.any(Date),
				isBlockBlob: true,
			});
			expect(await list()).toEqual([first]);
			const second = await put('School.csv', 'Zoë');
			expect(second.etag).not.toBe(first.etag);
			expect(await put('Log.csv', '', 'append')).toMatchObject({ isBlockBlob: false, sizeBytes: 0 });
		});

		test('are read whole, or their first bytes', async () => {
			const { uploads, profileId, put, read } = await withContainer();
			const first = async (text: string, firstBytes: number) =>
				textOf(await uploads.read(profileId, await put('School.csv', text), { firstBytes }));
			expect(await first('SIS ID,Name', 6)).toBe('SIS ID');
			expect(await first('SIS ID', 6)).toBe('SIS ID');
			expect(await first('SIS', 6)).toBe('SIS');
			expect(await first('', 6)).toBe('');
			const long = 'Zoë,'.repeat(50_000);
			expect(await read(await put('School.csv', long))).toBe(long);
			expect(await read(await put('School.csv', ''))).toBe('');
		});

		test('are replaced as a whole: the answer is how they are listed then', async () => {
			const { put, read, list, replace } = await withContainer();
			const parts = ['SIS ID', ',', '', 'Name\n'.repeat(500_000), '"Zoë"'];
			const replaced = await replace(await put('School.csv', 'first'), ...parts);
			expect(await list()).toEqual([replaced]);
			expect(await read(replaced)).toBe(parts.join(''));
			const empty = await replace(replaced);
			expect(await list()).toEqual([{ ...empty, sizeBytes: 0 }]);
		});

		test('are as they were where what was to replace them breaks off', async () => {
			const { uploads, profileId, put, read, list } = await withContainer();
			const file = await put('School.csv', 'first');
			async function* broken() {
				yield Buffer.from('x'.repeat(1_500_000));
				throw new Error('Broken off.');
			}
			await expect(uploads.replace(profileId, file, broken())).rejects.toThrow('Broken off.');
			expect(await list()).toEqual([file]);
			expect(await read(file)).toBe('first');
		});

		test('that two replace at once are replaced by one', async () => {
			const { put, read, list, replace } = await withContainer();
			const file = await put('School.csv', 'first');
			const done = await Promise.allSettled([replace(file, 'mine'), replace(file, 'theirs')]);
			const [won, ...others] = done.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
			const [lost] = done.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
			expect([others, lost]).toEqual([[], expect.any(UploadChangedError)]);
			expect(await list()).toEqual([won]);
			expect(await read(won as UploadedFile)).toBe(done[0]?.status === 'fulfilled' ? 'mine' : 'theirs');
		});

		test('are copied to the rosters, over what is there', async () => {
			const { profileId, put, copy, kept } = await withContainer();
			const path = `${profileId}/runs/run/source/school`;
			for (const text of ['Zoë'.repeat(400_000), 'second', '']) {
				await copy(await put('School.csv', text), path);
				expect(await kept(path)).toBe(text);
			}
		});

		const changes: [string, (container: Container) => Promise<unknown>][] = [
			['written again', ({ put }) => put('School.csv', 'first')],
			['removed', async ({ list, remove }) => remove((await list())[0] as UploadedFile)],
			['gone with their container', ({ uploads, profileId }) => uploads.delete(profileId)],
		];

		test.each(changes)('that were %s since they were listed are not taken for what they were', async (_, change) => {
			const container = await withContainer();
			const { uploads, profileId, put, replace, copy, kept, list, remove } = container;
			const file = await put('School.csv', 'first');
			await change(container);
			const left = await list();
			await expect(uploads.read(profileId, file)).rejects.toBeInstanceOf(UploadChangedError);
			await expect(uploads.read(profileId, file, { firstBytes: 2 })).rejects.toBeInstanceOf(UploadChangedError);
			await expect(replace(file, 'late')).rejects.toBeInstanceOf(UploadChangedError);
			await expect(copy(file, `${profileId}/late`)).rejects.toBeInstanceOf(UploadChangedError);
			expect(await kept(`${profileId}/late`)).toBeUndefined();
			await remove(file);
			expect(await list()).toEqual(left);
		});

		test('are removed, by two at once and for a second time', async () => {
			const { put, list, remove } = await withContainer();
			const other = await put('Section.csv', 'stays');
			const file = await put('School.csv', 'goes');
			await Promise.all([remove(file), remove(file)]);
			await remove(file);
			expect(await list()).toEqual([other]);
		});

		test('come back under their name, unless there is one or they are kept no longer', async () => {
			const { uploads, profileId, put, copy, list, read } = await withContainer();
			const path = `${profileId}/kept`;
			const file = await put('School.csv', 'first');
			await copy(file, path);
			const back = () => uploads.putBack(profileId, 'School.csv', path);
			expect(await back()).toBeUndefined();
			expect(await list()).toEqual([file]);
			await uploads.remove(profileId, file);
			const etags = (await Promise.all([back(), back()])).filter((etag) => etag !== undefined);
			const [returned, ...others] = await list();
			expect([etags, others]).toEqual([[returned?.etag], []]);
			expect(await read(returned as UploadedFile)).toBe('first');
			expect(await uploads.putBack(profileId, 'Section.csv', `${profileId}/gone`)).toBeUndefined();
			expect(await list()).toHaveLength(1);
			await uploads.delete(profileId);
			expect(await back()).toBeUndefined();
			expect(await list()).toEqual([]);
		});

		test('that nobody can read are said to be that, and can be removed', async () => {
			const { uploads, profileId, put, list, remove } = await withContainer();
			const file = await put('School.csv', 'archived', 'archived');
			for (const part of [undefined, { firstBytes: 3 }]) {
				const reading = uploads.read(profileId, file, part);
				await expect(reading).rejects.toBeInstanceOf(UploadUnreadableError);
				await expect(reading).rejects.toThrow('BlobArchived');
			}
			await remove(file);
			expect(await list()).toEqual([]);
		});

		test.each([
			'../School.csv',
			'./School.csv',
			'../../../rosters/School.csv',
			'a//School.csv',
			'School.csv?sig=x#y',
			'100%25%2F.csv',
			`"it's" & <b>.csv`,
			'a+b;c=d.csv',
			'Zoë 学校 😀.csv',
		])('by the name of %s are that file and no other', async (name) => {
			const { uploads, profileId, put, read, list, replace, copy, kept, remove } = await withContainer();
			const usual = await put('School.csv', 'usual');
			const file = await put(name, 'hostile');
			expect(file).toMatchObject({ name, sizeBytes: 7 });
			expect(await read(file)).toBe('hostile');
			const path = `${profileId}/copied`;
			await copy(file, path);
			expect(await kept(path)).toBe('hostile');
			const replaced = await replace(file, 'replaced');
			expect(await read(replaced)).toBe('replaced');
			await remove(replaced);
			expect(await list()).toEqual([usual]);
			expect(await uploads.putBack(profileId, name, path)).toBeDefined();
			expect((await list()).map((each) => each.name).sort()).toEqual(['School.csv', name].sort());
		});
	});
}
