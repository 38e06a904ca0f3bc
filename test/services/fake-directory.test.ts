import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../bench/random.ts';
import { tableDirectory } from '../../src/adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from '../../src/adapters/directory/tables/table-directory-reader.ts';
import type { Directory } from '../../src/directory-ports.ts';
import type { WriteOutcome } from '../../src/domain/directory.ts';
import { fakeDirectory } from '../support/fakes/directory.ts';
import { startTestStorage, type TestStorage } from '../support/hosts/test-storage.ts';
import { matching, named, school, section, student } from '../support/rosters/directory-objects.ts';
import { ownTenant } from '../support/tenants.ts';

/** The stand-in of the schedules must behave as the embedded directory does. */

let storage: TestStorage;
let real: Directory;
const fake = fakeDirectory();

beforeAll(async () => {
	storage = await startTestStorage();
	real = tableDirectory(storage.account);
});

afterAll(() => storage?.stop());

const comparable = (outcomes: readonly WriteOutcome[]) =>
	outcomes.map((outcome) => (outcome.ok ? outcome : { ok: false, code: outcome.code }));

/** Writes to both, which must answer the same; answers the ids. */
async function write(work: (directory: Directory) => Promise<readonly WriteOutcome[]>): Promise<string[]> {
	const outcomes = await work(fake);
	expect(comparable(outcomes)).toEqual(comparable(await work(real)));
	return outcomes.map((outcome) => (outcome.ok ? outcome.id : ''));
}

const users = (...wanted: Parameters<Directory['putUsers']>[1]) =>
	write((directory) => directory.putUsers(ownTenant, wanted));

const members = (classId: string, add: string[], remove: string[]) =>
	write((directory) => directory.changeMembers(ownTenant, [{ classId, role: 'student', add, remove }]));

test('merges attributes, keeps a display name, and holds the members that it was told', async () => {
	const put = (changes: Parameters<typeof school>[1]) =>
		write((directory) => directory.putSchools(ownTenant, [school('S1', changes)]));
	const [north = ''] = await put({ attributes: { schoolNumber: '1', phone: '5' } });
	await put({ attributes: { schoolNumber: '2' }, displayName: 'Other' });
	const [maths = ''] = await write((directory) => directory.putClasses(ownTenant, [section('C1', north)]));
	const [zoe = '', yusuf = ''] = await users(student('P1'), student('P2'));
	await members(maths, [zoe, yusuf], []);
	await members(maths, [zoe], [north]);
	await members(maths, [], [yusuf]);

	const shown = { displayName: 'School S1', schoolNumber: '2', phone: '5' };
	const reader = tableDirectoryReader(storage.account);
	expect(await reader.get(ownTenant, 'schools', { id: north })).toMatchObject(shown);
	const { displayName, attributes } = fake.schools.get(north) ?? {};
	expect({ displayName, ...attributes }).toEqual(shown);
	const listed = await reader.list(ownTenant, { kind: 'users', of: 'classes', as: 'member', id: maths }, { size: 9 });
	expect(listed?.items.map(({ id }) => id)).toEqual([zoe]);
	expect(fake.membersOf(maths, 'student')).toEqual([zoe]);
});

test('gives a name to one user, and frees it when that takes another', async () => {
	await users(student('P3', { account: named('max@example.org') }));
	expect(await users(student('P4', { account: named('MAX@example.org') }))).toEqual(['']);
	await users(student('P3', { account: named('max.new@example.org') }));
	await users(student('P4', { account: named('max@example.org') }));
	await users(student('P5', { account: named('max@other.example.org') }));
	const matched = await users(
		student('P6', { account: matching('userPrincipalName', 'max@example.org') }),
		student('P7', { account: matching('userPrincipalName', 'nobody@example.org') }),
	);
	expect(matched.map((id) => id !== '')).toEqual([true, false]);
	expect(await users(student('P8', { account: matching('mailNickname', 'max') }))).toEqual(['']);
});

/** By SIS id, the sign-in names that the real one has. */
async function namesOf(): Promise<Record<string, unknown>> {
	const reader = tableDirectoryReader(storage.account);
	const { items = [] } = (await reader.list(renamingTenant, { kind: 'users' }, { size: 999 })) ?? {};
	return Object.fromEntries(items.map(({ externalId, userPrincipalName }) => [String(externalId), userPrincipalName]));
}

const renamingTenant = '00000000-0000-4000-8000-000000000077';

test('lets people exchange their names, in chains and circles of any length, and nobody lose one', async () => {
	const random = seededRandom(5);
	const count = 12;
	const current = new Map(Array.from({ length: count }, (_, at) => [`X${at}`, `x${at}@example.org`]));
	const put = (names: ReadonlyMap<string, string>) =>
		write((directory) =>
			directory.putUsers(
				renamingTenant,
				[...names].map(([id, name]) => student(id, { account: named(name) })),
			),
		);
	await put(current);
	for (let round = 0; round < 25; round++) {
		const some = [...current.keys()].filter(() => random.chance(0.6));
		const pool = [...some.map((id) => current.get(id) as string), `free${round}@example.org`]
			.map((name) => ({ name, at: random.below(1_000_000) }))
			.sort((left, right) => left.at - right.at)
			.map(({ name }) => name);
		const wanted = new Map(some.map((id, at) => [id, pool[at] as string]));
		// One wants the name of somebody who stays as he is.
		const [stays] = [...current.keys()].filter((id) => !wanted.has(id));
		const [envious] = wanted.keys();
		if (round % 3 === 0 && stays && envious) wanted.set(envious, current.get(stays) as string);
		const answers = await put(wanted);
		for (const [at, [id, name]] of [...wanted].entries()) if (answers[at]) current.set(id, name);
		expect(await namesOf(), `round ${round}`).toEqual(Object.fromEntries(current));
		expect(new Set(current.values()).size).toBe(count);
	}
});

test('says who has a name that somebody else wants', async () => {
	await real.putUsers(renamingTenant, [student('Y1', { account: named('y@example.org') })]);
	const [refused] = await real.putUsers(renamingTenant, [student('Y2', { account: named('Y@example.org') })]);
	expect(refused).toMatchObject({
		ok: false,
		message: expect.stringContaining('It belongs to student "Y1" of profile "'),
	});
});
