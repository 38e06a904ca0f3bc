import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schoolsOfUsers } from '../../../../src/adapters/directory/tables/directory-schools.ts';
import { tableDirectory } from '../../../../src/adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from '../../../../src/adapters/directory/tables/table-directory-reader.ts';
import type { Directory, DirectoryKind, DirectoryReader } from '../../../../src/directory-ports.ts';
import type { UserAccount } from '../../../../src/domain/directory.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';
import {
	idsOf,
	joining,
	matching,
	named,
	school,
	section,
	student,
} from '../../../support/rosters/directory-objects.ts';

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

/** Every test has a directory of its own. */
const newTenant = () => `00000000-0000-4000-8000-${String(++tenants).padStart(12, '0')}`;

const listed = async (tenant: string, kind: DirectoryKind) =>
	(await reader.list(tenant, { kind }, { size: 999 }))?.items ?? [];
const users = (tenant: string) => listed(tenant, 'users');

describe('objects', () => {
	test('come back in the shape of Graph, with nested properties and without anything of ours', async () => {
		const tenant = newTenant();
		const attributes = { schoolNumber: '7', address: { city: 'Rivertown', street: null } };
		await directory.putSchools(tenant, [school('S1', { attributes })]);
		const items = await listed(tenant, 'schools');
		expect(items).toEqual([
			{
				id: expect.stringMatching(/^[0-9a-f-]{36}$/),
				displayName: 'School S1',
				externalId: 'S1',
				externalSource: 'sis',
				externalSourceDetail: 'profile',
				schoolNumber: '7',
				address: { city: 'Rivertown' },
			},
		]);
	});

	test('keep their id when they are put again, and change what differs', async () => {
		const tenant = newTenant();
		const first = await directory.putSchools(tenant, [school('S1', { attributes: { phone: '1', schoolNumber: '7' } })]);
		const second = await directory.putSchools(tenant, [school('S1', { attributes: { phone: null } }), school('S2')]);
		expect(second[0]).toEqual(first[0]);
		const items = await listed(tenant, 'schools');
		expect(items.map(({ externalId }) => externalId).sort()).toEqual(['S1', 'S2']);
		expect(items.find(({ externalId }) => externalId === 'S1')).toMatchObject({ schoolNumber: '7' });
		expect(items.find(({ externalId }) => externalId === 'S1')).not.toHaveProperty('phone');
	});

	test('keep a display name unless the profile may update it', async () => {
		const tenant = newTenant();
		const nameOf = async () => (await listed(tenant, 'schools'))[0]?.displayName;
		await directory.putSchools(tenant, [school('S1', { displayName: 'Old' })]);
		await directory.putSchools(tenant, [school('S1', { displayName: 'New' })]);
		expect(await nameOf()).toBe('Old');
		await directory.putSchools(tenant, [school('S1', { displayName: 'New', updatesDisplayName: true })]);
		expect(await nameOf()).toBe('New');
	});

	test('keep every letter of their names, however large the request', async () => {
		const tenant = newTenant();
		const nameOf = (at: number) => `École ñandú Škola 学校 ${at} ${'é'.repeat(at)}`;
		await directory.putSchools(
			tenant,
			Array.from({ length: 400 }, (_, at) => school(`S${at}`, { displayName: nameOf(at % 97) })),
		);
		const items = await listed(tenant, 'schools');
		const names = new Set(Array.from({ length: 97 }, (_, at) => nameOf(at)));
		expect(items.filter(({ displayName }) => !names.has(String(displayName)))).toEqual([]);
	});

	test('of two tenants never meet, even with the same source ids', async () => {
		const [one, other] = [newTenant(), newTenant()];
		const [mine, theirs] = [
			await directory.putUsers(one, [student('P1')]),
			await directory.putUsers(other, [student('P1')]),
		];
		expect(idsOf(mine)).not.toEqual(idsOf(theirs));
		expect(await users(one)).toHaveLength(1);
		expect(await reader.get(one, 'users', { id: idsOf(theirs)[0] as string })).toBeUndefined();
	});
});

