import { describe, expect, test } from 'vitest';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import {
	filesOf,
	imageOf,
	keysOf,
	type ModelDistrict,
	memberships,
	newIds,
	objectIds,
	oldIds,
	type Sync,
	smallDistrict,
} from '../../support/rosters/migration.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

/** The source gives people, classes and schools other ids. */

type World = ReturnType<typeof runWorld>;

async function sync(world: World, files: Record<RosterKind, string>, { approvedRunId, deliver }: Sync = {}) {
	await world.change({ status: 'inProgress' });
	const run = await world.accept(files);
	await world.deps.errors.deleteAll(run.profileId);
	const record = await world.deps.runs.get(run.profileId, run.runId);
	if (record && approvedRunId) await world.deps.runs.save({ ...record, approvedRunId });
	const result = await world.carry(run, deliver);
	const failed = Object.values(result.tallies).reduce((sum, tally) => sum + tally.failed, 0);
	const { holds, etag } = await readHolds(world.deps, run);
	const { status, statusMessage } = await world.current();
	return { runId: run.runId, result, failed, holds, etag, status, statusMessage };
}

async function synced(district = smallDistrict(), recordsPerSlice = 3) {
	const world = runWorld({ status: 'inProgress' }, { recordsPerSlice });
	await sync(world, filesOf(district, oldIds));
	return { world, before: whole(world), ids: objectIds(world) };
}

/** All that the directory has. */
const whole = ({ directory }: World) =>
	structuredClone([
		[...directory.schools],
		[...directory.classes],
		[...directory.users],
		...[...directory.classes.keys()].map((id) => [
			directory.membersOf(id, 'student'),
			directory.membersOf(id, 'teacher'),
		]),
		...[...directory.schools.keys()].map((id) => directory.membersOfSchool(id)),
	]);

/** What a district looks like that was synced under the new ids from the beginning. */
async function fromTheBeginning(district: ModelDistrict, idOf: typeof oldIds) {
	const world = runWorld({ status: 'inProgress' });
	await sync(world, filesOf(district, idOf));
	return imageOf(world, new Set(keysOf(district).map(idOf)));
}

async function expectMigrated(
	world: World,
	district: ModelDistrict,
	idOf: typeof oldIds,
	ids: ReadonlyMap<string, string>,
) {
	expect(imageOf(world, new Set(keysOf(district).map(idOf)))).toEqual(await fromTheBeginning(district, idOf));
	const now = objectIds(world);
	for (const key of keysOf(district)) if (ids.has(key)) expect(now.get(idOf(key)), key).toBe(ids.get(key));
	const next = await sync(world, filesOf(district, idOf));
	expect(next).toMatchObject({ status: 'success', holds: [], result: { held: 0, directoryWrites: 0 } });
}

