import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableHistoryStore } from '../../../src/adapters/stores/history-store.ts';
import { tableProfileStore } from '../../../src/adapters/stores/profile-store.ts';
import { tableRunStore } from '../../../src/adapters/stores/run-store.ts';
import { tableSyncErrorStore } from '../../../src/adapters/stores/sync-error-store.ts';
import type { Profile } from '../../../src/domain/profile.ts';
import { newProfileId } from '../../../src/domain/profile-id.ts';
import type { Run } from '../../../src/domain/run.ts';
import { newRunId, syncErrorId } from '../../../src/domain/run-id.ts';
import type { SyncError } from '../../../src/domain/sync-error.ts';
import type { HistoryStore, Page, PageRequest, ProfileStore, RunStore, SyncErrorStore } from '../../../src/ports.ts';
import { fakeHistoryStore } from '../../support/fakes/history-store.ts';
import { fakeRunStore } from '../../support/fakes/run-store.ts';
import { fakeSyncErrorStore } from '../../support/fakes/sync-error-store.ts';
import { newRun } from '../../support/run-builder.ts';
import { startTestStorage, type TestStorage } from '../../support/test-storage.ts';

let storage: TestStorage;
let profiles: ProfileStore;
let runs: RunStore;
let errors: SyncErrorStore;
let ids = 0;

beforeAll(async () => {
	storage = await startTestStorage();
	profiles = tableProfileStore(storage.account);
	runs = tableRunStore(storage.account);
	errors = tableSyncErrorStore(storage.account);
});

afterAll(() => storage?.stop());

const hex = () => (++ids).toString(16).padStart(18, '0');
const newTenant = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;

function profileOf(tenantId: string, created: Date, displayName = 'A profile'): Profile {
	return {
		id: newProfileId(created, hex()),
		tenantId,
		displayName,
		dataProvider: { kind: 'csv', customizations: {} },
		identity: { kind: 'creation', userDomains: [] },
		licensesToAssign: [],
		handleSpecialCharacterConstraint: false,
		state: 'provisioned',
		status: 'paused',
		statusMessage: '',
		createdDateTime: created.toISOString(),
		errorCount: 0,
		snapshotGeneration: 'first',
	};
}

const runOf = (profileId: string, started: Date) => newRun(started, { tenantId: 'tenant', profileId }, hex());

async function all<T>(list: (page: PageRequest) => Promise<Page<T>>, size: number): Promise<T[]> {
	const items: T[] = [];
	let continuation: string | undefined;
	do {
		const page = await list({ size, ...(continuation ? { continuation } : {}) });
		items.push(...page.items);
		continuation = page.continuation;
	} while (continuation);
	return items;
}

describe('the profile store', () => {
	test('lists in order of creation, page by page, and only the tenant that asks', async () => {
		const [tenant, other] = [newTenant(), newTenant()];
		const created = [3, 1, 2].map((day) => profileOf(tenant, new Date(Date.UTC(2026, 0, day)), `day ${day}`));
		for (const profile of [...created, profileOf(other, new Date())]) await profiles.insert(profile);
		const listed = await all((page) => profiles.list(tenant, page), 2);
		expect(listed.map(({ displayName }) => displayName)).toEqual(['day 1', 'day 2', 'day 3']);
		expect(await profiles.get(other, created[0]?.id as string)).toBeUndefined();
	});

	test('replaces only what nobody has changed since', async () => {
		const tenant = newTenant();
		const profile = profileOf(tenant, new Date());
		await profiles.insert(profile);
		const [mine, theirs] = [await profiles.get(tenant, profile.id), await profiles.get(tenant, profile.id)];
		if (!mine || !theirs) throw new Error('The profile is not there.');
		expect(await profiles.replace(mine, { ...profile, displayName: 'Mine' })).toBe(true);
		expect(await profiles.replace(theirs, { ...profile, displayName: 'Theirs' })).toBe(false);
		expect((await profiles.get(tenant, profile.id))?.profile.displayName).toBe('Mine');
	});

	test('keeps long values whole, and forgets what is deleted, also twice', async () => {
		const tenant = newTenant();
		const profile = { ...profileOf(tenant, new Date()), statusMessage: 'é'.repeat(80_000) };
		await profiles.insert(profile);
		const stored = await profiles.get(tenant, profile.id);
		expect(stored?.profile).toEqual(profile);
		await profiles.delete(tenant, profile.id);
		await profiles.delete(tenant, profile.id);
		expect(stored && (await profiles.replace(stored, profile))).toBe(false);
		expect(await profiles.get(tenant, profile.id)).toBeUndefined();
	});
});

