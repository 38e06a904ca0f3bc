import { describe, expect, test } from 'vitest';
import type { Run } from '../../../src/domain/run.ts';
import { newRunId } from '../../../src/domain/run-id.ts';
import type { RunRef, RunStore } from '../../../src/ports.ts';
import { freshHex, freshId } from '../../support/fresh-ids.ts';
import { hostileTexts } from '../../support/requests/hostile-texts.ts';
import { newRun } from '../../support/rosters/run-builder.ts';
import { ownTenant } from '../../support/tenants.ts';
import { pagedListSuite } from './paged-list-suite.ts';

/** The contract of the port, for every store of runs. */
export function runStoreSuite(name: string, open: () => RunStore): void {
	const runAt = (time: number, profileId: string, changes: Partial<Run> = {}) =>
		newRun(new Date(time), { profileId, ...changes }, freshHex());
	const refOf = ({ profileId, id }: Run): RunRef => ({ tenantId: ownTenant, profileId, runId: id });
	const listed = async (store: RunStore, profileId: string) =>
		(await store.list(profileId, { size: 99 })).items.map(({ id }) => id);

	/** One run of a profile of its own. */
	async function withRun(changes: Partial<Run> = {}) {
		const [store, profileId] = [open(), freshId()];
		const run = runAt(5_000, profileId, changes);
		await store.save(run);
		return { store, profileId, run, ref: refOf(run) };
	}

	describe(`runs ${name}`, () => {
		pagedListSuite('a profile, newest first', () => {
			const [store, profileId] = [open(), freshId()];
			const ids = Array.from({ length: 9 }, (_, at) => newRunId(new Date(900_000 - 1_000 * at), freshHex()));
			return {
				ids,
				async add(id) {
					const run = runAt(0, profileId, { id });
					await store.save(run);
					// Progress must not stand between the runs.
					await store.reportProgress(refOf(run), 'users/student/0/0', { done: 1, total: 1 });
				},
				list: (request) => store.list(profileId, request),
			};
		});

		test('come back as they were saved last, whole, with any text', async () => {
			const { store, run, profileId } = await withRun({ failure: 'The first one.' });
			const { failure: _, ...later } = run;
			const saved: Run = {
				...later,
				outcome: 'failed',
				acceptedFiles: hostileTexts.map((text) => ({ kind: 'school', name: text, etag: text.repeat(200) })),
			};
			await store.save(saved);
			expect(await store.get(profileId, run.id)).toStrictEqual(saved);
			expect((await store.list(profileId, { size: 9 })).items).toStrictEqual([saved]);
			expect(await store.get(profileId, freshId())).toBeUndefined();
			expect(await store.get(freshId(), run.id)).toBeUndefined();
		});

		test('are what they were, whatever becomes of what was saved or given out', async () => {
			const { store, run, profileId } = await withRun({ failure: 'Kept' });
			const given = [run, await store.get(profileId, run.id), (await store.list(profileId, { size: 9 })).items[0]];
			for (const each of given) (each as Run).failure = 'Spoilt';
			expect((await store.get(profileId, run.id))?.failure).toBe('Kept');
		});

		test('have the progress that each step reported last, summed by phase', async () => {
			const { store, ref } = await withRun();
			await store.reportProgress(ref, 'users/student/0/0', { done: 1, total: 10, writes: 9 });
			await store.reportProgress(ref, 'users/student/0/0', { done: 7, total: 10 });
			await store.reportProgress(ref, 'users/student/0/1', { done: 2, total: 3, writes: 4 });
			await store.reportProgress(ref, 'users/teacher/0', { done: 0, total: 2, writes: 3 });
			await store.reportProgress(ref, 'users', { done: 100, total: 100, writes: 100 });
			await store.reportProgress(ref, 'usersets/0', { done: 200, total: 200, writes: 200 });
			expect(await store.progressOf(ref, 'users')).toEqual({ done: 9, total: 15, writes: 7 });
			const times = { since: '2026-03-02T08:00:00.000Z', until: '2026-03-02T08:00:05.000Z' };
			await store.reportProgress(ref, 'finish/timed', { done: 1, total: 2, ...times });
			expect(await store.progressOf(ref, 'finish')).toEqual({ done: 1, total: 2, writes: 0, ...times });
			expect(await store.progressOf(ref, 'sections')).toEqual({ done: 0, total: 0, writes: 0 });
			const others = [runAt(6_000, ref.profileId), runAt(5_000, freshId(), { id: ref.runId })];
			for (const other of others)
				expect(await store.progressOf(refOf(other), 'users')).toEqual({ done: 0, total: 0, writes: 0 });
		});

		test('lose no report where many come at once', async () => {
			const { store, ref } = await withRun();
			const steps = Array.from({ length: 60 }, (_, at) => `memberships/enrollment/${at % 30}`);
			await Promise.all(steps.map((step) => store.reportProgress(ref, step, { done: 1, total: 2, writes: 3 })));
			expect(await store.progressOf(ref, 'memberships')).toEqual({ done: 30, total: 60, writes: 90 });
		});

		test('that began before a time go with their progress, but for those that are named', async () => {
			const [store, profileId, other] = [open(), freshId(), freshId()];
			const runs = [1_000, 2_000, 2_999, 3_000, 4_000].map((time) => runAt(time, profileId));
			const [first, second, third, exact, later] = runs as [Run, Run, Run, Run, Run];
			const foreign = runAt(1_000, other);
			for (const run of [...runs, foreign]) {
				await store.save(run);
				await store.reportProgress(refOf(run), 'users/student/0/0', { done: 1, total: 1 });
			}
			const forget = () => store.deleteOlder(profileId, new Date(3_000), new Set([second.id]));
			// The timer of every instance may ring.
			await Promise.all([forget(), forget(), forget()]);
			await forget();
			expect(await listed(store, profileId)).toEqual([later.id, exact.id, second.id]);
			const done = async (run: Run) => (await store.progressOf(refOf(run), 'users')).done;
			for (const gone of [first, third]) expect(await done(gone)).toBe(0);
			for (const kept of [second, exact, later, foreign]) expect(await done(kept)).toBe(1);
			expect(await listed(store, other)).toEqual([foreign.id]);
		});

		test('of a profile all go at once, also for a second time, and those of another stay', async () => {
			const { store, profileId, ref } = await withRun();
			const foreign = await withForeign(store);
			// More than a transaction of storage takes.
			const steps = Array.from({ length: 120 }, (_, at) => `users/student/${at}`);
			await Promise.all(steps.map((step) => store.reportProgress(ref, step, { done: 1, total: 1 })));
			await Promise.all([store.deleteAll(profileId), store.deleteAll(profileId)]);
			await store.deleteAll(profileId);
			expect(await listed(store, profileId)).toEqual([]);
			expect(await store.progressOf(ref, 'users')).toEqual({ done: 0, total: 0, writes: 0 });
			expect(await listed(store, foreign.profileId)).toEqual([foreign.id]);
			expect(await store.progressOf(refOf(foreign), 'users')).toEqual({ done: 1, total: 2, writes: 3 });
		});
	});

	async function withForeign(store: RunStore): Promise<Run> {
		const run = runAt(5_000, freshId());
		await store.save(run);
		await store.reportProgress(refOf(run), 'users/student/0', { done: 1, total: 2, writes: 3 });
		return run;
	}
}
