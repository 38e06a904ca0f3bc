import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../bench/random.ts';
import type { Directory } from '../../../../src/directory-ports.ts';
import type { WriteOutcome } from '../../../../src/domain/directory.ts';
import type { Faults } from '../../../../src/local/graph/limits/faults.ts';
import { freshId } from '../../../support/fresh-ids.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';
import { idsOf, joining, named, school, section, student } from '../../../support/rosters/directory-objects.ts';
import {
	type GraphWorld,
	type GraphWorldOptions,
	skippingClock,
	startGraphWorld,
} from '../../../support/worlds/graph-world.ts';

/** A Microsoft Graph that fails in every way that it is known to fail in. */

let storage: TestStorage;
let world: GraphWorld;

beforeAll(async () => {
	storage = await startTestStorage();
});
afterAll(() => storage?.stop());
afterEach(() => world?.stop());

const start = async (options: Omit<GraphWorldOptions, 'account'>) => {
	world = await startGraphWorld({ account: storage.account, ...options });
	return world;
};

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

/** As a step does: what fails is tried again as a whole. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
	for (let times = 1; ; times++) {
		try {
			return await work();
		} catch (error) {
			if (times === 8) throw error;
		}
	}
}

const allOk = (outcomes: readonly WriteOutcome[]) => {
	const refused = outcomes.filter((outcome) => !outcome.ok || outcome.refused || outcome.incomplete);
	expect(refused).toEqual([]);
	return idsOf(outcomes);
};

/** Two schools, eight classes, forty students and six teachers. */
async function fill(directory: Directory, tenantId: string, phone: string) {
	const schoolIds = allOk(
		await untilDone(() =>
			directory.putSchools(
				tenantId,
				['N', 'S'].map((id) => school(id, { attributes: { phone } })),
			),
		),
	);
	const people = numbers(40).map((at) =>
		student(`P${at}`, { account: named(`p${at}@example.org`), skuIds: ['sku-1'] }),
	);
	const staff = numbers(6).map((at) => student(`T${at}`, { role: 'teacher', account: named(`t${at}@example.org`) }));
	const [students, teachers] = [
		allOk(await untilDone(() => directory.putUsers(tenantId, people))),
		allOk(await untilDone(() => directory.putUsers(tenantId, staff))),
	];
	const classIds = allOk(
		await untilDone(() =>
			directory.putClasses(
				tenantId,
				numbers(8).map((at) => section(`C${at}`, schoolIds[at % 2] as string)),
			),
		),
	);
	const membersOf = (at: number) => students.filter((_, person) => person % 3 !== at % 3);
	const teachersOf = (at: number) => teachers.filter((_, person) => person % 4 === at % 4);
	const change = (role: 'student' | 'teacher', of: (at: number) => string[]) =>
		classIds.map((classId, at) => ({ classId, source: 'profile', role, add: of(at), remove: [] }));
	allOk(await untilDone(() => directory.changeMembers(tenantId, change('student', membersOf))));
	allOk(await untilDone(() => directory.changeMembers(tenantId, change('teacher', teachersOf))));
	const joined = schoolIds.map((id, at) =>
		joining(
			id,
			students.filter((_, person) => person % 2 === at),
		),
	);
	allOk(await untilDone(() => directory.changeSchoolMembers(tenantId, joined)));
	return { schoolIds, classIds, students, membersOf, teachersOf, joined };
}

const faults: Faults = { throttled: 0.06, unavailable: 0.04, timedOut: 0.04, cut: 0.04 };
const replication = { replicas: 3, delayMs: 8_000 };

