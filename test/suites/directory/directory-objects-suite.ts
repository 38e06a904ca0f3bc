import { describe, expect, test } from 'vitest';
import type { DirectoryKind } from '../../../src/directory-ports.ts';
import type { UserAccount } from '../../../src/domain/directory.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { idsOf, named, school, section, student } from '../../support/rosters/directory-objects.ts';
import type { ShownObject } from '../../support/shown-directory.ts';
import type { DirectoryWorld } from './directory-suite.ts';

const byExternalId = (left: ShownObject, right: ShownObject) =>
	String(left.externalId) < String(right.externalId) ? -1 : 1;

/** What a put makes of an object. */
export function directoryObjectsSuite(name: string, open: () => DirectoryWorld): void {
	/** A tenant of its own. */
	function newTenant() {
		const [{ directory, look, finds }, tenantId] = [open(), freshId()];
		const the = async (kind: DirectoryKind): Promise<ShownObject> => {
			const objects = await look(tenantId, kind);
			expect(objects).toHaveLength(1);
			return objects[0] as ShownObject;
		};
		return { directory, tenantId, finds, the, all: (kind: DirectoryKind) => look(tenantId, kind) };
	}

	describe(`objects ${name}`, () => {
		test('answer one outcome for each, in the order of the call, however many', async () => {
			const { directory, tenantId, all } = newTenant();
			const numbers = Array.from({ length: 230 }, (_, at) => at);
			const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S')])) as [string];
			const answers = {
				schools: await directory.putSchools(
					tenantId,
					numbers.map((at) => school(`O${at}`)),
				),
				classes: await directory.putClasses(
					tenantId,
					numbers.map((at) => section(`O${at}`, schoolId)),
				),
				users: await directory.putUsers(
					tenantId,
					numbers.map((at) => student(`O${at}`)),
				),
			};
			for (const [kind, outcomes] of Object.entries(answers)) {
				const ids = new Map((await all(kind as DirectoryKind)).map(({ id, externalId }) => [externalId, id]));
				expect(idsOf(outcomes), kind).toEqual(numbers.map((at) => ids.get(`O${at}`)));
				expect(
					outcomes.every((outcome) => outcome.ok && outcome.changed),
					kind,
				).toBe(true);
			}
			const everyId = Object.values(answers).flatMap(idsOf);
			expect(new Set(everyId).size).toBe(690);
			for (const id of everyId) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
		});

		test('keep their ids when they are put again, as after a crash in the middle', async () => {
			const { directory, tenantId, all } = newTenant();
			const people = Array.from({ length: 230 }, (_, at) => student(`P${at}`));
			const first = idsOf(await directory.putUsers(tenantId, people.slice(0, 130)));
			expect(idsOf(await directory.putUsers(tenantId, people)).slice(0, 130)).toEqual(first);
			expect(await all('users')).toHaveLength(230);
		});

		test('are one by source id, kind and role, whatever the id is made of', async () => {
			const { directory, tenantId, all } = newTenant();
			const ids = ['1', '01', "O'Neil", 'a/b#c?d%', 'ä', 'x'.repeat(200)];
			const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S')])) as [string];
			const outcomes = [
				...(await directory.putSchools(
					tenantId,
					ids.map((id) => school(id)),
				)),
				...(await directory.putClasses(
					tenantId,
					ids.map((id) => section(id, schoolId)),
				)),
				...(await directory.putUsers(
					tenantId,
					ids.map((id, at) => student(id, { account: named(`s${at}@example.org`) })),
				)),
				...(await directory.putUsers(
					tenantId,
					ids.map((id, at) => student(id, { role: 'teacher', account: named(`t${at}@example.org`) })),
				)),
			];
			expect(new Set(idsOf(outcomes)).size).toBe(4 * ids.length);
			expect((await all('classes')).map(({ externalId }) => externalId).sort()).toEqual(ids.toSorted());
		});

		test('that a call has twice are written as the last of them says', async () => {
			const { directory, tenantId, the } = newTenant();
			const twice = ['1', '2'].map((schoolNumber) => school('S1', { attributes: { schoolNumber } }));
			const [first, second] = await directory.putSchools(tenantId, twice);
			expect(second).toEqual(first);
			expect(await the('schools')).toMatchObject({ schoolNumber: '2' });
			await directory.putSchools(tenantId, twice.toReversed());
			expect(await the('schools')).toMatchObject({ schoolNumber: '1' });
		});

		test('show what they were given, and take over what differs: a cleared property goes, others stay', async () => {
			const { directory, tenantId, the } = newTenant();
			const attributes = {
				schoolNumber: '7',
				phone: '5',
				address: { city: 'Rivertown', street: null, postalCode: '1' },
			};
			await directory.putSchools(tenantId, [school('S1', { attributes })]);
			expect(await the('schools')).toMatchObject({
				displayName: 'School S1',
				externalId: 'S1',
				externalSource: 'sis',
				externalSourceDetail: 'profile',
				schoolNumber: '7',
				phone: '5',
				address: { city: 'Rivertown', postalCode: '1' },
			});
			const changes = { phone: null, schoolNumber: '8', address: { postalCode: null, street: 'Mill Lane' } };
			await directory.putSchools(tenantId, [school('S1', { attributes: changes, externalSourceDetail: 'other' })]);
			const shown = await the('schools');
			expect(shown).toMatchObject({ schoolNumber: '8', externalSourceDetail: 'other' });
			expect(shown).not.toHaveProperty('phone');
			expect(shown.address).toEqual({ city: 'Rivertown', street: 'Mill Lane' });
		});

		test('keep their display name unless it is to be updated', async () => {
			const { directory, tenantId, the } = newTenant();
			const put = async (displayName: string, updatesDisplayName: boolean) => {
				const schools = [school('S1', { displayName, updatesDisplayName })];
				const [schoolId] = idsOf(await directory.putSchools(tenantId, schools)) as [string];
				await directory.putClasses(tenantId, [section('C1', schoolId, { displayName, updatesDisplayName })]);
				await directory.putUsers(tenantId, [
					student('P1', { account: named('p@example.org', displayName), updatesDisplayName }),
				]);
				const kinds = ['schools', 'classes', 'users'] as const;
				return [...new Set(await Promise.all(kinds.map(async (kind) => (await the(kind)).displayName)))];
			};
			expect(await put('First', false)).toEqual(['First']);
			expect(await put('Second', false)).toEqual(['First']);
			expect(await put('Third', true)).toEqual(['Third']);
		});

		test('keep every letter, however many there are', async () => {
			const { directory, tenantId, all } = newTenant();
			const displayName = (at: number) => `École ñandú Škola 学校 😀 ${at} ${'é'.repeat(at)}`;
			const schools = Array.from({ length: 200 }, (_, at) =>
				school(`S${String(at).padStart(3, '0')}`, { displayName: displayName(at) }),
			);
			await directory.putSchools(tenantId, schools);
			const shown = (await all('schools')).toSorted(byExternalId);
			expect(shown.map((each) => each.displayName)).toEqual(schools.map((each) => each.displayName));
		});
	});

	describe(`people ${name}`, () => {
		test('have role, names and licences, and no password anywhere', async () => {
			const { directory, tenantId, finds, the } = newTenant();
			const account: UserAccount = {
				mode: 'create',
				userPrincipalName: 'Ada@example.org',
				displayName: 'Ada A',
				password: 'Secret-2026!',
			};
			const attributes = { givenName: 'Ada', student: { grade: '9' } };
			const put = (skuIds: string[]) => directory.putUsers(tenantId, [student('P1', { account, attributes, skuIds })]);
			await put(['sku-1']);
			const user = await the('users');
			expect(user).toMatchObject({
				userPrincipalName: 'Ada@example.org',
				...(finds.includes('mail') ? { mail: 'Ada@example.org' } : {}),
				mailNickname: 'Ada',
				displayName: 'Ada A',
				accountEnabled: true,
				primaryRole: 'student',
				givenName: 'Ada',
				student: { externalId: 'P1', grade: '9' },
				assignedLicenses: [{ skuId: 'sku-1', disabledPlans: [] }],
			});
			expect(JSON.stringify(user)).not.toContain('Secret-2026!');
			await put([]);
			expect((await the('users')).assignedLicenses).toEqual([{ skuId: 'sku-1', disabledPlans: [] }]);
			await put(['sku-2']);
			expect((await the('users')).assignedLicenses).toEqual([{ skuId: 'sku-2', disabledPlans: [] }]);
		});
	});

	test(`a class ${name} is at the school that it was given last`, async () => {
		const { directory, tenantId, the } = newTenant();
		const [north, south] = idsOf(await directory.putSchools(tenantId, [school('S1'), school('S2')])) as [
			string,
			string,
		];
		for (const schoolId of [north, south]) {
			await directory.putClasses(tenantId, [section('C1', schoolId, { displayName: 'Maths', mailNickname: 'maths' })]);
			expect(await the('classes')).toMatchObject({
				schoolIds: [schoolId],
				mailNickname: 'maths',
				externalName: 'Maths',
			});
		}
	});
}
