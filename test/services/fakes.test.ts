import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableProfileStore } from '../../src/adapters/stores/profile-store.ts';
import { tableRunStore } from '../../src/adapters/stores/run-store.ts';
import type { Profile } from '../../src/domain/profile.ts';
import { newProfileId } from '../../src/domain/profile-id.ts';
import type { Page, PageRequest, ProfileStore, RunStore } from '../../src/ports.ts';
import { fakeProfileStore } from '../support/fakes/profile-store.ts';
import { fakeRunStore } from '../support/fakes/run-store.ts';
import { profile } from '../support/profile-builder.ts';
import { newRun } from '../support/run-builder.ts';
import { otherTenant, ownTenant } from '../support/tenants.ts';
import { startTestStorage, type TestStorage } from '../support/test-storage.ts';

/** The stand-ins of the other tests must behave as the real stores do. */

let storage: TestStorage;

beforeAll(async () => {
	storage = await startTestStorage();
});

afterAll(() => storage?.stop());

async function collect<T>(list: (page: PageRequest) => Promise<Page<T>>, size: number): Promise<T[]> {
	const items: T[] = [];
	let page = await list({ size });
	items.push(...page.items);
	while (page.continuation) {
		page = await list({ size, continuation: page.continuation });
		items.push(...page.items);
	}
	return items;
}

const ids = [1, 2, 3].map((second) => newProfileId(new Date(second * 1000), 'a'.repeat(18)));
const [first, second, third] = ids as [string, string, string];

describe.each<[string, () => ProfileStore]>([
	['the stand-in', () => fakeProfileStore()],
	['the table', () => tableProfileStore(storage.account)],
])('of profiles, %s', (_, open) => {
	let store: ProfileStore;
	beforeAll(() => {
		store = open();
	});

	const make = (id: string, tenantId = ownTenant): Profile => profile({ id, tenantId });

	test('refuses to insert a profile twice', async () => {
		await store.insert(make(second));
		await expect(store.insert(make(second))).rejects.toThrow();
	});

	test('lists in order of creation, tenant by tenant, in pages', async () => {
		await store.insert(make(first));
		await store.insert(make(third));
		await store.insert(make(newProfileId(new Date(), 'b'.repeat(18)), otherTenant));
		const listed = await collect((page) => store.list(ownTenant, page), 2);
		expect(listed.map(({ id }) => id)).toEqual(ids);
	});

	test('replaces only what nobody has changed since', async () => {
		const stored = await store.get(ownTenant, first);
		if (!stored) throw new Error('The profile is gone.');
		const renamed = { ...stored.profile, displayName: 'Renamed' };
		expect(await store.replace(stored, renamed)).toBe(true);
		expect(await store.replace(stored, { ...renamed, displayName: 'Too late' })).toBe(false);
		expect((await store.get(ownTenant, first))?.profile).toEqual(renamed);
	});

	test('does not bring back what was deleted, and deletes twice without complaint', async () => {
		const stored = await store.get(ownTenant, second);
		if (!stored) throw new Error('The profile is gone.');
		await store.delete(ownTenant, second);
		await store.delete(ownTenant, second);
		expect(await store.replace(stored, stored.profile)).toBe(false);
		expect(await store.get(ownTenant, second)).toBeUndefined();
	});

	test('knows a profile only by its own tenant', async () => {
		expect(await store.get(otherTenant, first)).toBeUndefined();
		await store.delete(otherTenant, first);
		expect(await store.get(ownTenant, first)).toBeDefined();
	});
});

describe.each<[string, () => RunStore]>([
	['the stand-in', () => fakeRunStore()],
	['the table', () => tableRunStore(storage.account)],
])('of runs, %s', (_, open) => {
	let store: RunStore;
	beforeAll(() => {
		store = open();
	});

	const make = (at: number, profileId = first) => newRun(new Date(at), { profileId });
	const ref = { tenantId: ownTenant, profileId: first, runId: make(1000).id };

	test('lists the newest first, in pages, profile by profile', async () => {
		for (const at of [2000, 1000, 3000]) await store.save(make(at));
		await store.save(make(4000, second));
		const listed = await collect((page) => store.list(first, page), 2);
		expect(listed.map(({ id }) => id)).toEqual([make(3000).id, make(2000).id, make(1000).id]);
	});

	test('counts a step that reports again once, and phases apart', async () => {
		await store.reportProgress(ref, 'users/student/0', { done: 1, total: 9 });
		await store.reportProgress(ref, 'users/student/0', { done: 5, total: 9 });
		await store.reportProgress(ref, 'users/teacher/0', { done: 2, total: 3 });
		await store.reportProgress(ref, 'sections/section/0', { done: 7, total: 7 });
		expect(await store.progressOf(ref, 'users')).toMatchObject({ done: 7, total: 12 });
		expect(await store.progressOf({ ...ref, runId: make(2000).id }, 'users')).toMatchObject({ done: 0, total: 0 });
		expect(await collect((page) => store.list(first, page), 10)).toHaveLength(3);
	});

	test('deletes all of one profile', async () => {
		await store.deleteAll(first);
		expect(await store.get(first, ref.runId)).toBeUndefined();
		expect(await store.progressOf(ref, 'users')).toMatchObject({ done: 0, total: 0 });
		expect(await store.get(second, make(4000, second).id)).toBeDefined();
	});
});
