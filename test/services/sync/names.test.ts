import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { named, student } from '../../support/rosters/directory-objects.ts';
import type { StepDelivery } from '../../support/worlds/run-steps.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;

/** By SIS id, the username of each; whose id begins with T teaches. */
type Names = Readonly<Record<string, string>>;

function roster(names: Names): Record<RosterKind, string> {
	const rows = (isTeacher: boolean) =>
		Object.entries(names)
			.filter(([id]) => id.startsWith('T') === isTeacher)
			.map(([id, name]) => `${id},S1,First,Last,${name},Welcome-2026!`);
	const header = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';
	return {
		school: lines('SIS ID,Name', 'S1,North'),
		section: lines('SIS ID,School SIS ID,Section Name', 'C1,S1,Maths'),
		student: lines(header, ...rows(false)),
		teacher: lines(header, ...rows(true)),
		studentEnrollment: lines('Section SIS ID,SIS ID'),
		teacherRoster: lines('Section SIS ID,SIS ID'),
	};
}

/** Both roles have one domain, and a slice has two records, so that names are exchanged between slices and roles. */
const world = () =>
	runWorld(
		{
			status: 'inProgress',
			identity: {
				kind: 'creation',
				userDomains: [
					{ appliesTo: 'student', name: 'example.org' },
					{ appliesTo: 'teacher', name: 'example.org' },
				],
			},
		},
		{ recordsPerSlice: 2 },
	);
type World = ReturnType<typeof world>;

async function sync(the: World, names: Names, deliver?: StepDelivery) {
	const run = await the.accept(roster(names));
	// As a start does.
	await the.deps.errors.deleteAll(run.profileId);
	const result = await the.carry(run, deliver);
	const errors = (await the.deps.errors.list(run.profileId, { size: 100 })).items;
	return { result, errors };
}

const namesIn = ({ directory }: World) =>
	Object.fromEntries(
		[...directory.users.values()].map(({ externalId, userPrincipalName = '' }) => [
			externalId,
			userPrincipalName.split('@')[0],
		]),
	);

const people = ['P1', 'P2', 'P3', 'P4', 'P5', 'T1', 'T2', 'T3'];
const own = Object.fromEntries(people.map((id) => [id, id.toLowerCase()]));
/** Each has the name of the next one. */
const moved = (ids: readonly string[], last: string) =>
	Object.fromEntries(ids.map((id, at) => [id, (ids[at + 1] ?? last).toLowerCase()]));

describe('usernames', () => {
	test.each([
		['in a chain through slices and roles', moved(people, 'free')],
		['in a circle through slices and roles', moved(people, 'P1')],
		['in a chain the other way', moved([...people].reverse(), 'free')],
		['in two circles', { ...moved(['P1', 'T1', 'P4'], 'P1'), ...moved(['P2', 'T3'], 'P2') }],
	])('%s are exchanged in one run, and the history is right afterwards', async (_, changes) => {
		const the = world();
		await sync(the, own);
		const after = { ...own, ...changes };
		const { result, errors } = await sync(the, after);
		expect(errors).toEqual([]);
		expect(namesIn(the)).toEqual(after);
		const failed = Object.values(result.tallies).map((tally) => tally.failed);
		expect(failed.every((count) => count === 0)).toBe(true);
		expect((await sync(the, after)).result.directoryWrites).toBe(0);
	});

	test('of somebody whom no file knows are refused once', async () => {
		const the = world();
		const { tenantId } = await the.current();
		await the.deps.directory.putUsers(tenantId, [student('X', { account: named('x@example.org') })]);
		await sync(the, own);
		const wanted = { ...own, P6: 'x', T1: 'p6' };
		const first = await sync(the, wanted);
		expect(first.errors.map(({ entryType, joiningValue }) => [entryType, joiningValue])).toEqual([
			['Student', 'x@example.org'],
		]);
		expect(first.result.tallies).toMatchObject({ student: { failed: 1 }, teacher: { changed: 1, failed: 0 } });
		const again = await sync(the, wanted);
		expect(again.errors).toHaveLength(1);
		expect(again.result.directoryWrites).toBe(0);
	});

	test('come out the same however often steps are repeated, and after a run that died in between', async () => {
		const random = seededRandom(5);
		const the = world();
		await sync(the, own);
		let names: Names = own;
		for (let turn = 0; turn < 30; turn++) {
			const pool = [...Object.values(names), `free${turn}`, `spare${turn}`];
			names = Object.fromEntries(people.map((id) => [id, pool.splice(random.below(pool.length), 1)[0] as string]));
			const dies = random.chance(0.5);
			const interrupted = sync(the, names, async (work, step) => {
				const done = await work();
				if (dies && step.name === 'settleNames') throw new Error('killed');
				return random.chance(0.3) ? work() : done;
			});
			await interrupted.catch((error: Error) => expect(error.message).toBe('killed'));
			const { errors } = await sync(the, names);
			expect([turn, errors]).toEqual([turn, []]);
			expect(namesIn(the)).toEqual(names);
			expect((await sync(the, names)).result.directoryWrites).toBe(0);
		}
	});
});
