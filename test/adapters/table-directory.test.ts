import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableDirectory } from '../../src/adapters/tables/table-directory.ts';
import { tableDirectoryReader } from '../../src/adapters/tables/table-directory-reader.ts';
import type { DirectoryClass, DirectorySchool, DirectoryUser, UserAccount } from '../../src/domain/directory.ts';
import type { Directory, DirectoryReader } from '../../src/ports.ts';
import { startTestStorage, type TestStorage } from '../support/test-storage.ts';

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

const school = (externalId: string, changes: Partial<DirectorySchool> = {}): DirectorySchool => ({
	externalId,
	externalSourceDetail: 'profile',
	displayName: `School ${externalId}`,
	updatesDisplayName: false,
	attributes: {},
	...changes,
});

const student = (externalId: string, changes: Partial<DirectoryUser> = {}): DirectoryUser => ({
	role: 'student',
	externalId,
	externalSourceDetail: 'profile',
	account: { mode: 'create', userPrincipalName: `${externalId}@example.org`, displayName: `Student ${externalId}` },
	updatesDisplayName: false,
	schoolIds: [],
	attributes: {},
	skuIds: [],
	...changes,
});

const named = (userPrincipalName: string): UserAccount => ({
	mode: 'create',
	userPrincipalName,
	displayName: 'Somebody',
});
const matching = (property: 'userPrincipalName' | 'mail' | 'mailNickname', value: string): UserAccount => ({
	mode: 'match',
	property,
	value,
});

const section = (externalId: string, schoolId: string): DirectoryClass => ({
	externalId,
	externalSourceDetail: 'profile',
	displayName: `Section ${externalId}`,
	updatesDisplayName: false,
	mailNickname: `Section_${externalId}`,
	schoolId,
	attributes: {},
});

const idsOf = (outcomes: readonly { ok: boolean; id?: string }[]) => outcomes.map((outcome) => outcome.id as string);
const users = async (tenant: string) => (await reader.list(tenant, 'users', { size: 999 })).items;

describe('objects', () => {
	test('come back in the shape of Graph, with nested properties and without anything of ours', async () => {
		const tenant = newTenant();
		const attributes = { schoolNumber: '7', address: { city: 'Rivertown', street: null } };
		await directory.putSchools(tenant, [school('S1', { attributes })]);
		const { items } = await reader.list(tenant, 'schools', { size: 10 });
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
		const { items } = await reader.list(tenant, 'schools', { size: 10 });
		expect(items.map(({ externalId }) => externalId).sort()).toEqual(['S1', 'S2']);
		expect(items.find(({ externalId }) => externalId === 'S1')).toMatchObject({ schoolNumber: '7' });
		expect(items.find(({ externalId }) => externalId === 'S1')).not.toHaveProperty('phone');
	});

	test('keep a display name unless the profile may update it', async () => {
		const tenant = newTenant();
		const nameOf = async () => (await reader.list(tenant, 'schools', { size: 1 })).items[0]?.displayName;
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
		const { items } = await reader.list(tenant, 'schools', { size: 999 });
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
		expect(await reader.get(one, 'users', idsOf(theirs)[0] as string)).toBeUndefined();
	});

	test('are listed page by page, each exactly once', async () => {
		const tenant = newTenant();
		await directory.putSchools(
			tenant,
			Array.from({ length: 250 }, (_, at) => school(`S${at}`)),
		);
		const seen: unknown[] = [];
		let continuation: string | undefined;
		do {
			const page = await reader.list(tenant, 'schools', { size: 40, ...(continuation ? { continuation } : {}) });
			expect(page.items.length).toBeLessThanOrEqual(40);
			seen.push(...page.items.map(({ externalId }) => externalId));
			continuation = page.continuation;
		} while (continuation);
		expect(seen).toHaveLength(250);
		expect(new Set(seen).size).toBe(250);
		expect(await reader.count(tenant, 'schools')).toBe(250);
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

	const members = async (tenant: string, classId: string) => {
		const list = (idsOnly: boolean) =>
			reader.listMembers(tenant, classId, { role: 'members', page: { size: 999 }, idsOnly });
		const [users, ids] = [await list(false), await list(true)];
		expect(ids?.items).toEqual(users?.items.map(({ id }) => ({ id })));
		return ids?.items.map(({ id }) => id);
	};

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

	test('of a very large class fit, and are listed page by page', async () => {
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

	test('are listed page by page, each once, whoever leaves meanwhile', async () => {
		const tenant = newTenant();
		const { classId, people } = await classWithStudents(tenant, 5);
		await directory.changeMembers(tenant, [{ classId, role: 'student', add: people, remove: [] }]);
		const list = (continuation?: string) =>
			reader.listMembers(tenant, classId, {
				role: 'members',
				page: { size: 2, ...(continuation ? { continuation } : {}) },
				idsOnly: true,
			});
		const first = await list();
		expect(first?.total).toBe(5);
		const gone = first?.items.map(({ id }) => String(id)) ?? [];
		await directory.changeMembers(tenant, [{ classId, role: 'student', add: [], remove: gone }]);
		const second = await list(first?.continuation);
		const third = await list(second?.continuation);
		const rest = [...(second?.items ?? []), ...(third?.items ?? [])].map(({ id }) => id);
		expect(rest).toEqual([...people].sort().slice(2));
	});

	test('of an unknown class are not there to be listed', async () => {
		expect(await members(newTenant(), '00000000-0000-4000-8000-000000000000')).toBeUndefined();
	});
});