describe('the run store', () => {
	test('lists newest first, with progress out of the way', async () => {
		const profileId = newTenant();
		const [older, newer] = [runOf(profileId, new Date(1_000)), runOf(profileId, new Date(2_000))];
		await runs.save(older);
		await runs.save(newer);
		const ref = { tenantId: 'tenant', profileId, runId: newer.id };
		await runs.reportProgress(ref, 'users/student/0', { done: 1, total: 10 });
		await runs.reportProgress(ref, 'users/student/0', { done: 7, total: 10 });
		await runs.reportProgress(ref, 'users/teacher/0', { writes: 3, done: 1, total: 2 });
		await runs.reportProgress(ref, 'sections/section/0', { done: 5, total: 5 });
		expect(await runs.progressOf(ref, 'users')).toEqual({ done: 8, total: 12, writes: 3 });
		expect((await all((page) => runs.list(profileId, page), 1)).map(({ id }) => id)).toEqual([newer.id, older.id]);
		await runs.deleteAll(profileId);
		expect(await runs.progressOf(ref, 'users')).toEqual({ done: 0, total: 0, writes: 0 });
		expect(await runs.get(profileId, newer.id)).toBeUndefined();
	});
});

describe.each<[string, () => RunStore]>([
	['the table', () => runs],
	['the stand-in', fakeRunStore],
])('of runs, %s', (_, open) => {
	test('forgets those that began before, with their progress, but for those that are named', async () => {
		const store = open();
		const [profileId, other] = [newTenant(), newTenant()];
		const [first, second, third] = [1_000, 2_000, 3_000].map((time) => runOf(profileId, new Date(time))) as [
			Run,
			Run,
			Run,
		];
		const foreign = runOf(other, new Date(1_000));
		for (const run of [first, second, third, foreign]) {
			await store.save(run);
			await store.reportProgress({ tenantId: 'tenant', profileId: run.profileId, runId: run.id }, 'users/student/0/0', {
				done: 1,
				total: 1,
			});
		}
		await store.deleteOlder(profileId, new Date(3_000), new Set([second.id]));
		expect((await store.list(profileId, { size: 9 })).items.map(({ id }) => id)).toEqual([third.id, second.id]);
		expect((await store.progressOf({ tenantId: 'tenant', profileId, runId: first.id }, 'users')).done).toBe(0);
		expect((await store.progressOf({ tenantId: 'tenant', profileId, runId: second.id }, 'users')).done).toBe(1);
		expect((await store.list(other, { size: 9 })).items).toHaveLength(1);
	});
});

describe.each<[string, () => HistoryStore]>([
	['the table', () => tableHistoryStore(storage.account)],
	['the stand-in', fakeHistoryStore],
])('of histories, %s', (_, open) => {
	test('is changed only by whoever has read it last', async () => {
		const store = open();
		const profileId = newTenant();
		const record = { epoch: 'first', generation: 'g', files: { school: ['a', ''] }, slices: {} };
		expect(await store.get(profileId)).toBeUndefined();
		expect(await store.replace(profileId, { record })).toBe(true);
		expect(await store.replace(profileId, { record })).toBe(false);
		const stored = await store.get(profileId);
		expect(stored?.record).toEqual(record);
		const next = {
			...record,
			epoch: 'second',
			slices: Object.fromEntries(
				Array.from({ length: 5_000 }, (_, at) => [`student/${at}/0`, '2026-03-02T10:00:00.000Z']),
			),
		};
		const version = stored?.version as string;
		expect(await store.replace(profileId, { record: next, version })).toBe(true);
		expect(await store.replace(profileId, { record, version })).toBe(false);
		expect((await store.get(profileId))?.record).toEqual(next);
		await store.delete(profileId);
		await store.delete(profileId);
		expect(await store.replace(profileId, { record, version })).toBe(false);
		expect(await store.get(profileId)).toBeUndefined();
	});
});

describe.each<[string, () => SyncErrorStore]>([
	['the table', () => errors],
	['the stand-in', fakeSyncErrorStore],
])('of sync errors, %s', (_, open) => {
	const errorAt = (index: number): SyncError => ({
		id: syncErrorId({ runId: newRunId(new Date(5_000), '0'.repeat(18)), stage: 8, shard: 0, index }),
		entryType: 'Student',
		errorCode: 'None',
		errorMessage: `Number ${index}`,
		joiningValue: '',
		reportableIdentifier: '',
		recordedDateTime: '2026-09-01T00:00:00Z',
	});

	test('records each place once, counts, pages and forgets', async () => {
		const store = open();
		const profileId = newTenant();
		const many = Array.from({ length: 2_350 }, (_, at) => errorAt(at));
		await store.save(profileId, many);
		// A step that is repeated begins again, in slices.
		for (const [from, to] of [
			[0, 1_000],
			[1_000, 2_000],
			[2_000, 2_350],
		] as const)
			await store.save(profileId, many.slice(from, to));
		await store.save(profileId, []);
		expect(await store.count(profileId)).toBe(2_350);
		const listed = await all((page) => store.list(profileId, page), 999);
		expect(listed.map(({ errorMessage }) => errorMessage)).toEqual(many.map(({ errorMessage }) => errorMessage));
		for (const at of [0, 249, 250, 2_349])
			expect(await store.get(profileId, errorAt(at).id.toLowerCase())).toEqual(errorAt(at));
		for (const id of [errorAt(2_350).id, errorAt(9_999).id]) expect(await store.get(profileId, id)).toBeUndefined();
		expect(await store.get(newTenant(), errorAt(0).id)).toBeUndefined();
		await store.deleteAll(profileId);
		expect(await store.count(profileId)).toBe(0);
		expect((await store.list(profileId, { size: 1 })).items).toEqual([]);
	});
});
