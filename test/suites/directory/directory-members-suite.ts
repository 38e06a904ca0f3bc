import { describe, expect, test } from 'vitest';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, school, section, student } from '../../support/rosters/directory-objects.ts';
import type { DirectoryWorld } from './directory-suite.ts';

/** Who is in which class. */
export function directoryMembersSuite(name: string, open: () => DirectoryWorld): void {
	/** A tenant of its own with people and classes. */
	async function withPeople({ people = 3, classes = 1 } = {}) {
		const [{ directory, members }, tenantId] = [open(), freshId()];
		const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
		const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
		const classIds = idsOf(
			await directory.putClasses(
				tenantId,
				numbers(classes).map((at) => section(`C${at}`, schoolId)),
			),
		);
		const ids = idsOf(
			await directory.putUsers(
				tenantId,
				numbers(people).map((at) => student(`P${at}`)),
			),
		);
		const classId = classIds[0] as string;
		return {
			ids,
			classId,
			classIds,
			changeAll: (...changes: Parameters<typeof directory.changeMembers>[1]) =>
				directory.changeMembers(tenantId, changes),
			change: (add: readonly string[], remove: readonly string[], role: 'student' | 'teacher' = 'student') =>
				directory.changeMembers(tenantId, [{ classId, role, add, remove }]),
			by: (source: string | undefined, add: readonly string[], remove: readonly string[] = []) =>
				directory.changeMembers(tenantId, [
					{ classId, role: 'student', ...(source === undefined ? {} : { source }), add, remove },
				]),
			/** Of the first class, as a source has it, or as all have. */
			async known(source?: string) {
				const place = { ids: [classId], role: 'student' as const, ...(source === undefined ? {} : { source }) };
				return (await directory.classMembers(tenantId, place))[0]?.toSorted();
			},
			/** Who was there besides, in order. */
			async othersAt(
				add: readonly string[],
				remove: readonly string[] = [],
				place: { role?: 'student' | 'teacher'; source?: string } = {},
			) {
				const change = { classId, role: 'student' as const, ...place, add, remove, wantsOthers: true };
				const [outcome] = await directory.changeMembers(tenantId, [change]);
				return outcome?.ok ? outcome.others?.toSorted() : undefined;
			},
			read: async (role: 'student' | 'teacher', of: readonly string[]) =>
				(await directory.classMembers(tenantId, { ids: of, role })).map((each) => each.toSorted()),
			members: async (as: 'member' | 'teacher' = 'member', id = classId) =>
				(await members(tenantId, id, as)).toSorted(),
		};
	}

	describe(`members of classes ${name}`, () => {
		test('are added and removed in one change; adding twice or removing a stranger is none', async () => {
			const { ids, classId, change, members } = await withPeople();
			const [a, b, c] = ids as [string, string, string];
			const changed = (isChanged: boolean) => [{ ok: true, id: classId, changed: isChanged }];
			expect(await change([], [a])).toEqual(changed(false));
			expect(await change([a, b], [])).toEqual(changed(true));
			expect(await change([c], [a])).toEqual(changed(true));
			expect(await members()).toEqual([b, c].sort());
			expect(await change([b, c, b], [a])).toEqual(changed(false));
			expect(await change([], [b, b])).toEqual(changed(true));
			expect(await change([c], [c])).toEqual(changed(false));
			expect(await members()).toEqual([c]);
			expect(await change([], [])).toEqual(changed(false));
			expect(await change([], [c])).toEqual(changed(true));
			expect(await members()).toEqual([]);
		});

		test('are students or teachers or both, and the one does not change the other', async () => {
			const { ids, change, members } = await withPeople();
			const [a, b, c] = ids as [string, string, string];
			await change([a, b], []);
			await change([b, c], [], 'teacher');
			expect([await members('member'), await members('teacher')]).toEqual([[a, b, c].sort(), [b, c].sort()]);
			await change([], [b]);
			expect([await members('member'), await members('teacher')]).toEqual([[a, b, c].sort(), [b, c].sort()]);
			await change([], [a, b], 'teacher');
			expect([await members('member'), await members('teacher')]).toEqual([[a, c].sort(), [c]]);
		});

		test('who were there before, and whom a change does not name, are told to whoever wants to know', async () => {
			const { ids, change, othersAt, members } = await withPeople({ people: 4 });
			const [a, b, c, d] = ids as [string, string, string, string];
			expect(await othersAt([a, b, c])).toEqual([]);
			expect(await othersAt([a, d], [b])).toEqual([c]);
			expect(await othersAt([a])).toEqual([c, d].sort());
			expect(await othersAt([])).toEqual([a, c, d].sort());
			expect(await othersAt([], [], { role: 'teacher' })).toEqual([]);
			expect(await members()).toEqual([a, c, d].sort());
			const [unasked] = await change([b], []);
			expect(unasked).not.toHaveProperty('others');
		});

		test('are told class by class, in the order of the question, as their role and by whomever they were added', async () => {
			const { ids, classIds, changeAll, read } = await withPeople({ classes: 3 });
			const [a, b, c] = ids as [string, string, string];
			const [one, two, three] = classIds as [string, string, string];
			await changeAll(
				{ classId: one, role: 'student', add: [a, b], remove: [] },
				{ classId: one, role: 'teacher', add: [c], remove: [] },
				{ classId: three, role: 'student', add: [c], remove: [] },
			);
			await changeAll({ classId: one, role: 'student', add: [c], remove: [a] });
			expect(await read('student', [three, freshId(), two, one])).toEqual([[c], [], [], [b, c].sort()]);
			expect(await read('teacher', [one, three])).toEqual([[c], []]);
			expect(await read('student', [])).toEqual([]);
		});

		test('are those of all sources, each of which changes its own', async () => {
			const { ids, classId, by, known, members } = await withPeople({ people: 4 });
			const [a, b, c, d] = ids as [string, string, string, string];
			const changed = (isChanged: boolean) => [{ ok: true, id: classId, changed: isChanged }];
			const [one, other] = ['the first profile', 'profile/2?'];
			expect(await by(one, [a, b])).toEqual(changed(true));
			expect(await by(other, [b, c])).toEqual(changed(true));
			expect([await known(one), await known(other)]).toEqual([[a, b].sort(), [b, c].sort()]);
			expect(await members()).toEqual([a, b, c].sort());
			// What another source has there is neither news nor a stranger's to remove.
			expect(await by(one, [c], [b])).toEqual(changed(true));
			expect(await by(other, [], [a, d])).toEqual(changed(false));
			expect([await known(one), await known(other)]).toEqual([[a, c].sort(), [b, c].sort()]);
			expect([await known(), await members()]).toEqual([[a, b, c].sort(), [a, b, c].sort()]);
		});

		test("whom no source is known to have added are any source's to find and to remove", async () => {
			const { ids, classId, by, known, othersAt } = await withPeople({ people: 4 });
			const [a, b, c, d] = ids as [string, string, string, string];
			const [one, other] = ['the first profile', 'the second profile'];
			await by(one, [a]);
			await by(other, [d]);
			await by(undefined, [a, b, c]);
			expect([await known(one), await known(other)]).toEqual([[a, b, c].sort(), [a, b, c, d].sort()]);
			expect(await othersAt([a], [], { source: one })).toEqual([b, c].sort());
			expect(await othersAt([], [], { source: other })).toEqual([a, b, c, d].sort());
			expect(await by(one, [], [b, d])).toEqual([{ ok: true, id: classId, changed: true }]);
			expect([await known(one), await known()]).toEqual([[a, c].sort(), [a, c, d].sort()]);
			expect(await by(one, [], [b])).toEqual([{ ok: true, id: classId, changed: false }]);
			// Whoever has come by hand, and whom a file has too, leaves with the file's row.
			expect(await by(one, [], [a])).toEqual([{ ok: true, id: classId, changed: true }]);
			expect(await known()).toEqual([c, d].sort());
			await by(undefined, [], [c, d]);
			expect(await known()).toEqual([d]);
		});

		test('of many classes answer one outcome for each, in the order of the call', async () => {
			const { ids, classIds, changeAll, members } = await withPeople({ classes: 230 });
			const [a, b] = ids as [string, string];
			const change = (classId: string, add: string) => ({ classId, role: 'student' as const, add: [add], remove: [] });
			await changeAll(...classIds.slice(0, 100).map((id) => change(id, a)));
			const outcomes = await changeAll(...classIds.map((id, at) => change(id, at % 2 === 0 ? a : b)));
			expect(outcomes).toEqual(classIds.map((id, at) => ({ ok: true, id, changed: at >= 100 || at % 2 === 1 })));
			expect(await members('member', classIds[1] as string)).toEqual([a, b].sort());
			expect(await members('member', classIds[229] as string)).toEqual([b]);
		});

		test('of forty writers at the same moment are all there afterwards', async () => {
			const { ids, change, members } = await withPeople({ people: 40 });
			await Promise.all(ids.map((id) => change([id], [])));
			expect(await members()).toEqual(ids.toSorted());
		});

		test('of a very large class fit', async () => {
			const isStrict = open().isStrict === true;
			const { classId, change, ids } = await withPeople({ people: isStrict ? 230 : 1 });
			const unknown = Array.from(
				{ length: 9_000 },
				(_, at) => `00000000-0000-4000-9000-${String(at).padStart(12, '0')}`,
			);
			const many = isStrict ? ids : unknown;
			expect(await change(many, [])).toEqual([{ ok: true, id: classId, changed: true }]);
			expect(await change(many.slice(0, 10), [])).toEqual([{ ok: true, id: classId, changed: false }]);
			expect(await change([], many.slice(-1))).toEqual([{ ok: true, id: classId, changed: true }]);
		});
	});
}