describe('with faults of every kind', () => {
	test.each([
		['packed', 1],
		['packed', 2],
		['packed', 3],
		['education', 4],
	] as const)('everything gets there once, and nothing else (%s, seed %i)', async (strategy, seed) => {
		const { nowMs, skip } = skippingClock();
		const { directory, look, members, server } = await start({
			strategy,
			server: { nowMs, faults: { ...faults, seed }, replication: { ...replication, seed } },
		});
		const tenantId = freshId();
		await fill(directory, tenantId, '1');
		const { schoolIds, classIds, membersOf, teachersOf, joined } = await fill(directory, tenantId, '2');
		server.setFaults({});
		skip(replication.delayMs);
		const [schools, classes, users] = [
			await look(tenantId, 'schools'),
			await look(tenantId, 'classes'),
			await look(tenantId, 'users'),
		];
		expect([schools.length, classes.length, users.length]).toEqual([2, 8, 46]);
		expect(schools.map(({ phone }) => phone)).toEqual(['2', '2']);
		for (const [at, id] of classIds.entries()) {
			const wanted = [...membersOf(at), ...teachersOf(at)].sort();
			expect((await members(tenantId, id, 'member')).toSorted()).toEqual(wanted);
			expect((await members(tenantId, id, 'teacher')).toSorted()).toEqual(teachersOf(at).sort());
			expect(classes.find((each) => each.id === id)?.schoolIds).toEqual([schoolIds[at % 2]]);
		}
		for (const [at, { add }] of joined.entries())
			for (const id of add) expect(users.find((user) => user.id === id)?.schoolIds).toEqual([schoolIds[at]]);
		const licensed = users.filter(({ assignedLicenses }) => (assignedLicenses as unknown[] | undefined)?.length === 1);
		expect(licensed).toHaveLength(40);
	});
});

test('whoever cannot be added to a class is one error, and all others are written', async () => {
	const { directory, members, server } = await start({});
	const tenantId = freshId();
	const [schoolId] = allOk(await directory.putSchools(tenantId, [school('S')])) as [string];
	const [classId] = allOk(await directory.putClasses(tenantId, [section('C', schoolId)])) as [string];
	const ids = allOk(
		await directory.putUsers(
			tenantId,
			numbers(45).map((at) => student(`P${at}`)),
		),
	);
	const [first, bad] = ids as [string, string];
	await directory.changeMembers(tenantId, [{ classId, source: 'profile', role: 'student', add: [first], remove: [] }]);
	server.setFaults({ refuses: ({ body }) => JSON.stringify(body ?? {}).includes(bad) });
	const before = server.counts().writes;
	const change = { classId, source: 'profile', role: 'student' as const, add: ids.slice(1), remove: [first] };
	expect(await directory.changeMembers(tenantId, [change])).toEqual([
		{
			ok: true,
			id: classId,
			changed: true,
			refused: [
				{ userId: bad, code: 'UnSpecified', message: expect.stringContaining('does not take this object') },
				{ userId: first, code: 'UnSpecified', message: expect.stringContaining('stays until everybody') },
			],
		},
	]);
	// Three packs, and the twenty of the one that was refused.
	expect(server.counts().writes - before).toBe(23);
	expect((await members(tenantId, classId, 'member')).toSorted()).toEqual(ids.filter((id) => id !== bad).sort());
	server.setFaults({});
	expect(await directory.changeMembers(tenantId, [change])).toEqual([{ ok: true, id: classId, changed: true }]);
	expect((await members(tenantId, classId, 'member')).toSorted()).toEqual(ids.slice(1).sort());
	const known = { ids: [classId], role: 'student', source: 'profile' } as const;
	expect((await directory.classMembers(tenantId, known))[0]?.length).toBe(44);
});

test('a process that dies in the middle of a creation leaves its claim, and another one finds or makes the object, once', async () => {
	const random = seededRandom(3);
	const { nowMs, clock, skip } = skippingClock();
	const server = { nowMs, replication: { ...replication, seed: 9 } };
	const { directory, another, look } = await start({ clock, server });
	let unfinished = 0;
	for (let round = 0; round < 6; round++) {
		const tenantId = freshId();
		const schools = numbers(30).map((at) => school(`S${at}`));
		const deadline = new Date(nowMs() + 50 * (5 + random.below(60)));
		await directory.putSchools(tenantId, schools, deadline).catch(() => {
			unfinished++;
		});
		const ids = allOk(await another().putSchools(tenantId, schools));
		skip(replication.delayMs);
		expect((await look(tenantId, 'schools')).map(({ id }) => id).sort()).toEqual(ids.toSorted());
	}
	expect(unfinished).toBeGreaterThan(0);
});
