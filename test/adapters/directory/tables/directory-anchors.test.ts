import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../bench/random.ts';
import { tableDirectory } from '../../../../src/adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from '../../../../src/adapters/directory/tables/table-directory-reader.ts';
import type { Directory, DirectoryKind, DirectoryReader } from '../../../../src/directory-ports.ts';
import type { RekeyedObject } from '../../../../src/domain/directory.ts';
import { fakeDirectory } from '../../../support/fakes/directory.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';
import { idsOf, matching, named, school, section, student } from '../../../support/rosters/directory-objects.ts';

/** Objects to which a source gives other SIS ids. */

let storage: TestStorage;
let directory: Directory;
let reader: DirectoryReader;
let tenants = 0;

beforeAll(async () => {
	storage = await startTestStorage();
	directory = tableDirectory(storage.account);
	reader = tableDirectoryReader(storage.account);
});

afterAll(() => storage?.stop());

const newTenant = () => `00000000-0000-4000-8000-${String(++tenants).padStart(12, 'a')}`;

const sisIds = async (tenant: string, kind: DirectoryKind) =>
	Object.fromEntries(
		((await reader.list(tenant, { kind }, { size: 999 }))?.items ?? []).map(({ id, externalId }) => [id, externalId]),
	);

const own = { source: 'profile' };

describe('a put of the new id', () => {
	test('finds the object that is there, and makes no second one; other instances do the same', async () => {
		const tenant = newTenant();
		const [schoolId = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
		const [classId = ''] = idsOf(await directory.putClasses(tenant, [section('C1', schoolId)]));
		const account = named('zoe@example.org');
		const teacher = named('max@example.org');
		const people = [student('P1', { account }), student('T1', { role: 'teacher', account: teacher })];
		const [zoe = '', max = ''] = idsOf(await directory.putUsers(tenant, people));
		const objects: RekeyedObject[] = [
			{ kind: 'school', id: schoolId, from: 'S1', to: 'S/001' },
			{ kind: 'section', id: classId, from: 'C1', to: 'C001' },
			{ kind: 'student', id: zoe, from: 'P1', to: 'P001' },
			{ kind: 'teacher', id: max, from: 'T1', to: 'P001' },
		];
		// A step is delivered at least once.
		for (let times = 0; times < 2; times++) await directory.rekey(tenant, { ...own, objects });
		expect(await sisIds(tenant, 'users')).toEqual({ [zoe]: 'P001', [max]: 'P001' });
		expect(await reader.get(tenant, 'users', { id: zoe })).toMatchObject({ student: { externalId: 'P001' } });
		const found = await reader.list(
			tenant,
			{ kind: 'schools' },
			{ size: 9, where: [{ property: 'externalId', operator: 'eq', value: 's/001' }] },
		);
		expect(found?.items.map(({ id }) => id)).toEqual([schoolId]);

		for (const each of [directory, tableDirectory(storage.account)]) {
			expect(idsOf(await each.putSchools(tenant, [school('S/001')]))).toEqual([schoolId]);
			expect(idsOf(await each.putClasses(tenant, [section('C001', schoolId)]))).toEqual([classId]);
			const renamed = [student('P001', { account }), student('P001', { role: 'teacher', account: teacher })];
			expect(idsOf(await each.putUsers(tenant, renamed))).toEqual([zoe, max]);
		}
		for (const [kind, count] of [
			['schools', 1],
			['classes', 1],
			['users', 2],
		] as const)
			expect(await reader.count(tenant, { kind })).toBe(count);
	});

	test('of a profile that comes later finds it too', async () => {
		const tenant = newTenant();
		const [id = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S1', to: 'S2' }] });
		const later = school('S2', { externalSourceDetail: 'another profile' });
		expect(idsOf(await directory.putSchools(tenant, [later]))).toEqual([id]);
	});

	test('in another tenant is of nobody', async () => {
		const [one, other] = [newTenant(), newTenant()];
		const [id = ''] = idsOf(await directory.putSchools(one, [school('S1')]));
		const [theirs = ''] = idsOf(await directory.putSchools(other, [school('S1')]));
		await directory.rekey(one, { ...own, objects: [{ kind: 'school', id, from: 'S1', to: 'S2' }] });
		expect(idsOf(await directory.putSchools(other, [school('S1')]))).toEqual([theirs]);
		expect(idsOf(await directory.putSchools(other, [school('S2')]))).not.toContain(id);
	});
});

describe('the old id', () => {
	test('is another object to the source, and again after that one gets another id', async () => {
		const tenant = newTenant();
		const [first = ''] = idsOf(await directory.putUsers(tenant, [student('P1', { account: named('a@example.org') })]));
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'student', id: first, from: 'P1', to: 'P2' }] });
		const [second = ''] = idsOf(await directory.putUsers(tenant, [student('P1', { account: named('b@example.org') })]));
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'student', id: second, from: 'P1', to: 'P3' }] });
		const [third = ''] = idsOf(await directory.putUsers(tenant, [student('P1', { account: named('c@example.org') })]));
		expect(new Set([first, second, third]).size).toBe(3);
		expect(await sisIds(tenant, 'users')).toEqual({ [first]: 'P2', [second]: 'P3', [third]: 'P1' });
	});

	test('is still the same object to a profile that has not changed its ids, until it does', async () => {
		const tenant = newTenant();
		const theirs = (sisId: string) => section(sisId, 'x', { externalSourceDetail: 'slow profile' });
		const [id = ''] = idsOf(await directory.putClasses(tenant, [section('C1', 'x')]));
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'section', id, from: 'C1', to: 'C2' }] });
		expect(idsOf(await directory.putClasses(tenant, [theirs('C1')]))).toEqual([id]);
		await directory.rekey(tenant, { source: 'slow profile', objects: [{ kind: 'section', id, from: 'C1', to: 'C2' }] });
		expect(idsOf(await directory.putClasses(tenant, [theirs('C2')]))).toEqual([id]);
		expect(idsOf(await directory.putClasses(tenant, [theirs('C1')]))).not.toContain(id);
	});

	test('leads back to its object when the ids are taken back', async () => {
		const tenant = newTenant();
		const [id = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S1', to: 'S2' }] });
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S2', to: 'S1' }] });
		expect(idsOf(await directory.putSchools(tenant, [school('S1')]))).toEqual([id]);
		expect(idsOf(await directory.putSchools(tenant, [school('S2')]))).not.toContain(id);
	});
});

