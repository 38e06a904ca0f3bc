import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../../bench/random.ts';
import { nameKey } from '../../../../../src/adapters/directory/tables/directory-keys.ts';
import { tableDirectory } from '../../../../../src/adapters/directory/tables/table-directory.ts';
import { storageAccount } from '../../../../../src/adapters/storage-account.ts';
import type { Directory } from '../../../../../src/directory-ports.ts';
import { freshId } from '../../../../support/fresh-ids.ts';
import { type FaultyStorage, startFaultyStorage } from '../../../../support/hosts/faulty-storage.ts';
import { startTestStorage, type TestStorage } from '../../../../support/hosts/test-storage.ts';
import { named, student } from '../../../../support/rosters/directory-objects.ts';

/** What is kept of names, and what they cost: the suite of the port shows what comes of them. */

let storage: TestStorage;
/** Where nothing goes wrong. */
let directory: Directory;
let minutes = 0;
const now = () => new Date(Date.UTC(2026, 2, 2, 10, minutes));
/** Nobody is about to write any more who was before. */
const laterOn = () => {
	minutes += 2;
};

beforeAll(async () => {
	storage = await startTestStorage();
	directory = tableDirectory(storage.account, now);
	await put(freshId(), { P1: 'opens' });
});

afterAll(() => storage?.stop());

/** By SIS id, the part of the name before the `@`. */
type Names = Readonly<Record<string, string>>;

/** Answers who was refused. */
async function put(tenantId: string, names: Names, by = directory): Promise<string[]> {
	const ids = Object.keys(names);
	const users = ids.map((id) => student(id, { account: named(`${names[id]}@example.org`) }));
	const outcomes = await by.putUsers(tenantId, users);
	return ids.filter((_, at) => !outcomes[at]?.ok);
}

/** A directory whose requests can be watched, and fail; it has sent some already, so that its tables are open. */
async function withFaults<T>(work: (faulty: FaultyStorage, directory: Directory) => Promise<T>): Promise<T> {
	const faulty = await startFaultyStorage(storage.azurite.connectionString);
	try {
		const account = storageAccount({ kind: 'connectionString', connectionString: faulty.connectionString });
		const watched = tableDirectory(account, now);
		await put(freshId(), { P1: 'opens' }, watched);
		return await work(faulty, watched);
	} finally {
		await faulty.stop();
	}
}

async function rowsOf(tenantId: string, table: string): Promise<Record<string, unknown>[]> {
	const rows: Record<string, unknown>[] = [];
	const filter = `PartitionKey ge '${tenantId}|' and PartitionKey lt '${tenantId}|~'`;
	for await (const row of (await storage.account.table(table)).listEntities({ queryOptions: { filter } }))
		rows.push(row);
	return rows;
}

/** Who goes by which name. Each is one person's, who owns it. */
async function shownIn(tenantId: string, label: string): Promise<Names> {
	const users = await rowsOf(tenantId, 'DirectoryUsers');
	const ids = new Map(users.map(({ rowKey, g_externalId }) => [rowKey, JSON.parse(String(g_externalId)) as string]));
	const owned = (await rowsOf(tenantId, 'DirectoryNames')).map(({ rowKey, userId }) => `${ids.get(userId)} ${rowKey}`);
	const shown = users.flatMap(({ rowKey, g_userPrincipalName }) => {
		const name = JSON.parse(String(g_userPrincipalName)) as string | null;
		return name === null ? [] : [[ids.get(rowKey) as string, nameKey(name)] as const];
	});
	expect(new Set(shown.map(([, name]) => name)).size, label).toBe(shown.length);
	expect(owned, label).toEqual(expect.arrayContaining(shown.map((pair) => pair.join(' '))));
	return Object.fromEntries(shown.map(([id, name]) => [id, name.split('@')[0] as string]));
}

const people = (count: number) => Array.from({ length: count }, (_, at) => `P${at}`);
const own = (ids: readonly string[]): Names => Object.fromEntries(ids.map((id) => [id, id.toLowerCase()]));
/** Each has the name of the next one. */
const shifted = (ids: readonly string[], last: string): Names =>
	Object.fromEntries(ids.map((id, at) => [id, (ids[at + 1] ?? last).toLowerCase()]));

