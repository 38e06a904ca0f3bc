import { describe, expect, test } from 'vitest';
import type { Profile } from '../../../src/domain/profile.ts';
import { newProfileId } from '../../../src/domain/profile-id.ts';
import type { ProfileStore, StoredProfile } from '../../../src/ports.ts';
import { freshHex, freshId } from '../../support/fresh-ids.ts';
import { hostileTexts } from '../../support/requests/hostile-texts.ts';
import { profile } from '../../support/rosters/profile-builder.ts';
import { pagedListSuite } from './paged-list-suite.ts';

/** The contract of the port, for every store of profiles. */
export function profileStoreSuite(name: string, open: () => ProfileStore): void {
	/** A profile of a tenant of its own. */
	async function withProfile(changes: Partial<Profile> = {}) {
		const store = open();
		const own = profile({ id: freshId(), tenantId: freshId(), ...changes });
		await store.insert(own);
		const get = async () => (await store.get(own.tenantId, own.id)) as StoredProfile;
		return { store, own, get };
	}

	describe(`profiles ${name}`, () => {
		pagedListSuite('a tenant', () => {
			const [store, tenantId] = [open(), freshId()];
			const ids = Array.from({ length: 9 }, (_, at) => newProfileId(new Date(1_000 * at), freshHex()));
			return {
				ids,
				add: (id) => store.insert(profile({ id, tenantId })),
				remove: (id) => store.delete(tenantId, id),
				list: (request) => store.list(tenantId, request),
			};
		});

		test('come back as they were put in, however long, with any text', async () => {
			const displayName = JSON.stringify(hostileTexts) + hostileTexts.join('');
			const { own, get, store } = await withProfile({ displayName, statusMessage: 'é'.repeat(80_000) });
			expect((await get()).profile).toStrictEqual(own);
			expect((await store.list(own.tenantId, { size: 9 })).items).toStrictEqual([own]);
		});

		test('are what they were, whatever becomes of what was put in or given out', async () => {
			const { own, get, store } = await withProfile({ displayName: 'Kept' });
			const [{ profile: given }, { items }] = [await get(), await store.list(own.tenantId, { size: 9 })];
			for (const each of [own, given, items[0] as Profile]) each.displayName = 'Spoilt';
			expect((await get()).profile.displayName).toBe('Kept');
			expect((await store.list(own.tenantId, { size: 9 })).items[0]?.displayName).toBe('Kept');
		});

		test('are inserted once', async () => {
			const { store, own, get } = await withProfile({ displayName: 'First' });
			await expect(store.insert({ ...own, displayName: 'Second' })).rejects.toThrow();
			expect((await get()).profile.displayName).toBe('First');
			const twin = profile({ id: freshId(), tenantId: own.tenantId });
			const inserted = await Promise.allSettled([store.insert(twin), store.insert(twin)]);
			expect(inserted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
		});

		test('are replaced only if nobody has since', async () => {
			const { store, own, get } = await withProfile();
			const [mine, theirs] = [await get(), await get()];
			expect(await store.replace(mine, { ...own, displayName: 'Mine' })).toBe(true);
			expect(await store.replace(theirs, { ...own, displayName: 'Theirs' })).toBe(false);
			expect(await store.replace(mine, { ...own, displayName: 'Mine again' })).toBe(false);
			expect((await get()).profile).toStrictEqual({ ...own, displayName: 'Mine' });
			expect(await store.replace(await get(), { ...own, displayName: 'Later' })).toBe(true);
		});

		test('are replaced whole: what the next one does not have is gone', async () => {
			const { store, own, get } = await withProfile({ pausedSince: '2026-03-02T10:00:00Z' });
			const { pausedSince: _, ...resumed } = own;
			expect(await store.replace(await get(), resumed)).toBe(true);
			expect((await get()).profile).toStrictEqual(resumed);
		});

		test('that ten replace at once are replaced by one of them', async () => {
			const { store, own, get } = await withProfile();
			const stored = await get();
			const names = Array.from({ length: 10 }, (_, at) => `Writer ${at}`);
			const answers = await Promise.all(names.map((displayName) => store.replace(stored, { ...own, displayName })));
			expect(answers.filter((isWritten) => isWritten)).toHaveLength(1);
			expect((await get()).profile.displayName).toBe(names[answers.indexOf(true)]);
		});

		test('that were deleted stay so, also by who has read them before, and for a second time', async () => {
			const { store, own, get } = await withProfile();
			const stored = await get();
			await store.delete(own.tenantId, own.id);
			await store.delete(own.tenantId, own.id);
			expect(await get()).toBeUndefined();
			expect(await store.replace(stored, own)).toBe(false);
			expect(await get()).toBeUndefined();
			await store.insert(own);
			expect(await store.replace(stored, { ...own, displayName: 'From before' })).toBe(false);
			expect((await get()).profile).toStrictEqual(own);
		});

		test('of one tenant are not those of another, not even by the same id', async () => {
			const { store, own, get } = await withProfile({ displayName: 'Own' });
			const foreign = { ...own, tenantId: freshId(), displayName: 'Foreign' };
			expect(await store.get(foreign.tenantId, own.id)).toBeUndefined();
			await store.delete(foreign.tenantId, own.id);
			expect((await store.list(foreign.tenantId, { size: 9 })).items).toEqual([]);
			await store.insert(foreign);
			expect((await get()).profile).toStrictEqual(own);
			await store.delete(own.tenantId, own.id);
			expect((await store.get(foreign.tenantId, own.id))?.profile).toStrictEqual(foreign);
		});
	});
}
