import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphRequest } from '../../../../src/adapters/directory/graph/client/graph-request.ts';
import { graphDirectory } from '../../../../src/adapters/directory/graph/graph-directory.ts';
import { anchorProperty } from '../../../../src/adapters/directory/graph/objects/object-kinds.ts';
import { freshId } from '../../../support/fresh-ids.ts';
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
import { type GraphWorld, startGraphWorld, worldTenant } from '../../../support/worlds/graph-world.ts';

/** What is in a tenant before the sync comes to it. */

let storage: TestStorage;
let world: GraphWorld;

beforeAll(async () => {
	storage = await startTestStorage();
	world = await startGraphWorld({
		account: storage.account,
		server: {
			tenant: {
				...worldTenant,
				skus: [{ skuId: 'sku-1', skuPartNumber: 'STANDARD_STUDENT', enabled: 2 }, ...someSkus],
			},
		},
	});
});
afterAll(async () => {
	await world?.stop();
	await storage?.stop();
});

const someSkus = ['sku-2', 'sku-3'].map((skuId) => ({ skuId, skuPartNumber: skuId.toUpperCase(), enabled: 50 }));
const extension = anchorProperty.replace('AnchorId', '');

function newTenant() {
	const tenantId = freshId();
	const send = async (requests: readonly GraphRequest[]) => world.client.send({ tenantId }, requests);
	const create = async (path: string, body: object): Promise<string> => {
		const [answer] = await send([{ method: 'POST', path, body }]);
		const { id } = (answer?.status === 201 ? answer.body : {}) as { id?: string };
		if (id === undefined) throw new Error(`Graph does not take ${path}.`);
		return id;
	};
	const account = (name: string) => ({
		accountEnabled: true,
		displayName: 'Before',
		userPrincipalName: name,
		mailNickname: name.split('@')[0],
		passwordProfile: { password: 'Secret-2026!' },
	});
	const mark = (type: string, anchor: string) => ({
		[anchorProperty]: anchor,
		[`${extension}ObjectType`]: type,
		[`${extension}SyncSource`]: 'SIS',
	});
	return { ...world, tenantId, send, create, account, mark };
}

describe('an object that is there already', () => {
	test('is taken over by the mark that School Data Sync left on it, of any kind, and no second one is made', async () => {
		const { directory, tenantId, create, account, mark, look } = newTenant();
		const schoolId = await create('/directory/administrativeUnits', {
			displayName: 'North',
			...mark('School', 'School_S1'),
		});
		const group = { groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false, displayName: 'Maths' };
		const classId = await create('/groups', { ...group, mailNickname: 'Section_C1', ...mark('Section', 'Section_C1') });
		const zoe = await create('/users', { ...account('zoe@example.org'), ...mark('Student', 'Student_P1') });
		const bo = await create('/users', { ...account('bo@example.org'), ...mark('Student', 'User_P2') });
		const max = await create('/users', { ...account('max@example.org'), ...mark('Teacher', 'Teacher_P1') });

		expect(idsOf(await directory.putSchools(tenantId, [school('S1')]))).toEqual([schoolId]);
		expect(idsOf(await directory.putClasses(tenantId, [section('C1', schoolId)]))).toEqual([classId]);
		const people = [
			student('P1', { account: named('zoe@example.org') }),
			student('P2', { account: named('bo@example.org') }),
			student('P1', { role: 'teacher', account: named('max@example.org') }),
		];
		expect(idsOf(await directory.putUsers(tenantId, people))).toEqual([zoe, bo, max]);
		const users = await look(tenantId, 'users');
		expect(users.map(({ displayName, externalId }) => [displayName, externalId])).toEqual([
			['Before', 'P1'],
			['Before', 'P2'],
			['Before', 'P1'],
		]);
	});

	test('is found by its SIS id where nothing is remembered of it, whoever wrote it', async () => {
		const { directory, client, tenantId, look } = newTenant();
		const forgetful = graphDirectory({
			client,
			strategy: 'packed',
			account: { table: (name) => storage.account.table(`${name}Forgotten`) },
		});
		const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
		const [classId] = idsOf(await directory.putClasses(tenantId, [section('C1', schoolId)])) as [string];
		const [userId] = idsOf(await directory.putUsers(tenantId, [student('P1')])) as [string];
		const other = { externalSourceDetail: 'another profile' };
		expect(idsOf(await forgetful.putSchools(tenantId, [school('S1', other), school('s1')]))[0]).toBe(schoolId);
		expect(idsOf(await forgetful.putClasses(tenantId, [section('C1', schoolId, other)]))).toEqual([classId]);
		expect(idsOf(await forgetful.putUsers(tenantId, [student('P1', other)]))).toEqual([userId]);
		// SIS ids differ by their letters' case, too.
		expect((await look(tenantId, 'schools')).map(({ externalId }) => externalId).sort()).toEqual(['S1', 's1']);
	});

	test('that two objects say they are is nobody', async () => {
		const { directory, tenantId, create, look } = newTenant();
		for (const displayName of ['One', 'Two'])
			await create('/education/schools', { displayName, externalId: 'S1', externalSourceDetail: 'somebody' });
		expect(await directory.putSchools(tenantId, [school('S1')])).toEqual([
			{ ok: false, code: 'DuplicateTargetEntries', message: expect.stringContaining('2 objects for school "S1"') },
		]);
		expect(await look(tenantId, 'schools')).toHaveLength(2);
	});

	test('and has the sign-in name that a new user is to have becomes that user if it is nobody else', async () => {
		const { directory, tenantId, create, account, look } = newTenant();
		const free = await create('/users', account('zoe@example.org'));
		expect(idsOf(await directory.putUsers(tenantId, [student('P1', { account: named('Zoe@example.org') })]))).toEqual([
			free,
		]);
		const [taken] = await directory.putUsers(tenantId, [student('P2', { account: named('zoe@example.org') })]);
		expect(taken).toMatchObject({ ok: false, isNameTaken: true });
		expect(await look(tenantId, 'users')).toHaveLength(1);
	});

	test('is matched by what only the directory has', async () => {
		const { directory, tenantId, create, account } = newTenant();
		const id = await create('/users', { ...account('zoe@example.org'), employeeId: '007' });
		const [found, missing] = await directory.putUsers(tenantId, [
			student('P1', { account: matching('employeeId', '007') }),
			student('P2', { account: matching('employeeId', '008') }),
		]);
		expect(found).toMatchObject({ ok: true, id });
		expect(missing).toMatchObject({ ok: false, code: 'UnsynchronizableChange' });
	});

	test('and was deleted a short time ago is had back, and no other is made', async () => {
		const { directory, tenantId, send, look } = newTenant();
		const [id] = idsOf(await directory.putUsers(tenantId, [student('P1')])) as [string];
		await send([{ method: 'DELETE', path: `/education/users/${id}` }]);
		expect(await look(tenantId, 'users')).toHaveLength(0);
		expect(idsOf(await directory.putUsers(tenantId, [student('P1')]))).toEqual([id]);
		expect(await look(tenantId, 'users')).toHaveLength(1);
	});

	test('and was deleted for good is made once more', async () => {
		const { directory, tenantId, send, look } = newTenant();
		const [id] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
		await send([{ method: 'DELETE', path: `/education/schools/${id}` }]);
		const [again] = idsOf(await directory.putSchools(tenantId, [school('S1')]));
		expect((await look(tenantId, 'schools')).map((each) => each.id)).toEqual([again]);
	});
});