describe('names that go from hand to hand', () => {
	const requestsOf = (tenantId: string, wanted: Names, refused: readonly string[] = []) =>
		withFaults(async (faulty, watched) => {
			let requests = 0;
			faulty.onRequest = () => {
				requests += 1;
			};
			expect(await put(tenantId, wanted, watched)).toEqual(refused);
			return requests;
		});

	/** Names and people lie in 16 partitions each, and a transaction has 100 of one. */
	const slicesOf = (count: number) => 16 * Math.ceil(count / 1_600 + 0.5);
	const requestsPerSlice = 8;

	test.each([
		['a chain', 500, 'free'],
		['a circle', 500, 'p0'],
		['a chain', 2_000, 'free'],
		['a circle', 2_000, 'p0'],
	])('in %s of %i cost a few requests for each hundred people', async (_, count, last) => {
		const tenantId = freshId();
		const ids = people(count);
		await put(tenantId, own(ids));
		const wanted = shifted(ids, last);
		const requests = await requestsOf(tenantId, wanted);
		expect(requests).toBeLessThanOrEqual(requestsPerSlice * slicesOf(count));
		expect(await shownIn(tenantId, '')).toEqual(wanted);
		expect(await requestsOf(tenantId, wanted)).toBeLessThan(requests);
	});

	test('are refused in as few requests, where a chain of 2,000 ends at somebody who keeps the name', async () => {
		const tenantId = freshId();
		const [stays, ...ids] = people(2_001) as [string, ...string[]];
		await put(tenantId, own([stays, ...ids]));
		const requests = await requestsOf(tenantId, shifted(ids, stays), ids);
		expect(requests).toBeLessThanOrEqual(requestsPerSlice * slicesOf(2_000));
		expect(await shownIn(tenantId, '')).toEqual(own([stays, ...ids]));
	});
});

/**
 * A chain to a free name, a circle, somebody new who gets a name of the chain, somebody who gives up a name that nobody wants, and somebody who
 * wants one that is kept.
 */
const before: Names = { ...own(people(7)), K: 'kept' };
const exchange: Names = {
	...shifted(['P0', 'P1', 'P2'], 'free'),
	...shifted(['P3', 'P4'], 'P3'),
	N: 'p0',
	P6: 'new',
	P5: 'kept',
};
const after: Names = { ...before, ...exchange, P5: 'p5' };

/** From its request `at` on storage refuses; that one it carries out, if it `forgets`. Answers whether it came so far. */
function crashAt(at: number, how: 'refuses' | 'forgets', work: (dying: Directory) => Promise<unknown>) {
	return withFaults(async (faulty, dying) => {
		let requests = 0;
		faulty.onRequest = () => {
			if (requests === at) faulty.fault = how;
			if (requests > at) faulty.fault = 'refuses';
			requests += 1;
		};
		const crashes = await work(dying).then(
			() => false,
			() => true,
		);
		expect(crashes).toBe(requests > at);
		return crashes;
	});
}

/** Puts, and puts once more those who were refused, as a run does at its end. */
async function putInParts(tenantId: string, wanted: Names, parts: number): Promise<string[]> {
	const entries = Object.entries(wanted);
	const refused: string[] = [];
	for (let part = 0; part < parts; part++)
		refused.push(...(await put(tenantId, Object.fromEntries(entries.filter((_, at) => at % parts === part)))));
	return put(tenantId, Object.fromEntries(entries.filter(([id]) => refused.includes(id))));
}

/** `NAME_CRASHES=all` for each request; in every build it is every third one. */
const crashStep = process.env.NAME_CRASHES === 'all' ? 1 : 3;

/** At the requests of an exchange that dies there, in a tenant of its own. */
async function everyCrash(how: 'refuses' | 'forgets', work: (tenantId: string, label: string) => Promise<void>) {
	for (let at = 0, crashes = true; crashes; at += crashStep) {
		const tenantId = freshId();
		await put(tenantId, before);
		crashes = await crashAt(at, how, (dying) => put(tenantId, exchange, dying));
		await work(tenantId, `${how} at ${at}`);
	}
}

/** Each name finds whoever goes by it, and nobody else who is about to, or was. */
async function expectFound(tenantId: string, label: string): Promise<void> {
	const shown = await shownIn(tenantId, label);
	const names = [...Object.values(before), 'free', 'new'];
	const values = names.map((name) => `${name}@example.org`);
	const found = await directory.usersNamed(tenantId, { property: 'userPrincipalName', values });
	const ids = new Map((await rowsOf(tenantId, 'DirectoryUsers')).map((row) => [row.rowKey, row.g_externalId]));
	for (const [at, name] of names.entries()) {
		const id = found[at] === undefined ? undefined : (JSON.parse(String(ids.get(found[at]))) as string);
		if (id === undefined) expect(Object.values(shown), label).not.toContain(name);
		else expect(shown[id] ?? name, label).toBe(name);
	}
}

