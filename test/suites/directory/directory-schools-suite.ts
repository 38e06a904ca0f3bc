import { describe, expect, test } from 'vitest';
import type { SchoolMembershipChange } from '../../../src/domain/directory.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, joining, named, school, student } from '../../support/rosters/directory-objects.ts';
import type { DirectoryWorld } from './directory-suite.ts';

/** Who is in which school: a source has its own people there, and a person is where any source says. */
export function directorySchoolsSuite(name: string, open: () => DirectoryWorld): void {
	/** A tenant of its own with people and schools, whose ids are in order, and two sources. */
	async function withPeople({ people = 1, schools = 3 } = {}) {
		const [{ directory, look }, tenantId] = [open(), freshId()];
		const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
		const everySchool = numbers(schools).map((at) => school(`S${at}`));
		const schoolIds = idsOf(await directory.putSchools(tenantId, everySchool)).sort();
		const everybody = numbers(people).map((at) => student(`P${at}`, { account: named(`p${at}@example.org`) }));
		const ids = idsOf(await directory.putUsers(tenantId, everybody));
		const person = ids[0] as string;
		return {
			schoolIds,
			ids,
			person,
			sources: [freshId(), freshId()] as const,
			changeAll: (...changes: SchoolMembershipChange[]) => directory.changeSchoolMembers(tenantId, changes),
			/** The first person comes to schools, and leaves others. */
			change: (source: string, add: readonly string[], remove: readonly string[] = []) =>
				directory.changeSchoolMembers(tenantId, [
					...add.map((id) => joining(id, [person], { source })),
					...remove.map((id) => joining(id, [], { source, remove: [person] })),
				]),
			read: async (source: string, role: 'student' | 'teacher' = 'student', of: readonly string[] = schoolIds) =>
				(await directory.schoolMembers(tenantId, { ids: of, role, source })).map((each) => each.toSorted()),
			/** Of the first person. */
			schoolsNow: async () => (await look(tenantId, 'users')).find(({ id }) => id === person)?.schoolIds.toSorted(),
		};
	}

	type Three = [string, string, string];

	describe(`members of schools ${name}`, () => {
		test('are those of all profiles, each of which changes its own', async () => {
			const { schoolIds, sources, change, schoolsNow } = await withPeople();
			const [north, south, east] = schoolIds as Three;
			const [one, other] = sources;
			await change(one, [north]);
			await change(other, [south, east]);
			expect(await schoolsNow()).toEqual([north, south, east]);
			await change(one, [east], [north]);
			expect(await schoolsNow()).toEqual([south, east]);
			await change(other, [], [east]);
			expect(await schoolsNow()).toEqual([south, east]);
			await change(one, [north], [east]);
			expect(await schoolsNow()).toEqual([north, south]);
		});

		test('are right after two profiles wrote at the same moment', async () => {
			const { schoolIds, sources, change, schoolsNow } = await withPeople();
			const [north, south, east] = schoolIds as Three;
			await Promise.all([change(sources[0], [north, east]), change(sources[1], [south, east])]);
			expect(await schoolsNow()).toEqual([north, south, east]);
		});

		test('of forty writers at the same moment are all there afterwards', async () => {
			const { schoolIds, ids, sources, changeAll, read } = await withPeople({ people: 40, schools: 1 });
			const [north] = schoolIds as [string];
			await Promise.all(ids.map((id, at) => changeAll(joining(north, [id], { source: sources[at % 2] as string }))));
			expect([...(await read(sources[0])), ...(await read(sources[1]))].flat().sort()).toEqual(ids.toSorted());
		});

		test('are told to the source that brought them, in the order of its question', async () => {
			const { schoolIds, sources, person, change, read } = await withPeople();
			const [north, south, east] = schoolIds as Three;
			const [one, other] = sources;
			await change(one, [north, east]);
			await change(other, [north]);
			const asked = [east, freshId(), south, north];
			expect(await read(one, 'student', asked)).toEqual([[person], [], [], [person]]);
			expect(await read(other, 'student', asked)).toEqual([[], [], [], [person]]);
			expect(await read(one, 'student', [])).toEqual([]);
		});

		test('are students or teachers or both, and the one does not change the other', async () => {
			const { schoolIds, sources, person, changeAll, read, schoolsNow } = await withPeople({ schools: 1 });
			const [[north], [source]] = [schoolIds as [string], sources];
			await changeAll(joining(north, [person], { source }));
			await changeAll(joining(north, [person], { source, role: 'teacher' }));
			expect([await read(source), await read(source, 'teacher')]).toEqual([[[person]], [[person]]]);
			await changeAll(joining(north, [], { source, remove: [person] }));
			expect([await read(source), await read(source, 'teacher')]).toEqual([[[]], [[person]]]);
			expect(await schoolsNow()).toEqual([north]);
		});

		test('change with one outcome for each school, in order, which says whether anything was new', async () => {
			const { schoolIds, sources, change } = await withPeople();
			const [north, south, east] = schoolIds as Three;
			await change(sources[0], [north]);
			expect(await change(sources[0], [north, south], [east])).toEqual([
				{ ok: true, id: north, changed: false },
				{ ok: true, id: south, changed: true },
				{ ok: true, id: east, changed: false },
			]);
			// What another source has there is news to this one.
			expect(await change(sources[1], [south])).toEqual([{ ok: true, id: south, changed: true }]);
		});

		test('of many schools and people are kept apart', async () => {
			const { schoolIds, ids, sources, changeAll, read } = await withPeople({ people: 150, schools: 40 });
			const [source, other] = sources;
			const ofSchool = (at: number) => ids.filter((_, person) => person % 40 === at).sort();
			const outcomes = await changeAll(...schoolIds.map((id, at) => joining(id, ofSchool(at), { source })));
			expect(outcomes).toEqual(schoolIds.map((id) => ({ ok: true, id, changed: true })));
			expect(await read(source)).toEqual(schoolIds.map((_, at) => ofSchool(at)));
			expect((await read(other)).flat()).toEqual([]);
		});
	});
}