test('an unchanged roster costs no write, once the replicas of the directory agree', async () => {
	const { client, tenantId, server } = newTenant();
	const clock = { now: () => new Date(Date.now() + 3_600_000) };
	const later = graphDirectory({ client, strategy: 'packed', account: storage.account, clock: { ...hasty, ...clock } });
	const now = graphDirectory({ client, strategy: 'packed', account: storage.account, clock: hasty });
	const attributes = { givenName: 'Zoë', student: { grade: '7', birthDate: null } };
	const run = async (directory: typeof now) => {
		const [schoolId] = idsOf(
			await directory.putSchools(tenantId, [school('S1', { attributes: { address: { city: 'X' } } })]),
		);
		const [classId] = idsOf(await directory.putClasses(tenantId, [section('C1', schoolId as string)])) as [string];
		const ids = idsOf(await directory.putUsers(tenantId, [student('P1', { attributes, skuIds: ['sku-2'] })]));
		await directory.changeMembers(tenantId, [{ classId, source: 'p', role: 'student', add: ids, remove: [] }]);
		await directory.changeSchoolMembers(tenantId, [joining(schoolId as string, ids)]);
	};
	await run(now);
	const before = server.counts().writes;
	await run(later);
	expect(server.counts().writes).toBe(before);
});

const hasty = { now: () => new Date(), sleep: async () => {}, timeout: AbortSignal.timeout, random: () => 0 };

