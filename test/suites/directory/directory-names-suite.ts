import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../bench/random.ts';
import type { WriteOutcome } from '../../../src/domain/directory.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { named, student } from '../../support/rosters/directory-objects.ts';
import type { DirectoryWorld } from './directory-suite.ts';

/** Who is to have which name, by SIS id. */
type Names = Readonly<Record<string, string>>;

/** A name belongs to one user; whoever takes another one gives the old one up. */
export function directoryNamesSuite(title: string, open: () => DirectoryWorld): void {
	function newTenant() {
		const [{ directory, look, isStrict }, tenantId] = [open(), freshId()];
		return {
			directory,
			tenantId,
			isStrict,
			/** Answers who was refused, and why. */
			async put(wanted: Names, changes: Parameters<typeof student>[1] = {}): Promise<Record<string, string>> {
				const users = Object.entries(wanted).map(([id, name]) => student(id, { account: named(name), ...changes }));
				const outcomes: readonly WriteOutcome[] = await directory.putUsers(tenantId, users);
				expect(outcomes).toHaveLength(users.length);
				const refused = outcomes.flatMap((outcome, at) => (outcome.ok ? [] : [{ outcome, user: users[at] }]));
				const code = 'AzureActiveDirectoryInvalidPropertyValue';
				for (const { outcome } of refused) expect(outcome).toMatchObject({ code, isNameTaken: true });
				return Object.fromEntries(refused.map(({ outcome, user }) => [user?.externalId, outcome.message]));
			},
			async names(): Promise<Names> {
				const users = await look(tenantId, 'users');
				return Object.fromEntries(
					users.map(({ externalId, userPrincipalName }) => [String(externalId), String(userPrincipalName)]),
				);
			},
			look: () => look(tenantId, 'users'),
		};
	}

	describe(`names ${title}`, () => {
		test('belong to one, in any case, in one call or in two; whoever wants another one is told who has it', async () => {
			const { put, names } = newTenant();
			const owner = { externalSourceDetail: 'the first profile' };
			const twin = await put({ P1: 'ada@example.org', P2: 'ADA@example.org' }, owner);
			expect(twin).toEqual({
				P2: expect.stringContaining('It belongs to student "P1" of profile "the first profile"'),
			});
			expect(await put({ P3: 'Ada@Example.org', P4: 'bo@example.org' })).toEqual({
				P3: expect.stringMatching(/userPrincipalName already exists.*"P1".*Give the record another username/),
			});
			expect(await put({ T1: 'ada@example.org' }, { role: 'teacher' })).toHaveProperty('T1');
			expect(await names()).toEqual({ P1: 'ada@example.org', P4: 'bo@example.org' });
			expect(await put({ P1: 'ADA@example.org' })).toEqual({});
			expect(await names()).toMatchObject({ P1: 'ADA@example.org' });
		});

		test('that are refused change nothing of the one who wanted them', async () => {
			const { put, look } = newTenant();
			await put({ P1: 'ada@example.org', P2: 'bo@example.org' }, { attributes: { givenName: 'Bo' } });
			const before = await look();
			expect(await put({ P2: 'ada@example.org' }, { attributes: { givenName: 'Ada' } })).toHaveProperty('P2');
			expect(await look()).toEqual(before);
		});

		test('are free once their owner has another one, in the same call or before', async () => {
			const { put, names } = newTenant();
			await put({ P1: 'old@example.org' });
			await put({ P1: 'new@example.org' });
			expect(await put({ P2: 'old@example.org' })).toEqual({});
			expect(await put({ P3: 'new@example.org', P1: 'newer@example.org' })).toEqual({});
			expect(await names()).toEqual({ P1: 'newer@example.org', P2: 'old@example.org', P3: 'new@example.org' });
		});

		test('stay with who has them where others of the call want them too', async () => {
			const { put, names } = newTenant();
			await put({ P2: 'ada@example.org' });
			expect(await put({ P1: 'ada@example.org', P2: 'Ada@example.org', P3: 'ada@example.org' })).toEqual({
				P1: expect.stringContaining('It belongs to student "P2"'),
				P3: expect.stringContaining('It belongs to student "P2"'),
			});
			expect(await names()).toEqual({ P2: 'Ada@example.org' });
		});

		test('that are given up go to the first who wants them; the others are told of that one', async () => {
			const { put, names } = newTenant();
			await put({ P1: 'ada@example.org', P2: 'bo@example.org' });
			expect(await put({ P4: 'ada@example.org', P1: 'free@example.org', P2: 'Ada@example.org' })).toEqual({
				P2: expect.stringContaining('It belongs to student "P4"'),
			});
			expect(await names()).toEqual({ P1: 'free@example.org', P2: 'bo@example.org', P4: 'ada@example.org' });
		});

		test('are exchanged by those who can, where somebody else wants one of them too', async () => {
			const { put, names } = newTenant();
			await put({ P1: 'ada@example.org', P2: 'bo@example.org', P3: 'cy@example.org' });
			expect(await put({ P1: 'cy@example.org', P2: 'cy@example.org', P3: 'bo@example.org' })).toEqual({
				P1: expect.stringContaining('It belongs to student "P2"'),
			});
			expect(await names()).toEqual({ P1: 'ada@example.org', P2: 'cy@example.org', P3: 'bo@example.org' });
		});

		test('stay as they are where a chain ends at somebody who keeps the name, be it outside of the call', async () => {
			const { put, names } = newTenant();
			const before = { P1: 'a@example.org', P2: 'b@example.org', P3: 'c@example.org', P4: 'd@example.org' };
			await put(before);
			const chain = { P1: 'b@example.org', P2: 'c@example.org', P3: 'd@example.org' };
			expect(Object.keys(await put(chain))).toEqual(['P1', 'P2', 'P3']);
			expect(Object.keys(await put({ P4: 'D@example.org', ...chain }))).toEqual(['P1', 'P2', 'P3']);
			expect(await names()).toEqual({ ...before, P4: 'D@example.org' });
		});

		test('of somebody whom a call has twice are as the last of them says', async () => {
			const { directory, tenantId, put, names } = newTenant();
			const twice = ['ada@example.org', 'bo@example.org'].map((name) => student('P1', { account: named(name) }));
			const [first, second] = await directory.putUsers(tenantId, twice);
			expect(second).toEqual(first);
			expect(await names()).toEqual({ P1: 'bo@example.org' });
			expect(await put({ P2: 'ada@example.org' })).toEqual({});
		});

		test('go to one of two calls that want them at once', async () => {
			const { put, names } = newTenant();
			const refused = await Promise.all([put({ P1: 'ada@example.org' }), put({ P2: 'ada@example.org' })]);
			expect(refused.map((each) => Object.keys(each).length).sort()).toEqual([0, 1]);
			expect(Object.values(await names())).toEqual(['ada@example.org']);
		});

		test('are exchanged by two calls at once as by one', async () => {
			const { put, names } = newTenant();
			const ids = Array.from({ length: 30 }, (_, at) => `P${at}`);
			const shifted = (by: number) =>
				Object.fromEntries(ids.map((id, at) => [id, `n${(at + by) % ids.length}@example.org`]));
			await put(shifted(0));
			const chain = { ...shifted(1), P29: 'free@example.org' };
			expect(await Promise.all([put(chain), put(chain)])).toEqual([{}, {}]);
			expect(await names()).toEqual(chain);
			const back = { ...shifted(2), P29: 'n1@example.org', P28: 'free@example.org' };
			expect(await Promise.all([put(back), put(back), put(back)])).toEqual([{}, {}, {}]);
			expect(await names()).toEqual(back);
		});

		test('may be anything, however long a chain of them is', async () => {
			const { put, names, isStrict } = newTenant();
			const legal = ["o'neil@example.org", 'a#b~c^d!e@example.org', `${'x'.repeat(64)}@example.org`];
			const others = ['a/b#c?d%@example.org', 'zoë.学校@example.org', `${'x'.repeat(200)}@example.org`];
			const odd = isStrict ? legal : [...legal, ...others];
			const texts = [...odd, ...Array.from({ length: 6 }, (_, at) => `n${at}@example.org`)];
			const shifted = (by: number) =>
				Object.fromEntries(texts.map((_, at) => [`P${at}`, texts[(at + by) % texts.length] as string]));
			expect(await put(shifted(0))).toEqual({});
			expect(await put(shifted(1))).toEqual({});
			expect(await names()).toEqual(shifted(1));
			const [, ...rest] = Object.entries(shifted(2));
			expect(await put({ ...Object.fromEntries(rest), P0: 'free@example.org' })).toEqual({});
			expect(await names()).toEqual({ ...shifted(2), P0: 'free@example.org' });
		});

		test('change hands in chains and circles of any length, and nobody loses one', async () => {
			const { put, names } = newTenant();
			const random = seededRandom(5);
			let current: Names = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`X${at}`, `x${at}@example.org`]));
			await put(current);
			for (let round = 0; round < 12; round++) {
				const wanted = randomWishes(current, random, round);
				const refused = refusedOf(current, wanted);
				expect(Object.keys(await put(wanted)).sort(), `round ${round}`).toEqual(refused.sort());
				const granted = Object.entries(wanted).filter(([id]) => !refused.includes(id));
				current = { ...current, ...Object.fromEntries(granted) };
				expect(await names(), `round ${round}`).toEqual(current);
			}
		});
	});
}

