import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type { HistoryRecord } from '../../../src/domain/sync/history/history.ts';
import type { HistoryStore, StoredHistory } from '../../../src/ports.ts';
import { freshId } from '../../support/fresh-ids.ts';

/** The contract of the port, for every store of histories. */
export function historyStoreSuite(name: string, open: () => HistoryStore): void {
	const record = (changes: Partial<HistoryRecord> = {}): HistoryRecord => ({
		epoch: 'first',
		generation: 'g',
		files: { school: ['a', ''] },
		slices: {},
		...changes,
	});

	describe(`histories ${name}`, () => {
		test('begin once', async () => {
			const [store, profileId] = [open(), freshId()];
			expect(await store.get(profileId)).toBeUndefined();
			expect(await store.replace(profileId, { record: record(), version: 'W/"invented"' })).toBe(false);
			const epochs = Array.from({ length: 10 }, (_, at) => `run ${at}`);
			const answers = await Promise.all(epochs.map((epoch) => store.replace(profileId, { record: record({ epoch }) })));
			expect(answers.filter((isWritten) => isWritten)).toHaveLength(1);
			expect((await store.get(profileId))?.record).toStrictEqual(
				record({ epoch: epochs[answers.indexOf(true)] as string }),
			);
			expect(await store.replace(profileId, { record: record() })).toBe(false);
		});

		test('are changed only by who has read them last, and of ten at once by one', async () => {
			const [store, profileId] = [open(), freshId()];
			await store.replace(profileId, { record: record() });
			const { version } = (await store.get(profileId)) as StoredHistory;
			const epochs = Array.from({ length: 10 }, (_, at) => `run ${at}`);
			const answers = await Promise.all(
				epochs.map((epoch) => store.replace(profileId, { record: record({ epoch }), version })),
			);
			expect(answers.filter((isWritten) => isWritten)).toHaveLength(1);
			const stored = (await store.get(profileId)) as StoredHistory;
			expect(stored.record.epoch).toBe(epochs[answers.indexOf(true)]);
			expect(stored.version).not.toBe(version);
			expect(await store.replace(profileId, { record: record(), version })).toBe(false);
			expect(await store.replace(profileId, { record: record(), version: stored.version })).toBe(true);
		});

		test('come back as they were written, however large, and whatever becomes of what was written or given out', async () => {
			const [store, profileId] = [open(), freshId()];
			const random = seededRandom(3);
			const name = () => Array.from({ length: 8 }, () => random.below(2 ** 32).toString(16)).join('');
			const large = record({
				files: { student: Array.from({ length: 1_000 }, name), studentEnrollment: Array.from({ length: 7_000 }, name) },
				slices: Object.fromEntries(
					Array.from({ length: 2_000 }, (_, at) => [`student/${at}/0`, '2026-03-02T10:00:00.000Z']),
				),
				unsettled: { runId: 'before', generation: 'g', slices: { 'school/0/0': '2026-03-02T10:00:00.000Z' } },
			});
			const written = structuredClone(large);
			await store.replace(profileId, { record: written });
			written.epoch = 'spoilt';
			const given = (await store.get(profileId)) as StoredHistory;
			expect(given.record).toStrictEqual(large);
			given.record.epoch = 'spoilt';
			expect((await store.get(profileId))?.record).toStrictEqual(large);
			// What is smaller leaves nothing of what was larger.
			await store.replace(profileId, { record: record(), version: given.version });
			expect((await store.get(profileId))?.record).toStrictEqual(record());
		});

		test('that were deleted stay so, also for who has read them before, and for a second time', async () => {
			const [store, profileId, other] = [open(), freshId(), freshId()];
			for (const id of [profileId, other]) await store.replace(id, { record: record() });
			const { version } = (await store.get(profileId)) as StoredHistory;
			await store.delete(profileId);
			await store.delete(profileId);
			expect(await store.replace(profileId, { record: record(), version })).toBe(false);
			expect(await store.get(profileId)).toBeUndefined();
			expect(await store.replace(profileId, { record: record({ epoch: 'anew' }) })).toBe(true);
			expect(await store.replace(profileId, { record: record(), version })).toBe(false);
			expect((await store.get(other))?.record).toStrictEqual(record());
		});
	});
}