describe('licences', () => {
	test("go by part number or id, in the tenant's country, and those that others gave stay", async () => {
		const { directory, tenantId, send, look } = newTenant();
		const put = async (skuIds: readonly string[]) => {
			const [outcome] = await directory.putUsers(tenantId, [student('P1', { skuIds })]);
			const [user] = await look(tenantId, 'users');
			const has = (user?.assignedLicenses as { skuId: string }[] | undefined)?.map(({ skuId }) => skuId).sort();
			return { outcome, user, has };
		};
		const first = await put(['SKU-2']);
		expect(first).toMatchObject({
			outcome: { ok: true, changed: true },
			user: { usageLocation: 'US' },
			has: ['sku-2'],
		});
		const body = { addLicenses: [{ skuId: 'sku-1', disabledPlans: [] }], removeLicenses: [] };
		await send([{ method: 'POST', path: `/users/${first.user?.id}/assignLicense`, body }]);
		expect((await put(['sku-3'])).has).toEqual(['sku-1', 'sku-3']);
		expect((await put([])).has).toEqual(['sku-1', 'sku-3']);
	});

	test('that there are none of are an error of their own: the user is there', async () => {
		const { directory, tenantId, look } = newTenant();
		const people = [1, 2, 3].map((at) => student(`P${at}`, { skuIds: ['standard_student'] }));
		const outcomes = await directory.putUsers(tenantId, [...people, student('P4', { skuIds: ['NO_SUCH'] })]);
		const code = 'AzureActiveDirectoryInvalidLicense';
		const short = outcomes.map((outcome) => (outcome.ok ? outcome.incomplete?.code : 'refused'));
		expect(short.slice(0, 3).sort()).toEqual([code, undefined, undefined]);
		expect(short[3]).toBe(code);
		expect(await look(tenantId, 'users')).toHaveLength(4);
	});
});

test('nicknames of classes are legal, and two that differ stay two', async () => {
	const { directory, tenantId, look } = newTenant();
	const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
	const ids = ['a.b', 'a_b', 'A_B', 'c', 'x'.repeat(80)];
	const outcomes = await directory.putClasses(
		tenantId,
		ids.map((id) => section(id, schoolId)),
	);
	expect(outcomes.every(({ ok }) => ok)).toBe(true);
	const nicknames = (await look(tenantId, 'classes')).map(({ mailNickname }) => String(mailNickname));
	expect(new Set(nicknames.map((name) => name.toLowerCase())).size).toBe(5);
	expect(nicknames).toContain('Section_c');
	expect(nicknames.every((name) => /^[\w-]{1,64}$/.test(name))).toBe(true);
});

test('a value that Graph does not take is an error of its record, in words that help', async () => {
	const { directory, tenantId, look } = newTenant();
	const outcomes = await directory.putUsers(tenantId, [
		student('P1', { account: named('zoe@elsewhere.example.com') }),
		student('P2', { attributes: { givenName: 'x'.repeat(65) } }),
		student('P3'),
	]);
	const code = 'AzureActiveDirectoryInvalidPropertyValue';
	expect(outcomes).toEqual([
		{ ok: false, code, message: expect.stringMatching(/userPrincipalName.*Correct the value/) },
		{ ok: false, code, message: expect.stringContaining('givenName') },
		expect.objectContaining({ ok: true }),
	]);
	expect(await look(tenantId, 'users')).toHaveLength(1);
});

test('a class takes a hundred teachers, and says so of the others', async () => {
	const { directory, tenantId, members } = newTenant();
	const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
	const [classId] = idsOf(await directory.putClasses(tenantId, [section('C1', schoolId)])) as [string];
	const people = Array.from({ length: 102 }, (_, at) => student(`T${at}`, { role: 'teacher' }));
	const add = idsOf(await directory.putUsers(tenantId, people));
	const [outcome] = await directory.changeMembers(tenantId, [
		{ classId, source: 'p', role: 'teacher', add, remove: [] },
	]);
	expect(outcome?.ok && outcome.refused?.map(({ message }) => message)).toEqual(
		[1, 2].map(() => expect.stringContaining('at most 100 teachers')),
	);
	expect(await members(tenantId, classId, 'teacher')).toHaveLength(100);
});

test.each(['packed', 'education'] as const)(
	'an app that may only write rosters gets everything done, %s',
	async (strategy) => {
		const permissions = [
			'EduRoster.ReadWrite.All',
			'Member.Read.Hidden',
			'LicenseAssignment.ReadWrite.All',
			'Organization.Read.All',
		];
		const { directory, members, server, stop } = await startGraphWorld({
			account: storage.account,
			strategy,
			server: { tenant: worldTenant, permissions },
		});
		const tenantId = freshId();
		const [schoolId] = idsOf(await directory.putSchools(tenantId, [school('S1')])) as [string];
		const [classId] = idsOf(await directory.putClasses(tenantId, [section('C1', schoolId)])) as [string];
		const people = Array.from({ length: 25 }, (_, at) => student(`P${at}`, { skuIds: ['sku-1'] }));
		const outcomes = await directory.putUsers(tenantId, people);
		expect(outcomes.every((outcome) => outcome.ok && !outcome.incomplete)).toBe(true);
		const add = idsOf(outcomes);
		const change = { classId, source: 'p', role: 'student', add, remove: [] } as const;
		expect(await directory.changeMembers(tenantId, [change])).toEqual([{ ok: true, id: classId, changed: true }]);
		expect(await members(tenantId, classId, 'member')).toHaveLength(25);
		if (strategy === 'education') expect(server.counts().batches).toBe(0);
		await stop();
	},
);