describe.each([
	['everything', 'SCPT', 16],
	['schools', 'S', 2],
	['classes', 'C', 4],
	['students', 'P', 8],
	['teachers', 'T', 2],
	['people', 'PT', 10],
	['schools and classes', 'SC', 6],
])('%s under new ids', (_, letters, count) => {
	const district = smallDistrict();
	const files = filesOf(district, newIds(letters));

	test('is proposed and held, and the directory stays as it is', async () => {
		const { world, before } = await synced();
		const held = await sync(world, files);
		expect(held).toMatchObject({ status: 'quarantined', failed: 0, result: { directoryWrites: 0 } });
		expect(held.holds.every(({ scope }) => scope === 'rekeyed')).toBe(true);
		expect(held.holds.reduce((sum, { removals }) => sum + removals, 0)).toBe(count);
		for (const tally of Object.values(held.result.tallies)) expect(tally).toMatchObject({ added: 0, removed: 0 });
		expect(held.statusMessage).toMatch(/^Held: .*seem to have come under new SIS ids/);
		expect(held.statusMessage).toContain(`runs/${held.runId}/holds/approve`);
		expect(whole(world)).toEqual(before);
		const again = await sync(world, files);
		expect([again.holds, again.etag]).toEqual([held.holds, held.etag]);
		expect(whole(world)).toEqual(before);
	});

	test('keeps its objects once somebody approves', async () => {
		const { world, ids } = await synced();
		const { runId } = await sync(world, files);
		const approved = await sync(world, files, { approvedRunId: runId });
		expect(approved).toMatchObject({ status: 'success', failed: 0, holds: [], result: { held: 0 } });
		for (const tally of Object.values(approved.result.tallies)) expect(tally).toMatchObject({ added: 0, removed: 0 });
		await expectMigrated(world, district, newIds(letters), ids);
	});

	test('is forgotten when the old ids come back', async () => {
		const { world, before } = await synced();
		await sync(world, files);
		const back = await sync(world, filesOf(district, oldIds));
		expect(back).toMatchObject({ status: 'success', holds: [], result: { held: 0, directoryWrites: 0 } });
		expect(whole(world)).toEqual(before);
	});

	test('can be taken back, as it came', async () => {
		const { world, before } = await synced();
		const there = await sync(world, files);
		await sync(world, files, { approvedRunId: there.runId });
		const back = await sync(world, filesOf(district, oldIds));
		expect(back.holds.reduce((sum, { removals }) => sum + removals, 0)).toBe(count);
		await sync(world, filesOf(district, oldIds), { approvedRunId: back.runId });
		expect(whole(world)).toEqual(before);
	});

	test.each(['once', 'twice'])(
		'comes to the same wherever the approved run is killed, each step delivered %s',
		async (times) => {
			for (let steps = 1; ; steps++) {
				const { world, ids } = await synced();
				const { runId } = await sync(world, files);
				const before = memberships(world);
				let done = 0;
				const killed = sync(world, files, {
					approvedRunId: runId,
					deliver: async (work) => {
						if (done++ === steps) throw new Error('killed');
						const answer = await work();
						if (times === 'twice') expect(await work()).toEqual(answer);
						return answer;
					},
				});
				const error = await killed.catch((reason: Error) => reason);
				if (!(error instanceof Error)) break;
				expect(error.message).toBe('killed');
				expect(memberships(world)).toEqual(before);
				// Nobody has approved what the next run finds, if it finds it.
				const found = await sync(world, files);
				expect([found.failed, memberships(world)]).toEqual([0, before]);
				if (found.holds.length > 0) await sync(world, files, { approvedRunId: found.runId });
				await expectMigrated(world, district, newIds(letters), ids);
			}
		},
	);
});

describe('an approval that dies in the middle of its step', () => {
	const district = smallDistrict();
	const files = filesOf(district, newIds());

	/** Dies at the n-th access of the outside that the step makes; answers whether there was one. */
	async function approveAndDie(world: World, approvedRunId: string, accesses: number): Promise<boolean> {
		const { deps } = world;
		let left = Number.POSITIVE_INFINITY;
		const dying = <T extends object>(port: T): T =>
			new Proxy(port, {
				get(target, name) {
					const member = Reflect.get(target, name) as unknown;
					if (typeof member !== 'function') return member;
					return (...parts: unknown[]) => {
						if (left-- <= 0) throw new Error('killed');
						return (member as (...all: unknown[]) => unknown).apply(target, parts);
					};
				},
			});
		const { histories, rosters, directory } = deps;
		Object.assign(deps, { histories: dying(histories), rosters: dying(rosters), directory: dying(directory) });
		const outcome = await sync(world, files, {
			approvedRunId,
			deliver: async (work, step) => {
				left = step.name === 'rekey' ? accesses : Number.POSITIVE_INFINITY;
				const answer = await work();
				if (step.name === 'rekey') throw new Error('done');
				return answer;
			},
		}).catch((error: Error) => error.message);
		Object.assign(deps, { histories, rosters, directory });
		return outcome === 'killed';
	}

	test.each([
		['the same files', newIds()],
		['the old files', oldIds],
		['files with some of the new ids', newIds('CP')],
	])('leaves everybody where they are, and %s come to the right end', async (_, idOf) => {
		let deaths = 0;
		for (let accesses = 0; ; accesses++) {
			const { world, ids } = await synced();
			const before = memberships(world);
			const { runId } = await sync(world, files);
			if (!(await approveAndDie(world, runId, accesses))) break;
			deaths++;
			expect(memberships(world)).toEqual(before);
			// The lease of a dead step lapses.
			world.clock.pass(60_000);
			const next = await sync(world, filesOf(district, idOf));
			expect([accesses, next.failed]).toEqual([accesses, 0]);
			expect(memberships(world)).toEqual(before);
			if (next.holds.length > 0) await sync(world, filesOf(district, idOf), { approvedRunId: next.runId });
			expect(memberships(world)).toEqual(before);
			await expectMigrated(world, district, idOf, ids);
		}
		expect(deaths).toBeGreaterThan(20);
	});
});