describe('created users', () => {
	test('have role, names and licences, and no password anywhere', async () => {
		const tenant = newTenant();
		const account: UserAccount = {
			mode: 'create',
			userPrincipalName: 'Ada@example.org',
			displayName: 'Ada A',
			password: 'Secret-2026!',
		};
		const attributes = { givenName: 'Ada', student: { grade: '9' } };
		await directory.putUsers(tenant, [student('P1', { account, attributes, skuIds: ['sku-1'] })]);
		const [user] = await users(tenant);
		expect(user).toMatchObject({
			userPrincipalName: 'Ada@example.org',
			mailNickname: 'Ada',
			primaryRole: 'student',
			givenName: 'Ada',
			student: { externalId: 'P1', grade: '9' },
			assignedLicenses: [{ skuId: 'sku-1', disabledPlans: [] }],
		});
		const table = await storage.account.table('DirectoryUsers');
		for await (const row of table.listEntities()) expect(JSON.stringify(row)).not.toContain('Secret-2026!');
	});

	test('cannot share a name, in any case, in one call or in two', async () => {
		const tenant = newTenant();
		const twins = [
			student('P1', { account: named('ada@example.org') }),
			student('P2', { account: named('ADA@example.org') }),
		];
		expect((await directory.putUsers(tenant, twins)).map(({ ok }) => ok)).toEqual([true, false]);
		const later = await directory.putUsers(tenant, [
			student('P3', { account: named('Ada@Example.org') }),
			student('P4'),
		]);
		expect(later[0]).toMatchObject({ ok: false, message: expect.stringContaining('userPrincipalName already exists') });
		expect(later[1]).toMatchObject({ ok: true });
		expect(await users(tenant)).toHaveLength(2);
	});

	test('are the same users when the whole call is repeated, as after a crash', async () => {
		const tenant = newTenant();
		const people = Array.from({ length: 300 }, (_, at) => student(`P${at}`));
		const first = await directory.putUsers(tenant, people.slice(0, 170));
		const second = await directory.putUsers(tenant, people);
		expect(idsOf(second).slice(0, 170)).toEqual(idsOf(first));
		expect(await users(tenant)).toHaveLength(300);
	});

	test('who take a new name free the old one for somebody else', async () => {
		const tenant = newTenant();
		await directory.putUsers(tenant, [student('P1', { account: named('old@example.org') })]);
		await directory.putUsers(tenant, [student('P1', { account: named('new@example.org') })]);
		const [heir] = await directory.putUsers(tenant, [student('P2', { account: named('old@example.org') })]);
		expect(heir).toMatchObject({ ok: true });
		expect((await users(tenant)).map((user) => user.userPrincipalName).sort()).toEqual([
			'new@example.org',
			'old@example.org',
		]);
	});
});

describe('matched users', () => {
	test('are found by name, mail or nickname, and written onto', async () => {
		const tenant = newTenant();
		const [id] = idsOf(await directory.putUsers(tenant, [student('P1', { account: named('Ada.Lund@example.org') })]));
		for (const [property, value] of [
			['userPrincipalName', 'ada.lund@EXAMPLE.org'],
			['mail', 'ada.lund@example.org'],
			['mailNickname', 'ada.lund'],
		] as const) {
			const [outcome] = await directory.putUsers(tenant, [student('X9', { account: matching(property, value) })]);
			expect(outcome, property).toMatchObject({ ok: true, id });
		}
		expect(await users(tenant)).toEqual([expect.objectContaining({ externalId: 'X9', displayName: 'Somebody' })]);
	});

	test.each(['employeeId', 'onPremisesSamAccountName', 'onPremisesUserPrincipalName'] as const)(
		'are not looked for by what this directory does not hold (%s), and it says so of each',
		async (property) => {
			const tenant = newTenant();
			await directory.putUsers(tenant, [student('P1', { account: named('ada@example.org') })]);
			const wanted = ['ada@example.org', 'ada'].map((value) => student('P1', { account: matching(property, value) }));
			const outcomes = await directory.putUsers(tenant, wanted);
			const refused = { ok: false, code: 'UnsynchronizableChange', message: expect.stringContaining(property) };
			expect(outcomes).toEqual([refused, refused]);
		},
	);

	test('are never created, and never guessed among several', async () => {
		const tenant = newTenant();
		await directory.putUsers(tenant, [
			student('P1', { account: named('ada@one.org') }),
			student('P2', { account: named('ada@two.org') }),
		]);
		const outcomes = await directory.putUsers(tenant, [
			student('P3', { account: matching('mailNickname', 'ada') }),
			student('P4', { account: matching('userPrincipalName', 'nobody@one.org') }),
		]);
		expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.code))).toEqual([
			'DuplicateTargetEntries',
			'UnsynchronizableChange',
		]);
		expect(await users(tenant)).toHaveLength(2);
	});
});

