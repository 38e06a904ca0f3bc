import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import { newRunId, syncErrorId } from '../../../src/domain/run-id.ts';
import type { SyncError } from '../../../src/domain/sync-error.ts';
import type { SyncErrorStore } from '../../../src/ports.ts';
import { freshHex, freshId } from '../../support/fresh-ids.ts';
import { allPages } from '../../support/requests/all-pages.ts';
import { hostileTexts } from '../../support/requests/hostile-texts.ts';
import { pagedListSuite } from './paged-list-suite.ts';

const runIdAt = (time: number) => newRunId(new Date(time), freshHex());
const runId = runIdAt(5_000);

interface Place {
	runId: string;
	stage: number;
	shard: number;
}

const place = (changes: Partial<Place> = {}): Place => ({ runId, stage: 8, shard: 0, ...changes });

const errorAt = (index: number, at: Place = place(), changes: Partial<SyncError> = {}): SyncError => ({
	id: syncErrorId({ ...at, index }),
	entryType: 'Student',
	errorCode: 'None',
	errorMessage: `Number ${index}`,
	joiningValue: '',
	reportableIdentifier: '',
	recordedDateTime: '2026-09-01T00:00:00Z',
	...changes,
});

const errorsAt = (count: number, at?: Place, changes?: Partial<SyncError>) =>
	Array.from({ length: count }, (_, index) => errorAt(index, at, changes));

/** The contract of the port, for every store of the errors of records. */
export function syncErrorStoreSuite(name: string, open: () => SyncErrorStore): void {
	describe(`sync errors ${name}`, () => {
		pagedListSuite('a profile', () => {
			const [store, profileId] = [open(), freshId()];
			const places = Array.from({ length: 9 }, (_, shard) => place({ shard }));
			const byId = new Map(places.map((at) => [errorAt(0, at).id, errorAt(0, at)]));
			return {
				ids: [...byId.keys()],
				add: (id) => store.save(profileId, [byId.get(id) as SyncError]),
				list: (request) => store.list(profileId, request),
			};
		});

		test('of a place are saved in parts, as often as the step is repeated, and are there once', async () => {
			const [store, profileId] = [open(), freshId()];
			const all = errorsAt(4_000 - 17);
			await store.save(profileId, []);
			expect(await store.count(profileId)).toBe(0);
			for (const size of [4_000, 1_000, 250])
				for (let from = 0; from < all.length; from += size) await store.save(profileId, all.slice(from, from + size));
			expect(await store.count(profileId)).toBe(all.length);
			for (const size of [250, 251, 999, 5_000])
				expect(await allPages((page) => store.list(profileId, page), { size }), `pages of ${size}`).toStrictEqual(all);
			for (const at of [0, 1, 249, 250, 499, all.length - 1]) {
				expect(await store.get(profileId, errorAt(at).id)).toStrictEqual(errorAt(at));
				expect(await store.get(profileId, errorAt(at).id.toLowerCase())).toStrictEqual(errorAt(at));
			}
			for (const at of [all.length, 9_999]) expect(await store.get(profileId, errorAt(at).id)).toBeUndefined();
		});

		test('of a step that has fewer when it is repeated are those of the repetition', async () => {
			const [store, profileId] = [open(), freshId()];
			const [repeated, beside, later] = [place(), place({ shard: 1 }), place({ stage: 9 })];
			await store.save(profileId, errorsAt(900, repeated));
			for (const other of [beside, later]) await store.save(profileId, errorsAt(3, other));
			await store.save(profileId, errorsAt(260, repeated));
			const left = [...errorsAt(260, repeated), ...errorsAt(3, beside), ...errorsAt(3, later)];
			expect(await allPages((page) => store.list(profileId, page), { size: 100 })).toStrictEqual(left);
			expect(await store.count(profileId)).toBe(left.length);
			expect(await store.get(profileId, errorAt(260).id)).toBeUndefined();
			expect(await store.get(profileId, errorAt(800).id)).toBeUndefined();
		});

		test('are in order of runs, stages, shards and places, the newest run last, also where all are saved at once', async () => {
			const [store, profileId] = [open(), freshId()];
			const runs = [runIdAt(1_000), runIdAt(2_000)];
			const places = runs.flatMap((run) =>
				[0, 9, 15].flatMap((stage) => [0, 10, 65_535].map((shard) => place({ runId: run, stage, shard }))),
			);
			const all = places.map((at) => errorsAt(2, at));
			await Promise.all(all.toReversed().map((errors) => store.save(profileId, errors)));
			expect((await store.list(profileId, { size: 999 })).items).toStrictEqual(all.flat());
			expect(await store.count(profileId)).toBe(all.flat().length);
		});

		test('come back as they were, with any text, however long and however many', async () => {
			const [store, profileId] = [open(), freshId()];
			const random = seededRandom(11);
			const noise = () => Array.from({ length: 300 }, () => random.below(2 ** 32).toString(36)).join('');
			const long = errorsAt(250).map((error) => ({ ...error, errorMessage: noise() }));
			const hostile = hostileTexts.map((text, at) =>
				errorAt(250 + at, place(), { joiningValue: text, reportableIdentifier: text }),
			);
			await store.save(profileId, [...long, ...hostile]);
			expect((await store.list(profileId, { size: 999 })).items).toStrictEqual([...long, ...hostile]);
		});

		test('are what they were, whatever becomes of what was saved or given out', async () => {
			const [store, profileId] = [open(), freshId()];
			const [saved, kept] = [errorAt(0), errorAt(0)];
			await store.save(profileId, [saved]);
			for (const each of [
				saved,
				await store.get(profileId, kept.id),
				(await store.list(profileId, { size: 9 })).items[0],
			])
				(each as SyncError).errorMessage = 'Spoilt';
			expect(await store.get(profileId, kept.id)).toStrictEqual(kept);
		});

		test('of a profile all go at once, also for a second time, and those of another stay', async () => {
			const [store, profileId, other] = [open(), freshId(), freshId()];
			for (const id of [profileId, other]) await store.save(id, errorsAt(600));
			expect(await store.get(freshId(), errorAt(0).id)).toBeUndefined();
			await Promise.all([store.deleteAll(profileId), store.deleteAll(profileId)]);
			await store.deleteAll(profileId);
			expect(await store.count(profileId)).toBe(0);
			expect((await store.list(profileId, { size: 9 })).items).toEqual([]);
			expect(await store.get(profileId, errorAt(0).id)).toBeUndefined();
			expect(await store.count(other)).toBe(600);
		});
	});
}