describe('nobody is taken for somebody else', () => {
	const district = smallDistrict();

	test('in a new school year, where classes have new ids and the names that others had: nothing is held', async () => {
		const person = (key: string) => [key, { school: 'S-0', username: key.toLowerCase() }] as const;
		const cohort = (at: number) => Array.from({ length: 5 }, (_, person) => `P-${at}${person}`);
		/** Each cohort goes up a grade, one leaves and one comes; teachers keep their subjects. */
		const year = (first: number): ModelDistrict => ({
			schools: { 'S-0': 'Birch School' },
			classes: Object.fromEntries(
				[6, 7, 8].map((grade, at) => [
					`C-${first}${grade}`,
					{ school: 'S-0', name: `Maths ${grade}`, students: cohort(first - at), teachers: ['T-0'] },
				]),
			),
			students: Object.fromEntries([0, 1, 2].flatMap((at) => cohort(first - at)).map(person)),
			teachers: Object.fromEntries([person('T-0')]),
		});
		const { world } = await synced(year(12));
		const { holds, status, failed } = await sync(world, filesOf(year(13), oldIds));
		expect([holds, status, failed]).toEqual([[], 'success', 0]);
		expect(imageOf(world, new Set(keysOf(year(13))))).toEqual(await fromTheBeginning(year(13), oldIds));
	});

	test('when one has an id that another object has and keeps: the record is refused, and everybody stays', async () => {
		const { world, ids } = await synced();
		const { 'P-1': left, ...students } = district.students;
		const without = (key: string) => (person: string) => person !== key;
		const classes = Object.fromEntries(
			Object.entries(district.classes).map(([key, each]) => [
				key,
				{ ...each, students: each.students.filter(without('P-1')) },
			]),
		);
		await sync(world, filesOf({ ...district, students, classes }, oldIds));
		// P-1 left a year ago, and P-3 gets that id now.
		const idOf = (key: string) => (key === 'P-3' ? 'P-1' : key);
		const { failed, holds } = await sync(world, filesOf({ ...district, students, classes }, idOf));
		expect([left?.username, holds]).toEqual(['pupil1', []]);
		expect(failed).toBeGreaterThan(0);
		expect(world.directory.users.get(ids.get('P-3') as string)?.userPrincipalName).toMatch(/^pupil3@/);
		expect(world.directory.users.get(ids.get('P-1') as string)?.userPrincipalName).toMatch(/^pupil1@/);
	});

	test('when two exchange their ids: they are known by these, and exchange their names as ever', async () => {
		const { world } = await synced();
		const idOf = (key: string) => ({ 'P-1': 'P-3', 'P-3': 'P-1' })[key] ?? key;
		const { holds, failed } = await sync(world, filesOf(district, idOf));
		expect([holds, failed]).toEqual([[], 0]);
		expect(imageOf(world, new Set(keysOf(district)))).toEqual(await fromTheBeginning(district, idOf));
	});
});