describe('the schools of a person', () => {
	const north = '0a000000-0000-8000-8000-000000000001';
	const south = '0b000000-0000-8000-8000-000000000002';
	const east = '0c000000-0000-8000-8000-000000000003';
	const [one, other] = ['11111111-0000-7000-8000-000000000001', '22222222-0000-7000-8000-000000000002'];

	const person = '0d000000-0000-8000-8000-000000000004';
	const change = (tenant: string, source: string, add: string[], remove: string[] = []) =>
		directory.changeSchoolMembers(tenant, [
			...add.map((id) => joining(id, [person], { source })),
			...remove.map((id) => joining(id, [], { source, remove: [person] })),
		]);
	const schoolsOf = async (tenant: string) =>
		(await schoolsOfUsers(await storage.account.table('DirectorySchoolMembers'), tenant, [person])).get(person);

	test('are those of all profiles that have the person, each of which changes its own', async () => {
		const tenant = newTenant();
		await change(tenant, one, [north]);
		await change(tenant, other, [south, east]);
		expect(await schoolsOf(tenant)).toEqual([north, south, east]);
		await change(tenant, one, [east], [north]);
		expect(await schoolsOf(tenant)).toEqual([south, east]);
		await change(tenant, other, [], [east]);
		expect(await schoolsOf(tenant)).toEqual([south, east]);
		await change(tenant, one, [north], [east]);
		expect(await schoolsOf(tenant)).toEqual([north, south]);
	});

	test('are right after two profiles wrote at the same moment', async () => {
		const tenant = newTenant();
		await Promise.all([change(tenant, one, [north, east]), change(tenant, other, [south, east])]);
		expect(await schoolsOf(tenant)).toEqual([north, south, east]);
	});

	test('are told to the source that brought the person, once it asks', async () => {
		const tenant = newTenant();
		await change(tenant, one, [north, east]);
		await change(tenant, other, [north]);
		const read = (source: string) => directory.schoolMembers(tenant, { ids: [east, north], role: 'student', source });
		expect([await read(one), await read(other)]).toEqual([
			[[person], [person]],
			[[], [person]],
		]);
	});

	test('change with one outcome for each school, in order, which says whether anything was new', async () => {
		const tenant = newTenant();
		await change(tenant, one, [north]);
		expect(await change(tenant, one, [north, south], [east])).toEqual([
			{ ok: true, id: north, changed: false },
			{ ok: true, id: south, changed: true },
			{ ok: true, id: east, changed: false },
		]);
	});
});

describe('class members', () => {
	async function classWithStudents(tenant: string, count: number) {
		const [schoolId] = idsOf(await directory.putSchools(tenant, [school('S1')]));
		const [classId] = idsOf(await directory.putClasses(tenant, [section('C1', schoolId as string)]));
		const people = idsOf(
			await directory.putUsers(
				tenant,
				Array.from({ length: count }, (_, at) => student(`P${at}`)),
			),
		);
		return { classId: classId as string, people };
	}

	const members = async (tenant: string, id: string) => {
		const collection = { kind: 'users', of: 'classes', as: 'member', id } as const;
		return (await reader.list(tenant, collection, { size: 999, idsOnly: true }))?.items.map((user) => user.id);
	};

	test('who were there before are told to whoever wants to know', async () => {
		const tenant = newTenant();
		const { classId, people } = await classWithStudents(tenant, 4);
		const [a, b, c, d] = people as [string, string, string, string];
		const change = async (add: string[], remove: string[] = []) =>
			(await directory.changeMembers(tenant, [{ classId, role: 'student', add, remove, wantsOthers: true }]))[0];
		expect(await change([a, b, c])).toEqual({ ok: true, id: classId, changed: true, others: [] });
		expect(await change([a, d], [b])).toEqual({ ok: true, id: classId, changed: true, others: [c] });
		expect(await change([a])).toMatchObject({ changed: false, others: expect.arrayContaining([c, d]) });
		expect(await directory.classMembers(tenant, { ids: [classId], role: 'student' })).toEqual([[a, c, d]]);
	});

	test('are added and removed in one write, which is no write when nothing differs', async () => {
		const tenant = newTenant();
		const { classId, people } = await classWithStudents(tenant, 3);
		const [a, b, c] = people as [string, string, string];
		const change = (add: string[], remove: string[]) =>
			directory.changeMembers(tenant, [{ classId, role: 'student', add, remove }]);
		expect(await change([a, b], [])).toEqual([{ ok: true, id: classId, changed: true }]);
		expect(await change([c], [a])).toEqual([{ ok: true, id: classId, changed: true }]);
		expect(await members(tenant, classId)).toEqual([b, c].sort());
		expect(await change([b, c], [a])).toEqual([{ ok: true, id: classId, changed: false }]);
	});

	test('of forty writers at the same moment are all there afterwards', async () => {
		const tenant = newTenant();
		const { classId, people } = await classWithStudents(tenant, 40);
		await Promise.all(
			people.map((id) => directory.changeMembers(tenant, [{ classId, role: 'student', add: [id], remove: [] }])),
		);
		expect((await members(tenant, classId))?.sort()).toEqual([...people].sort());
	});

	test('of a very large class fit', async () => {
		const tenant = newTenant();
		const { classId } = await classWithStudents(tenant, 1);
		const many = Array.from({ length: 9_000 }, (_, at) => `00000000-0000-4000-9000-${String(at).padStart(12, '0')}`);
		const [outcome] = await directory.changeMembers(tenant, [{ classId, role: 'student', add: many, remove: [] }]);
		expect(outcome).toMatchObject({ ok: true });
		const [again] = await directory.changeMembers(tenant, [
			{ classId, role: 'student', add: many.slice(0, 10), remove: [] },
		]);
		expect(again).toMatchObject({ changed: false });
	});
});
