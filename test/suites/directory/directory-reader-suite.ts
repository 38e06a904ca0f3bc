import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type {
	Directory,
	DirectoryCollection,
	DirectoryReader,
	DirectoryRequest,
} from '../../../src/directory-ports.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, joining, named, school, section, student } from '../../support/rosters/directory-objects.ts';
import { fillDirectory, modelIds, randomCollection, randomConditions } from '../../support/rosters/random-directory.ts';

/** A directory, and who shows it. */
export interface ReaderWorld {
	directory: Directory;
	reader: DirectoryReader;
	/** Makes a tenant's objects as an earlier version wrote them. */
	age?(tenantId: string): Promise<void>;
}

const idsIn = (pages: readonly (readonly Record<string, unknown>[])[] | undefined) => pages?.flat().map(({ id }) => id);

/** The contract of the port, for every reader of a directory. */
export function directoryReaderSuite(name: string, open: () => ReaderWorld): void {
	function newTenant() {
		const [world, tenant] = [open(), freshId()];
		/** The items of each page. */
		async function pagesOf(collection: DirectoryCollection, request: DirectoryRequest) {
			const pages: Record<string, unknown>[][] = [];
			let next: string | undefined;
			do {
				const place = next === undefined ? {} : { continuation: next };
				const page = await world.reader.list(tenant, collection, { ...request, ...place });
				if (!page) return undefined;
				pages.push([...page.items]);
				next = page.continuation;
			} while (next !== undefined);
			return pages;
		}
		return { ...world, tenant, pagesOf };
	}

	describe(`collections ${name}`, () => {
		test.each(Array.from({ length: 16 }, (_, seed) => seed))(
			'of a random directory are what a plain model says, page by page and counted (seed %i)',
			async (seed) => {
				const random = seededRandom(seed);
				const { directory, reader, age, tenant, pagesOf } = newTenant();
				const neighbour = freshId();
				const model = await fillDirectory(directory, tenant, random);
				await fillDirectory(directory, neighbour, seededRandom(seed));
				if (seed % 3 === 0) await age?.(tenant);
				for (let round = 0; round < 20; round++) {
					const collection = randomCollection(model, random);
					const where = randomConditions(model, collection.kind, random);
					const request = { size: 1 + random.below(12), where, wantsCount: true, idsOnly: random.chance(0.2) };
					const label = JSON.stringify({ collection, request });
					const wanted = modelIds(model, collection, where);
					const pages = await pagesOf(collection, request);
					expect(idsIn(pages), label).toEqual(wanted);
					expect(
						pages?.every((page) => page.length <= request.size),
						label,
					).toBe(true);
					expect((await reader.list(tenant, collection, request))?.count, label).toBe(wanted?.length);
					expect(await reader.count(tenant, collection, where), label).toBe(wanted?.length);
					// An id of this tenant leads nowhere in another, where the same source ids are.
					const elsewhere = await reader.list(neighbour, collection, { size: 999 });
					if (collection.of) expect(elsewhere, label).toBeUndefined();
					else
						expect(
							(elsewhere?.items ?? []).filter(({ id }) => wanted?.includes(String(id))),
							label,
						).toEqual([]);
				}
			},
		);

		test('of an owner that is not there are not there either', async () => {
			const { reader, tenant } = newTenant();
			const id = '00000000-0000-4000-8000-000000000000';
			for (const collection of [
				{ kind: 'users', of: 'schools', id },
				{ kind: 'schools', of: 'users', id },
				{ kind: 'users', of: 'classes', as: 'member', id },
				{ kind: 'classes', of: 'users', as: 'teacher', id },
			] as const) {
				expect(await reader.list(tenant, collection, { size: 10 })).toBeUndefined();
				expect(await reader.count(tenant, collection)).toBeUndefined();
			}
		});

		test('are empty where there is nothing yet, and for pages of no size', async () => {
			const { directory, reader, tenant } = newTenant();
			expect(await reader.list(tenant, { kind: 'users' }, { size: 5, wantsCount: true })).toEqual({
				items: [],
				count: 0,
			});
			await directory.putSchools(tenant, [school('S1'), school('S2')]);
			const none = await reader.list(tenant, { kind: 'schools' }, { size: 0, wantsCount: true });
			expect(none).toEqual({ items: [], count: 2 });
		});

		test('go on where they were, each object once, whoever comes or goes meanwhile', async () => {
			const { directory, reader, tenant, pagesOf } = newTenant();
			const [schoolId] = idsOf(await directory.putSchools(tenant, [school('S1')])) as [string];
			const [classId] = idsOf(await directory.putClasses(tenant, [section('C1', schoolId)])) as [string];
			const people = Array.from({ length: 12 }, (_, at) => student(`P${at}`));
			const ids = idsOf(await directory.putUsers(tenant, people)).sort();
			await directory.changeMembers(tenant, [{ classId, role: 'student', add: ids, remove: [] }]);
			const begun = [{ kind: 'users', of: 'classes', as: 'member', id: classId }, { kind: 'users' }] as const;
			for (const collection of begun) {
				const first = await reader.list(tenant, collection, { size: 5 });
				expect(first?.items.map(({ id }) => id)).toEqual(ids.slice(0, 5));
				expect(first?.continuation).toBe(ids[4]);
			}
			const newcomers = Array.from({ length: 12 }, (_, at) => student(`N${at}`));
			const newIds = idsOf(await directory.putUsers(tenant, newcomers));
			await directory.changeMembers(tenant, [{ classId, role: 'student', add: newIds, remove: ids.slice(0, 5) }]);
			const wanted = [...ids, ...newIds].filter((id) => id > (ids[4] as string)).sort();
			for (const collection of begun) {
				const rest = await pagesOf(collection, { size: 5, continuation: ids[4] as string });
				expect(idsIn(rest)).toEqual(wanted);
			}
		});

		test('leave out what a sync has named and not yet written', async () => {
			const { directory, reader, tenant, pagesOf } = newTenant();
			const absent = '10000000-0000-8000-8000-000000000001';
			const [classId] = idsOf(await directory.putClasses(tenant, [section('C1', absent)])) as [string];
			const [userId] = idsOf(await directory.putUsers(tenant, [student('P1')])) as [string];
			await directory.changeSchoolMembers(tenant, [joining(absent, [userId])]);
			await directory.changeMembers(tenant, [
				{ classId, role: 'student', add: [absent, userId], remove: [] },
				{ classId: absent, role: 'teacher', add: [userId], remove: [] },
			]);
			const list = async (collection: DirectoryCollection) =>
				idsIn(await pagesOf(collection, { size: 3, withSchools: true }));
			expect(await list({ kind: 'schools', of: 'classes', id: classId })).toEqual([]);
			expect(await list({ kind: 'schools', of: 'users', id: userId })).toEqual([]);
			expect(await list({ kind: 'users', of: 'classes', as: 'member', id: classId })).toEqual([userId]);
			expect(await list({ kind: 'classes', of: 'users', as: 'member', id: userId })).toEqual([classId]);
			expect(await reader.get(tenant, 'classes', { id: classId, withSchools: true })).toMatchObject({ schools: [] });
		});

		test('of a thousand classes are looked through for one person, however many requests it takes', async () => {
			const { directory, reader, tenant, pagesOf } = newTenant();
			const [schoolId] = idsOf(await directory.putSchools(tenant, [school('S1')])) as [string];
			const sections = Array.from({ length: 1_000 }, (_, at) => section(`C${at}`, schoolId));
			const classIds = idsOf(await directory.putClasses(tenant, sections));
			const [other, userId] = idsOf(await directory.putUsers(tenant, [student('P1'), student('P2')])) as [
				string,
				string,
			];
			const isTaught = (at: number) => at % 7 !== 0;
			// Classes without students shift the pages of storage, so that some end between the students and the teachers of a class.
			const isJoined = (at: number) => at % 5 !== 0 && at % 11 !== 0;
			await directory.changeMembers(
				tenant,
				classIds.flatMap((classId, at) => [
					{ classId, role: 'teacher' as const, add: isTaught(at) ? [userId] : [other], remove: [] },
					...(at % 11 === 0
						? []
						: [{ classId, role: 'student' as const, add: isJoined(at) ? [other, userId] : [other], remove: [] }]),
				]),
			);
			const taught = classIds.filter((_, at) => isTaught(at)).sort();
			const joined = classIds.filter((_, at) => isTaught(at) || isJoined(at)).sort();
			const classesOf = (as: 'member' | 'teacher') => ({ kind: 'classes', of: 'users', as, id: userId }) as const;
			expect(idsIn(await pagesOf(classesOf('teacher'), { size: 40 }))).toEqual(taught);
			expect(idsIn(await pagesOf(classesOf('member'), { size: 999, idsOnly: true }))).toEqual(joined);
			expect(await reader.count(tenant, classesOf('member'))).toBe(joined.length);
		});
	});

	describe(`objects that ${name} are shown`, () => {
		test('show their schools when asked to', async () => {
			const { directory, reader, tenant } = newTenant();
			const [one, two] = idsOf(await directory.putSchools(tenant, [school('S1'), school('S2')])) as [string, string];
			const [classId] = idsOf(await directory.putClasses(tenant, [section('C1', two)])) as [string];
			const [userId] = idsOf(await directory.putUsers(tenant, [student('P1')])) as [string];
			await directory.changeSchoolMembers(tenant, [joining(two, [userId]), joining(one, [userId])]);
			const both = [one, two].sort();
			const get = (kind: 'classes' | 'users', id: string) => reader.get(tenant, kind, { id, withSchools: true });
			expect(await get('classes', classId)).toMatchObject({ schools: [{ id: two, displayName: 'School S2' }] });
			expect(await get('users', userId)).toMatchObject({ schools: both.map((id) => ({ id })) });
			expect(await reader.get(tenant, 'users', { id: userId })).not.toHaveProperty('schools');
			const page = await reader.list(tenant, { kind: 'users' }, { size: 5, withSchools: true });
			expect(page?.items).toMatchObject([{ schools: both.map((id) => ({ id })) }]);
		});

		test('who changed their school or their name are found by the new one only', async () => {
			const { directory, reader, tenant } = newTenant();
			const [one, two] = idsOf(await directory.putSchools(tenant, [school('S1'), school('S2')])) as [string, string];
			const put = async (name: string) =>
				idsOf(await directory.putUsers(tenant, [student('P1', { account: named(name) })])) as [string];
			const [userId] = await put('old@example.org');
			await directory.changeSchoolMembers(tenant, [joining(one, [userId]), joining(two, [userId])]);
			await put('new@example.org');
			await directory.changeSchoolMembers(tenant, [joining(one, [], { remove: [userId] })]);
			const count = (value: string) =>
				reader.count(tenant, { kind: 'users' }, [{ property: 'userPrincipalName', operator: 'eq', value }]);
			expect([await count('old@example.org'), await count('NEW@example.org')]).toEqual([0, 1]);
			const atSchool = (id: string) => reader.count(tenant, { kind: 'users', of: 'schools', id });
			expect([await atSchool(one), await atSchool(two)]).toEqual([0, 1]);
		});

		test('are looked for by texts of any length', async () => {
			const { directory, reader, tenant } = newTenant();
			const displayName = `${'学校'.repeat(100)} North`;
			await directory.putSchools(tenant, [
				school('S1', { displayName }),
				school('S2', { displayName: `${displayName} 2` }),
			]);
			await directory.putUsers(tenant, [student('P1')]);
			const count = (operator: 'eq' | 'startswith', value: string) =>
				reader.count(tenant, { kind: 'schools' }, [{ property: 'displayName', operator, value }]);
			expect(await count('eq', displayName)).toBe(1);
			expect(await count('startswith', displayName)).toBe(2);
			expect(await count('startswith', displayName.repeat(9))).toBe(0);
			const named = (value: string) =>
				reader.count(tenant, { kind: 'users' }, [{ property: 'userPrincipalName', operator: 'eq', value }]);
			expect([await named('学'.repeat(3_000)), await named('')]).toEqual([0, 0]);
		});
	});
}