test('who left and comes back under another id has the same account, once somebody approves', async () => {
	const district = smallDistrict();
	const { world, ids } = await synced();
	const { 'P-1': _, ...students } = district.students;
	const classes = Object.fromEntries(
		Object.entries(district.classes).map(([key, each]) => [
			key,
			{ ...each, students: each.students.filter((person) => person !== 'P-1') },
		]),
	);
	await sync(world, filesOf({ ...district, students, classes }, oldIds));
	const idOf = (key: string) => (key === 'P-1' ? 'P-99' : key);
	const held = await sync(world, filesOf(district, idOf));
	expect(held.holds).toMatchObject([{ kind: 'student', rekeyed: [{ from: 'P-1', to: 'P-99', evidence: 'username' }] }]);
	expect(held.failed).toBe(0);
	await sync(world, filesOf(district, idOf), { approvedRunId: held.runId });
	await expectMigrated(world, district, idOf, ids);
});

test('new ids that overlap with old ones are those of the right people', async () => {
	const district = smallDistrict();
	const { world, ids } = await synced();
	const idOf = (key: string) => (key.startsWith('P') ? `P-${Number(key.slice(2)) + 3}` : key);
	const held = await sync(world, filesOf(district, idOf));
	expect(held).toMatchObject({ failed: 0, holds: [{ kind: 'student', removals: 8 }], result: { directoryWrites: 0 } });
	await sync(world, filesOf(district, idOf), { approvedRunId: held.runId });
	await expectMigrated(world, district, idOf, ids);
});

test('classes that cannot be told apart wait for their school, and nobody leaves them before', async () => {
	const district = smallDistrict();
	const { world } = await synced();
	const before = memberships(world);
	// Schools have new ids, and classes new ids and new names: they are other classes, as far as anybody can tell.
	const classes = Object.fromEntries(
		Object.entries(district.classes).map(([key, each]) => [`${key}x`, { ...each, name: `${each.name} anew` }]),
	);
	const after = { ...district, classes };
	const held = await sync(world, filesOf(after, newIds('S')));
	expect(held).toMatchObject({ failed: 0, holds: [{ kind: 'school', scope: 'rekeyed', removals: 2 }] });
	expect(memberships(world)).toEqual(before);
	const approved = await sync(world, filesOf(after, newIds('S')), { approvedRunId: held.runId });
	expect(approved).toMatchObject({ failed: 0, holds: [], status: 'success' });
	expect(imageOf(world, new Set(keysOf(after).map(newIds('S'))))).toEqual(await fromTheBeginning(after, newIds('S')));
});

test('an approval carries out what was held, and holds new ids that came since', async () => {
	const district = smallDistrict();
	const { world, ids } = await synced();
	const { runId } = await sync(world, filesOf(district, newIds('P')));
	const next = await sync(world, filesOf(district, newIds('PC')), { approvedRunId: runId });
	expect(next).toMatchObject({ failed: 0, status: 'quarantined', holds: [{ kind: 'section', removals: 4 }] });
	expect([...objectIds(world)].filter(([sisId]) => sisId.startsWith('P-00'))).toHaveLength(8);
	await sync(world, filesOf(district, newIds('PC')), { approvedRunId: next.runId });
	await expectMigrated(world, district, newIds('PC'), ids);
});

test('rows that were skipped are not gone: nobody has another id on the strength of their file', async () => {
	const { world } = await synced();
	const files = filesOf(smallDistrict(), newIds('P'));
	const damaged = { ...files, student: files.student.replace(',pupil3,', ',,') };
	const run = await world.accept(damaged, { skipsFaultyRows: true });
	await world.carry(run);
	expect((await readHolds(world.deps, run)).holds.filter(({ scope }) => scope === 'rekeyed')).toEqual([]);
});