describe('a crash at any request', () => {
	test.each(['refuses', 'forgets'] as const)(
		'is made good by the repetition, and leaves nobody with the name of somebody else (storage %s)',
		async (how) => {
			await everyCrash(how, async (tenantId, label) => {
				await expectFound(tenantId, label);
				expect(await put(tenantId, exchange), label).toEqual(['P5']);
				expect(await shownIn(tenantId, label), label).toEqual(after);
				laterOn();
				expect(await put(tenantId, { X: 'p6', Y: 'somebody' }), label).toEqual([]);
			});
		},
	);

	test('keeps nobody from what he is to have then, be it in another call than those who gave it to him', async () => {
		const random = seededRandom(11);
		const ids = [...Object.keys(before), 'N', 'M'];
		await everyCrash('forgets', async (tenantId, label) => {
			laterOn();
			const pool = [...Object.values(before), 'free', 'spare', 'new'];
			const wanted = Object.fromEntries(ids.map((id) => [id, pool.splice(random.below(pool.length), 1)[0] as string]));
			const parts = 1 + random.below(3);
			const told = `${label}: ${JSON.stringify({ wanted, parts })}`;
			expect(await putInParts(tenantId, wanted, parts), told).toEqual([]);
			expect(await shownIn(tenantId, told), told).toEqual(wanted);
		});
	});

	test('leaves nobody without a name who is refused then, unless somebody goes by his', async () => {
		await everyCrash('forgets', async (tenantId, label) => {
			laterOn();
			const wanted = Object.fromEntries(Object.keys(exchange).map((id) => [id, 'kept']));
			expect(await put(tenantId, wanted), label).toEqual(Object.keys(exchange));
			const shown = await shownIn(tenantId, label);
			const nameless = Object.keys(before).filter((id) => !(id in shown));
			expect(Object.values(shown), label).toEqual(expect.arrayContaining(nameless.map((id) => before[id])));
		});
	});

	test('and somebody else who wants one of the names at any request of the repetition, take nobody his name', async () => {
		const random = seededRandom(13);
		await withFaults(async (watching, watched) => {
			await everyCrash('forgets', async (tenantId, label) => {
				laterOn();
				const [stranger, comesAt] = [random.pick([...Object.values(before), 'free', 'new']), random.below(60)];
				const told = `${label}: ${stranger} at ${comesAt}`;
				await exchangeBeside({ tenantId, stranger, comesAt, watching, watched }, told);
			});
		});
	});
});

interface Beside {
	tenantId: string;
	/** What he wants. */
	stranger: string;
	/** The number of a request. */
	comesAt: number;
	watching: FaultyStorage;
	watched: Directory;
}

/** Answers whether the exchange came so far. */
async function exchangeBeside({ tenantId, stranger, comesAt, watching, watched }: Beside, label: string) {
	let requests = 0;
	const come = () => put(tenantId, { X: stranger });
	let theirs: readonly string[] | undefined;
	watching.onRequest = async () => {
		if (requests++ === comesAt) theirs = await come();
	};
	const ours = await put(tenantId, exchange, watched);
	watching.onRequest = () => {};
	const isRefused = (theirs ?? (await come())).length > 0;
	const shown = await shownIn(tenantId, label);
	for (const [id, name] of Object.entries(exchange)) expect(shown[id] === name, label).toBe(!ours.includes(id));
	expect(shown.X === stranger, label).toBe(!isRefused);
	// Whoever was refused goes by the name that he had.
	for (const id of ours.filter((each) => each in before)) expect(shown[id], label).toBe(before[id]);
	return requests > comesAt;
}

test('somebody else who wants one of the names, at any request, gets it or is refused, and nobody has one that is not his', async () => {
	const strangers = [...Object.values(before), 'free', 'new'];
	await withFaults(async (watching, watched) => {
		for (let at = 0, comes = true; comes; at += crashStep) {
			for (const stranger of ['free', strangers[at % strangers.length] as string]) {
				const tenantId = freshId();
				await put(tenantId, before);
				const label = `${stranger} at ${at}`;
				comes = await exchangeBeside({ tenantId, stranger, comesAt: at, watching, watched }, label);
			}
		}
	});
});