test('new ids that overlap with old ones, in whatever order they are told, are those of the right people; the stand-in does the same', async () => {
	const random = seededRandom(31);
	for (let round = 0; round < 12; round++) {
		const tenant = newTenant();
		const people = Array.from({ length: 40 }, (_, at) => ({ key: at, account: named(`p${at}@example.org`) }));
		const shift = 1 + random.below(30);
		const [real, fake] = [directory, fakeDirectory()];
		for (const each of [real, fake]) {
			const put = (idOf: (key: number) => number) =>
				each.putUsers(
					tenant,
					people.map(({ key, account }) => student(`P${idOf(key)}`, { account })),
				);
			const ids = idsOf(await put((key) => key));
			const objects = people
				.map(
					({ key }): RekeyedObject => ({
						kind: 'student',
						id: ids[key] as string,
						from: `P${key}`,
						to: `P${key + shift}`,
					}),
				)
				.sort(() => (random.chance(0.5) ? 1 : -1));
			const half = random.below(40);
			for (const some of [objects.slice(0, half), objects.slice(half), objects.slice(0, 10)])
				await each.rekey(tenant, { ...own, objects: some });
			expect(idsOf(await put((key) => key + shift))).toEqual(ids);
			// Whoever gets an id that nobody has any more is somebody else.
			const [newcomer] = idsOf(await each.putUsers(tenant, [student('P0', { account: named('new@example.org') })]));
			expect(ids).not.toContain(newcomer);
		}
	}
});

describe('what tells whether records are the same', () => {
	test('is who has a sign-in name, in whatever case, of few or of many', async () => {
		const tenant = newTenant();
		const people = Array.from({ length: 250 }, (_, at) => student(`P${at}`, { account: named(`p${at}@example.org`) }));
		const ids = idsOf(await directory.putUsers(tenant, people));
		const values = [...people.map((_, at) => `P${at}@Example.org`), 'nobody@example.org', 'x'.repeat(600)];
		const found = await directory.usersNamed(tenant, { property: 'userPrincipalName', values });
		expect(found).toEqual([...ids, undefined, undefined]);
		const nicknames = { property: 'mailNickname', values: ['p7', 'nobody'] } as const;
		expect(await directory.usersNamed(tenant, nicknames)).toEqual([ids[7], undefined]);
		const unknown = { property: 'employeeId', values: ['7'] } as const;
		expect(await directory.usersNamed(tenant, unknown)).toEqual([undefined]);
	});

	test('is what a class was called last, and its school', async () => {
		const tenant = newTenant();
		const [schoolId = ''] = idsOf(await directory.putSchools(tenant, [school('S1', { displayName: 'North' })]));
		const [classId = ''] = idsOf(await directory.putClasses(tenant, [section('C1', schoolId, { displayName: 'Old' })]));
		await directory.putClasses(tenant, [section('C1', schoolId, { displayName: 'Maths 7' })]);
		expect(await directory.describe(tenant, { kind: 'section', ids: ['nothing', classId] })).toEqual([
			undefined,
			{ name: 'Maths 7', schoolId },
		]);
		expect(await directory.describe(tenant, { kind: 'school', ids: [schoolId] })).toEqual([{ name: 'North' }]);
	});
});

test('a matched account is found as ever, whatever SIS id it is said to have', async () => {
	const tenant = newTenant();
	const [id = ''] = idsOf(await directory.putUsers(tenant, [student('X', { account: named('zoe@example.org') })]));
	await directory.rekey(tenant, { ...own, objects: [{ kind: 'student', id, from: 'X', to: 'Y' }] });
	const zoe = matching('userPrincipalName', 'zoe@example.org');
	expect(idsOf(await directory.putUsers(tenant, [student('Q', { account: zoe })]))).toEqual([id]);
});
