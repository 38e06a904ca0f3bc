import { describe, expect, test } from 'vitest';
import type { DueWork, DueWorkStore, StoredDueWork } from '../../../src/ports.ts';
import { freshId } from '../../support/fresh-ids.ts';

/** The contract of the port, for every store of due work. */
export function dueWorkStoreSuite(name: string, open: () => DueWorkStore): void {
	const minute = (minutes: number) => new Date(Date.UTC(2026, 2, 2, 10, minutes));

	/** The work of an owner of its own. */
	function newOwner(store = open()) {
		const owner = freshId();
		const found = (minutes: number, limit = 9) => store.due(owner, minute(minutes), limit);
		return {
			store,
			owner,
			put: (subject: string, minutes: number) => store.put({ owner, subject, at: minute(minutes) }),
			due: async (minutes: number, limit?: number) =>
				(await found(minutes, limit)).map(({ work: { subject } }) => subject),
			first: async (minutes: number) => (await found(minutes, 1))[0] as StoredDueWork,
			take: async (stored: StoredDueWork, minutes: number) =>
				(await store.take(stored, minute(minutes))) as StoredDueWork,
		};
	}

	describe(`due work ${name}`, () => {
		test('is found earliest first, and nothing of another owner', async () => {
			const { store, owner, put, due } = newOwner();
			const other = newOwner(store);
			for (const [subject, minutes] of [
				['c', 3],
				['a', 1],
				['b', 2],
				['z', 2],
				['d', 4],
			] as const)
				await put(subject, minutes);
			await other.put('x', 0);
			expect(await due(3)).toEqual(['a', 'b', 'z', 'c']);
			expect(await due(3, 2)).toEqual(['a', 'b']);
			expect(await due(0)).toEqual([]);
			expect(await store.due(owner, minute(1), 9)).toMatchObject([{ work: { owner, subject: 'a', at: minute(1) } }]);
			expect(await other.due(3)).toEqual(['x']);
		});

		test('is due at its time, to the millisecond', async () => {
			const { store, owner } = newOwner();
			const at = new Date(minute(1).getTime() + 7);
			const work: DueWork = { owner, subject: 'a', at };
			await store.put(work);
			expect(await store.due(owner, new Date(at.getTime() - 1), 9)).toEqual([]);
			expect((await store.due(owner, at, 9)).map((stored) => stored.work)).toEqual([work]);
		});

		test('is taken by one of several, and hidden until then', async () => {
			const { store, put, due, first } = newOwner();
			await put('a', 1);
			const found = await first(1);
			const takers = await Promise.all(Array.from({ length: 5 }, () => store.take(found, minute(6))));
			const taken = takers.filter((each) => each !== undefined);
			expect(taken).toMatchObject([{ work: found.work }]);
			expect(taken[0]?.version).not.toBe(found.version);
			expect(await due(5)).toEqual([]);
			expect(await due(6)).toEqual(['a']);
		});

		test('that others have taken does not hide what is behind it', async () => {
			const { put, due, first, take } = newOwner();
			for (const [at, subject] of ['a', 'b', 'c', 'd'].entries()) await put(subject, at);
			for (let times = 0; times < 3; times++) await take(await first(9), 60);
			expect(await due(9, 1)).toEqual(['d']);
		});

		test('may be taken for longer by who has it', async () => {
			const { put, due, first, take } = newOwner();
			await put('a', 1);
			const taken = await take(await first(1), 2);
			await take(taken, 4);
			expect([await due(3), await due(4)]).toEqual([[], ['a']]);
		});

		test('is gone when it is done, but not if somebody else has taken or put it since', async () => {
			const { store, put, due, first, take } = newOwner();
			await put('a', 1);
			const slow = await take(await first(1), 2);
			const other = await take(await first(2), 9);
			expect(await store.finish(slow)).toBe(false);
			await put('a', 1);
			expect(await store.finish(other)).toBe(false);
			expect(await due(3)).toEqual(['a']);
			const last = await take(await first(3), 9);
			expect(await store.finish(last)).toBe(true);
			expect(await store.finish(last)).toBe(false);
			expect(await store.take(last, minute(20))).toBeUndefined();
			expect(await due(20)).toEqual([]);
		});

		test('that was done and is put anew is not that of before', async () => {
			const { store, put, due, first, take } = newOwner();
			await put('a', 1);
			const done = await take(await first(1), 9);
			await store.finish(done);
			await put('a', 1);
			expect(await store.take(done, minute(20))).toBeUndefined();
			expect(await store.finish(done)).toBe(false);
			expect(await due(1)).toEqual(['a']);
		});

		test('keeps one subject at several times, and names it once', async () => {
			const { store, owner, put, due, first, take } = newOwner();
			await put('a', 1);
			await put('a', 1);
			await put('a', 2);
			await put('b', 30);
			expect(await due(5)).toEqual(['a', 'a']);
			await take(await first(5), 60);
			expect([...(await store.subjects(owner))].sort()).toEqual(['a', 'b']);
			expect(await store.subjects(freshId())).toEqual(new Set());
		});

		test('has all its subjects named where they are more than storage gives in one answer', async () => {
			const { store, owner, put } = newOwner();
			const subjects = Array.from({ length: 1_010 }, (_, at) => `subject-${String(at).padStart(4, '0')}`);
			await Promise.all(subjects.map((subject) => put(subject, 1)));
			expect([...(await store.subjects(owner))].sort()).toEqual(subjects);
		});

		test('comes back as it was put, whatever becomes of what was put or given out', async () => {
			const { store, owner, first } = newOwner();
			const work: DueWork = { owner, subject: 'a', at: minute(1) };
			await store.put(work);
			work.at.setUTCFullYear(2030);
			const given = await first(1);
			expect(given.work).toEqual({ owner, subject: 'a', at: minute(1) });
			given.work.at.setUTCFullYear(2030);
			expect((await first(1)).work.at).toEqual(minute(1));
		});
	});
}