/** Some exchange their names and one that is free; now and then one wants the name of somebody who stays as he is. */
function randomWishes(current: Names, random: Random, round: number): Names {
	const some = Object.keys(current).filter(() => random.chance(0.6));
	const pool = [...some.map((id) => current[id] as string), `free${round}@example.org`]
		.map((name) => ({ name, at: random.below(1_000_000) }))
		.sort((left, right) => left.at - right.at)
		.map(({ name }) => name);
	const wanted = Object.fromEntries(some.map((id, at) => [id, pool[at] as string]));
	const [stays] = Object.keys(current).filter((id) => !(id in wanted));
	const [envious] = some;
	return round % 3 === 0 && stays && envious ? { ...wanted, [envious]: current[stays] as string } : wanted;
}

/** Whoever wants the name of somebody who keeps it, be it that he is refused himself. */
function refusedOf(current: Names, wanted: Names): string[] {
	const ownerOf = new Map(Object.entries(current).map(([id, name]) => [name, id]));
	const keeps = new Set(Object.keys(current).filter((id) => !(id in wanted)));
	const isBlocked = ([id, name]: [string, string]) => {
		const owner = ownerOf.get(name);
		return owner !== undefined && owner !== id && keeps.has(owner);
	};
	for (;;) {
		const blocked = Object.entries(wanted).filter((wish) => !keeps.has(wish[0]) && isBlocked(wish));
		if (blocked.length === 0) return Object.keys(wanted).filter((id) => keeps.has(id));
		for (const [id] of blocked) keeps.add(id);
	}
}
