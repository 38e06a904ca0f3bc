import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type { DirectoryKind } from '../../../src/directory-ports.ts';
import { matchProperties, type RekeyedObject } from '../../../src/domain/directory.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, matching, named, school, section, student } from '../../support/rosters/directory-objects.ts';
import type { DirectoryWorld } from './directory-suite.ts';

const own = { source: 'profile' };

/** Objects to which a source gives other SIS ids, and what tells whether records are the same. */
export function directoryRekeysSuite(name: string, open: () => DirectoryWorld): void {
	function newTenant() {
		const [{ directory, look, finds }, tenant] = [open(), freshId()];
		return {
			directory,
			tenant,
			finds,
			async sisIds(kind: DirectoryKind, tenantId = tenant) {
				return Object.fromEntries((await look(tenantId, kind)).map(({ id, externalId }) => [id, externalId]));
			},
			look: (kind: DirectoryKind) => look(tenant, kind),
		};
	}

	describe(`a put of the new id ${name}`, () => {
		test('finds the object that is there, and makes no second one', async () => {
			const { directory, tenant, sisIds, look } = newTenant();
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
			expect(await sisIds('users')).toEqual({ [zoe]: 'P001', [max]: 'P001' });
			const shown = (await look('users')).find(({ id }) => id === zoe);
			expect(shown).toMatchObject({ student: { externalId: 'P001' }, userPrincipalName: 'zoe@example.org' });

			expect(idsOf(await directory.putSchools(tenant, [school('S/001')]))).toEqual([schoolId]);
			expect(idsOf(await directory.putClasses(tenant, [section('C001', schoolId)]))).toEqual([classId]);
			const renamed = [student('P001', { account }), student('P001', { role: 'teacher', account: teacher })];
			expect(idsOf(await directory.putUsers(tenant, renamed))).toEqual([zoe, max]);
			for (const [kind, count] of Object.entries({ schools: 1, classes: 1, users: 2 }))
				expect(await look(kind as DirectoryKind), kind).toHaveLength(count);
		});

		test('of a profile that comes later finds it too', async () => {
			const { directory, tenant } = newTenant();
			const [id = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
			await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S1', to: 'S2' }] });
			const later = school('S2', { externalSourceDetail: 'another profile' });
			expect(idsOf(await directory.putSchools(tenant, [later]))).toEqual([id]);
		});

		test('in another tenant is of nobody', async () => {
			const { directory, tenant, sisIds } = newTenant();
			const other = freshId();
			const [id = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
			const [theirs = ''] = idsOf(await directory.putSchools(other, [school('S1')]));
			await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S1', to: 'S2' }] });
			expect(idsOf(await directory.putSchools(other, [school('S1')]))).toEqual([theirs]);
			expect(idsOf(await directory.putSchools(other, [school('S2')]))).not.toContain(id);
			await directory.rekey(other, { ...own, objects: [{ kind: 'school', id, from: 'S2', to: 'S3' }] });
			expect(await sisIds('schools')).toEqual({ [id]: 'S2' });
		});
	});

	describe(`the old id ${name}`, () => {
		test('is another object to the source, and again after that one gets another id', async () => {
			const { directory, tenant, sisIds } = newTenant();
			const put = async (account: string) =>
				idsOf(await directory.putUsers(tenant, [student('P1', { account: named(account) })]))[0] as string;
			const rekey = (id: string, to: string) =>
				directory.rekey(tenant, { ...own, objects: [{ kind: 'student', id, from: 'P1', to }] });
			const first = await put('a@example.org');
			await rekey(first, 'P2');
			const second = await put('b@example.org');
			await rekey(second, 'P3');
			const third = await put('c@example.org');
			expect(new Set([first, second, third]).size).toBe(3);
			expect(await sisIds('users')).toEqual({ [first]: 'P2', [second]: 'P3', [third]: 'P1' });
		});

		test('is still the same object to a profile that has not changed its ids, until it does', async () => {
			const { directory, tenant } = newTenant();
			const [schoolId = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
			const theirs = (sisId: string) => section(sisId, schoolId, { externalSourceDetail: 'slow profile' });
			const [id = ''] = idsOf(await directory.putClasses(tenant, [section('C1', schoolId)]));
			const objects: RekeyedObject[] = [{ kind: 'section', id, from: 'C1', to: 'C2' }];
			await directory.rekey(tenant, { ...own, objects });
			expect(idsOf(await directory.putClasses(tenant, [theirs('C1')]))).toEqual([id]);
			await directory.rekey(tenant, { source: 'slow profile', objects });
			expect(idsOf(await directory.putClasses(tenant, [theirs('C2')]))).toEqual([id]);
			expect(idsOf(await directory.putClasses(tenant, [theirs('C1')]))).not.toContain(id);
		});

		test('leads back to its object when the ids are taken back', async () => {
			const { directory, tenant } = newTenant();
			const [id = ''] = idsOf(await directory.putSchools(tenant, [school('S1')]));
			await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S1', to: 'S2' }] });
			await directory.rekey(tenant, { ...own, objects: [{ kind: 'school', id, from: 'S2', to: 'S1' }] });
			expect(idsOf(await directory.putSchools(tenant, [school('S1')]))).toEqual([id]);
			expect(idsOf(await directory.putSchools(tenant, [school('S2')]))).not.toContain(id);
		});
	});

	test(`new ids ${name} that overlap with old ones, in whatever order they are told, are those of the right people`, async () => {
		const random = seededRandom(31);
		for (let round = 0; round < 12; round++) {
			const { directory, tenant } = newTenant();
			const people = Array.from({ length: 40 }, (_, at) => ({ key: at, account: named(`p${at}@example.org`) }));
			const shift = 1 + random.below(30);
			const put = (idOf: (key: number) => number) =>
				directory.putUsers(
					tenant,
					people.map(({ key, account }) => student(`P${idOf(key)}`, { account })),
				);
			const ids = idsOf(await put((key) => key));
			const objects = people
				.map(({ key }): RekeyedObject => {
					const [from, to] = [`P${key}`, `P${key + shift}`];
					return { kind: 'student', id: ids[key] as string, from, to };
				})
				.sort(() => (random.chance(0.5) ? 1 : -1));
			const half = random.below(40);
			for (const some of [objects.slice(0, half), objects.slice(half), objects.slice(0, 10)])
				await directory.rekey(tenant, { ...own, objects: some });
			expect(idsOf(await put((key) => key + shift))).toEqual(ids);
			// Whoever gets an id that nobody has any more is somebody else.
			const [newcomer] = idsOf(
				await directory.putUsers(tenant, [student('P0', { account: named('new@example.org') })]),
			);
			expect(ids).not.toContain(newcomer);
		}
	});

	describe(`what tells whether records are the same ${name}`, () => {
		test('is who has a sign-in name, in whatever case, of few or of many', async () => {
			const { directory, tenant, finds } = newTenant();
			const people = Array.from({ length: 250 }, (_, at) =>
				student(`P${at}`, { account: named(`p${at}@example.org`) }),
			);
			const ids = idsOf(await directory.putUsers(tenant, people));
			const values = [...people.map((_, at) => `P${at}@Example.org`), 'nobody@example.org', 'x'.repeat(600)];
			for (const property of (['userPrincipalName', 'mail'] as const).filter((each) => finds.includes(each)))
				expect(await directory.usersNamed(tenant, { property, values })).toEqual([...ids, undefined, undefined]);
			await directory.putUsers(tenant, [student('Q', { account: named('p8@other.example.org') })]);
			const nicknames = { property: 'mailNickname', values: ['P7', 'nobody', 'p8'] } as const;
			expect(await directory.usersNamed(tenant, nicknames)).toEqual([ids[7], undefined, undefined]);
			for (const property of matchProperties.filter((each) => !finds.includes(each)))
				expect(await directory.usersNamed(tenant, { property, values: ['p7@example.org', 'p7'] })).toEqual([
					undefined,
					undefined,
				]);
			const elsewhere = { property: 'userPrincipalName', values: ['p7@example.org'] } as const;
			expect(await directory.usersNamed(freshId(), elsewhere)).toEqual([undefined]);
		});

		test('is what a class was called last, and its school; of a person first and last name; and by what id', async () => {
			const { directory, tenant } = newTenant();
			const { externalSourceDetail } = school('S1');
			const source = { externalSourceDetail };
			const [schoolId = ''] = idsOf(await directory.putSchools(tenant, [school('S1', { displayName: 'North' })]));
			const put = async (displayName: string) =>
				idsOf(await directory.putClasses(tenant, [section('C1', schoolId, { displayName })]));
			await put('Old');
			const [classId = ''] = await put('Maths 7');
			const attributes = { givenName: 'Ada', surname: 'Lund' };
			const people = [student('P1', { attributes }), student('P2', { attributes: { surname: 'Bo' } }), student('P3')];
			const ids = idsOf(await directory.putUsers(tenant, people));
			expect(await directory.describe(tenant, { kind: 'section', ids: ['nothing', classId] })).toEqual([
				undefined,
				{ name: 'Maths 7', schoolId, externalId: 'C1', ...source },
			]);
			expect(await directory.describe(tenant, { kind: 'school', ids: [schoolId] })).toEqual([
				{ name: 'North', externalId: 'S1', ...source },
			]);
			const names = ['Ada Lund', 'Bo', ''].map((name, at) => ({ name, externalId: `P${at + 1}`, ...source }));
			expect(await directory.describe(tenant, { kind: 'student', ids })).toEqual(names);
			expect(await directory.describe(freshId(), { kind: 'school', ids: [schoolId] })).toEqual([undefined]);
		});
	});

	test(`an account ${name} that is matched is found as ever, whatever SIS id it is said to have`, async () => {
		const { directory, tenant } = newTenant();
		const [id = ''] = idsOf(await directory.putUsers(tenant, [student('X', { account: named('zoe@example.org') })]));
		await directory.rekey(tenant, { ...own, objects: [{ kind: 'student', id, from: 'X', to: 'Y' }] });
		const zoe = matching('userPrincipalName', 'zoe@example.org');
		expect(idsOf(await directory.putUsers(tenant, [student('Q', { account: zoe })]))).toEqual([id]);
	});
}
