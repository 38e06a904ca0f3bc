import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/domain/events.ts';
import { newRunId } from '../../../src/domain/run-id.ts';
import type { AuditStore } from '../../../src/ports.ts';
import { freshHex, freshId } from '../../support/fresh-ids.ts';
import { allPages } from '../../support/requests/all-pages.ts';
import { hostileTexts } from '../../support/requests/hostile-texts.ts';
import { pagedListSuite } from './paged-list-suite.ts';

/** The contract of the port, for every store of who did what. */
export function auditStoreSuite(name: string, open: () => AuditStore): void {
	const entryAt = (time: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
		id: newRunId(new Date(time), freshHex()),
		recordedDateTime: new Date(time).toISOString(),
		action: 'profile.changed',
		actorId: freshId(),
		...changes,
	});

	describe(`audit entries ${name}`, () => {
		pagedListSuite('a profile, newest first', () => {
			const [store, profileId] = [open(), freshId()];
			const ids = Array.from({ length: 9 }, (_, at) => newRunId(new Date(900_000 - 1_000 * at), freshHex()));
			return {
				ids,
				add: (id) => store.append(profileId, entryAt(0, { id })),
				list: (request) => store.list(profileId, request),
			};
		});

		test('come back as they were, and only those of the profile', async () => {
			const [store, profileId, other] = [open(), freshId(), freshId()];
			const entry = entryAt(5_000, { appId: hostileTexts.join(''), runId: freshId() });
			await store.append(profileId, entry);
			await store.append(other, entryAt(6_000));
			const kept = structuredClone(entry);
			entry.actorId = 'spoilt';
			const { items } = await store.list(profileId, { size: 9 });
			expect(items).toStrictEqual([kept]);
			(items[0] as AuditEntry).actorId = 'spoilt';
			expect((await store.list(profileId, { size: 9 })).items).toStrictEqual([kept]);
		});

		test('are all there where many come at once, and each once however often it comes', async () => {
			const [store, profileId] = [open(), freshId()];
			const entries = Array.from({ length: 20 }, (_, at) => entryAt(1_000 * at));
			await Promise.all([...entries, ...entries].map((entry) => store.append(profileId, entry)));
			expect((await store.list(profileId, { size: 99 })).items).toStrictEqual(entries.toReversed());
		});

		test('are all there where they are more than storage gives in one answer, and all go', async () => {
			const [store, profileId] = [open(), freshId()];
			const entries = Array.from({ length: 1_010 }, (_, at) => entryAt(1_000 * at));
			await Promise.all(entries.map((entry) => store.append(profileId, entry)));
			const newest = entries.toReversed().map(({ id }) => id);
			for (const size of [1_000, 5_000])
				expect((await allPages((page) => store.list(profileId, page), { size })).map(({ id }) => id)).toEqual(newest);
			await store.deleteAll(profileId);
			expect((await store.list(profileId, { size: 9 })).items).toEqual([]);
		});

		test('of a profile all go at once, also for a second time, and those of another stay', async () => {
			const [store, profileId, other] = [open(), freshId(), freshId()];
			for (const id of [profileId, other]) await store.append(id, entryAt(5_000));
			await Promise.all([store.deleteAll(profileId), store.deleteAll(profileId)]);
			await store.deleteAll(profileId);
			expect((await store.list(profileId, { size: 9 })).items).toEqual([]);
			expect((await store.list(other, { size: 9 })).items).toHaveLength(1);
		});
	});
}
