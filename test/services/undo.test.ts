import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../bench/random.ts';
import type { Profile } from '../../src/domain/profile.ts';
import type { RunRef } from '../../src/ports.ts';
import { planService } from '../../src/services/runs/plans.ts';
import { sourcePath } from '../../src/services/sync/files/roster-paths.ts';
import { undoRun } from '../../src/services/undo.ts';
import { reusedChunks, textOf } from '../support/bytes-of.ts';
import { fakeOrchestrations } from '../support/fakes/orchestrations.ts';
import { asyncRefusal } from '../support/requests/refusal.ts';
import { district } from '../support/rosters/district.ts';
import { runWorld } from '../support/worlds/run-world.ts';

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;

/** A world whose runs can be undone: every call of the service is followed by the run that it began. */
function undoable(changes: Partial<Profile> = {}) {
	const world = runWorld({ status: 'inProgress', ...changes }, { recordsPerSlice: 5 });
	const { deps, clock } = world;
	let ids = 0;
	const orchestrations = fakeOrchestrations();
	const randomHex = () => (++ids).toString(16).padStart(18, 'f').padEnd(32, '0');
	const launch = { ...deps, orchestrations, randomHex, undoDays: 30 };
	const plans = planService(deps);

	async function sync(files: Parameters<typeof world.accept>[0]): Promise<RunRef> {
		await world.change({ status: 'inProgress' });
		const run = await world.accept(files);
		const record = await deps.runs.get(run.profileId, run.runId);
		await world.change({ latestRunId: run.runId, acceptedRunId: record?.sourceRunId as string });
		await world.carry(run);
		return run;
	}

	/** Answers the run that was begun, once it has ended. */
	async function undo(run: RunRef, etag?: string) {
		clock.pass(1_000);
		const { runId } = await undoRun(launch, run, etag);
		await world.carry({ ...run, runId, generation: (await world.current()).snapshotGeneration });
		await orchestrations.endSync(run);
		const record = await deps.runs.get(run.profileId, runId);
		if (!record) throw new Error('The run is gone.');
		return { ...record, ref: { ...run, runId } };
	}

	/** Looks at the plan, and carries it out. */
	async function undoAll(run: RunRef) {
		const dry = await undo(run);
		const { etag } = await plans.of(dry.ref);
		return undo(run, etag);
	}

	/** All that the directory has, by directory id. */
	function image() {
		const { users, classes, schools } = world.directory;
		const members = (['student', 'teacher'] as const).flatMap((role) =>
			[...classes.keys()].map((id) => [`${id} ${role}`, [...world.directory.membersOf(id, role)].sort()] as const),
		);
		const inSchools = [...schools.keys()].map((id) => [id, [...world.directory.membersOfSchool(id)].sort()] as const);
		return structuredClone({
			objects: Object.fromEntries([...users, ...classes, ...schools]),
			members: Object.fromEntries([...members, ...inSchools]),
		});
	}

	return { ...world, launch, plans, sync, undo, undoAll, image };
}

type Roster = ReturnType<typeof randomRoster>;
type Image = ReturnType<ReturnType<typeof undoable>['image']>;

/** As it was, but for what was said to stay: what was created since, and those who were not in the files before. */
function expectBack(
	after: Image,
	before: Image,
	{ label, said, files }: { label: string; said: readonly string[]; files: Roster },
) {
	const [unknown = ''] = said.filter((sentence) => sentence.includes('what they were before is not known'));
	const told = [...unknown.matchAll(/(\d+) (schools|classes|students|teachers)/g)].reduce(
		(sum, [, n]) => sum + Number(n),
		0,
	);
	const others = Object.entries(before.objects).filter(([id, object]) => !isDeepStrictEqual(after.objects[id], object));
	const rows = Object.values(files).join('');
	for (const [, { externalId }] of others) expect(rows, label).not.toContain(`\n${externalId},`);
	// Some of them were written as they had been.
	expect(others.length, label).toBeLessThanOrEqual(told);
	for (const [group, members] of Object.entries(after.members))
		expect(members, `${label}: ${group}`).toEqual(before.members[group] ?? []);
}

/** A roster of a small district, of which each day has another part, with other values. */
function randomRoster(random: Random, day: number) {
	const some = (prefix: string, count: number, share: number) =>
		Array.from({ length: count }, (_, at) => `${prefix}${at}`).filter((_, at) => at === 0 || random.chance(share));
	const schools = some('S', 3, 0.9);
	const sections = some('C', 6, 0.8);
	const students = some('P', 14, 0.8);
	const teachers = some('T', 4, 0.8);
	const value = () => String(random.below(4));
	const person = (id: string) => {
		const name = random.chance(0.1) ? `${id}d${day}` : id;
		return `${id},${random.pick(schools)},First${value()},Last,${name.toLowerCase()},Welcome-2026!,${value()}`;
	};
	const pairs = (people: readonly string[], share: number) =>
		sections.flatMap((section) => people.filter(() => random.chance(share)).map((id) => `${section},${id}`));
	const users = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';
	return {
		school: lines('SIS ID,Name,Phone', ...schools.map((id) => `${id},School ${id},${value()}`)),
		section: lines(
			'SIS ID,School SIS ID,Section Name,Periods',
			...sections.map((id) => `${id},${random.pick(schools)},Class ${id},${value()}`),
		),
		student: lines(`${users},Grade`, ...students.map(person)),
		teacher: lines(`${users},Title`, ...teachers.map(person)),
		studentEnrollment: lines('Section SIS ID,SIS ID', ...pairs(students, 0.4)),
		teacherRoster: lines('Section SIS ID,SIS ID', ...pairs(teachers, 0.5)),
	};
}

const licences = (random: Random): Profile['licensesToAssign'] => [
	{ appliesTo: 'student', skuIds: [random.pick(['A1', 'A3'])] },
];

test('an undo brings back memberships, attributes and licences of any run, and the undo of an undo what that had done', async () => {
	let [back, unknown] = [0, 0];
	for (let seed = 1; seed <= Number(process.env.UNDONE_RUNS ?? 25); seed++) {
		const random = seededRandom(seed);
		const world = undoable(random.chance(0.5) ? { safety: 'off' } : {});
		let files = randomRoster(random, 0);
		await world.sync(files);
		for (let day = 1; day < 2 + random.below(3); day++) {
			await world.change({ licensesToAssign: licences(random) });
			files = randomRoster(random, day);
			await world.sync(files);
		}
		const before = world.image();
		await world.change({ licensesToAssign: licences(random) });
		const run = await world.sync(randomRoster(random, 9));
		const done = world.image();
		const undone = await world.undoAll(run);
		expect(undone.outcome, `seed ${seed}`).toBe('success');
		expectBack(world.image(), before, { label: `seed ${seed}`, said: undone.cannotUndo ?? [], files });
		back += Object.keys(before.objects).length;
		unknown += Number(/^Stay as they are.* (\d+) students/m.exec(undone.cannotUndo?.join('\n') ?? '')?.[1] ?? 0);
		await world.undoAll(undone.ref);
		expect(world.image(), `seed ${seed}, undone twice`).toEqual(done);
	}
	// What is not known is the exception, or this would prove nothing.
	expect(unknown).toBeLessThan(back / 10);
});

describe('an undo', () => {
	const { enrollments, files } = district({ schools: 2, classes: 4, students: 10 });
	const broken = files(enrollments.filter((row) => !row.startsWith('S1C')));

	test('looks first: its plan is that of a dry run, and nothing is written before somebody has named it', async () => {
		const world = undoable({ safety: 'off' });
		await world.sync(files(enrollments));
		const run = await world.sync(broken);
		const lost = world.image();
		const dry = await world.undo(run);
		expect(dry).toMatchObject({ isDryRun: true, reason: 'undo', outcome: 'success', directoryWrites: 0 });
		expect(world.image()).toEqual(lost);
		const plan = await world.plans.of(dry.ref);
		expect(plan.counts.studentEnrollment).toMatchObject({ added: 120, removed: 0, unchanged: 120 });
		expect((await asyncRefusal(world.undo(run, '"another"'))).code).toBe('PreconditionFailed');
		const undone = await world.undo(run, plan.etag);
		expect(undone).toMatchObject({
			reason: 'undo',
			outcome: 'success',
			tallies: { studentEnrollment: { added: 120 } },
		});
		expect(world.members().S1C0).toHaveLength(30);
		expect((await world.plans.of(undone.ref)).etag).toBe(plan.etag);
	});

	test('removes exactly what was looked at, be it a whole school, and holds nothing of it', async () => {
		const world = undoable();
		await world.sync(broken);
		const run = await world.sync(files(enrollments));
		const undone = await world.undoAll(run);
		expect(undone).toMatchObject({ outcome: 'success', tallies: { studentEnrollment: { removed: 120 } } });
		expect(undone.heldRemovals).toBeUndefined();
		expect([world.members().S1C0, world.members().S0C0?.length]).toEqual([[], 30]);
		expect(await world.current()).toMatchObject({ status: 'success' });
	});

	test('gives back what was removed by an approval, though no file has it', async () => {
		const world = undoable();
		await world.sync(files(enrollments));
		const held = await world.sync(broken);
		await world.change({ status: 'inProgress' });
		const run = await world.accept(broken);
		const record = await world.deps.runs.get(run.profileId, run.runId);
		if (record) await world.deps.runs.save({ ...record, reason: 'approval', approvedRunId: held.runId });
		await world.carry(run);
		expect(world.members().S1C0).toEqual([]);
		await world.undoAll(run);
		expect(world.members().S1C0).toHaveLength(30);
	});

	test('is another plan as soon as another run has ended', async () => {
		const world = undoable({ safety: 'off' });
		await world.sync(files(enrollments));
		const run = await world.sync(broken);
		const dry = await world.undo(run);
		const { etag } = await world.plans.of(dry.ref);
		await world.undo(run);
		expect((await asyncRefusal(world.undo(run, '"x"'))).code).toBe('PreconditionFailed');
		await world.sync(files(enrollments));
		const refusal = await asyncRefusal(world.undo(run, etag));
		expect([refusal.code, refusal.message]).toEqual(['Conflict', expect.stringContaining('it is not the latest run')]);
	});

	test('says what it leaves: what was created, columns and licences that were not there, and what somebody did by hand', async () => {
		const world = undoable({ safety: 'off' });
		await world.sync(files(enrollments));
		const { student, ...rest } = files([...enrollments.slice(1), 'S0C0,S0C1P9']);
		await world.change({ licensesToAssign: [{ appliesTo: 'student', skuIds: ['A3'] }] });
		const graded = student
			.trimEnd()
			.split('\r\n')
			.map((row, at) => (at === 0 ? `${row},Grade` : `${row},7`));
		const run = await world.sync({ ...rest, student: lines(...graded, 'NEW,S0,New,Comer,newcomer,Welcome-2026!,7') });
		// Somebody has put back by hand whom the run had removed.
		const [person, section] = ['S0C0P0', 'S0C0'].map((sisId) =>
			[...world.directory.users.values(), ...world.directory.classes.values()].find(
				({ externalId }) => externalId === sisId,
			),
		);
		const add = [person?.id as string];
		await world.deps.directory.changeMembers(run.tenantId, [
			{ classId: section?.id as string, role: 'student', add, remove: [] },
		]);
		const { cannotUndo = [] } = await world.undoAll(run);
		expect(cannotUndo).toEqual([
			expect.stringMatching(/^Created since, and stay: 1 students; an account keeps its initial password\.$/),
			'Of students these stay as they are, since the files before did not have them: Grade.',
			'Licences of students stay as they are: before, the profile assigned none.',
			'Changed by hand since, and stay: 1 memberships (student) of class "S0C0".',
		]);
		expect(world.members().S0C0).toContain('S0C0P0');
	});

	test('of whoever lost a name that somebody else took says so, and undoes the rest', async () => {
		const world = undoable({ safety: 'off' });
		await world.sync(files(enrollments));
		const { student, ...rest } = files(enrollments.slice(1));
		const renamed = student.replace(',s0c0p0,', ',another,');
		const run = await world.sync({ ...rest, student: `${renamed}NEW,S0,New,Comer,s0c0p0,Welcome-2026!\r\n` });
		const undone = await world.undoAll(run);
		expect(undone).toMatchObject({ outcome: 'error', tallies: { student: { failed: 1 } } });
		expect(world.members().S0C0).toContain('S0C0P0');
	});

	test('keeps the roster that it needs without any password, and is over with it', async () => {
		const world = undoable({ safety: 'off' });
		const first = await world.sync(files(enrollments));
		const run = await world.sync(broken);
		const kept = await textOf((await world.deps.rosters.read(sourcePath(first, 'student'))) ?? reusedChunks([]));
		expect([kept.includes('S1C0P0'), kept.includes('Welcome-2026!')]).toEqual([true, false]);
		world.clock.pass(31 * 24 * 60 * 60 * 1000);
		const refusal = await asyncRefusal(world.undo(run));
		expect([refusal.code, refusal.message]).toEqual(['Conflict', expect.stringContaining('not kept any more')]);
	});

	test('of what has nothing before it, or wrote nothing, is refused with the reason', async () => {
		const world = undoable({ safety: 'off' });
		const first = await world.sync(files(enrollments));
		expect((await asyncRefusal(world.undo(first))).message).toContain('what was before it is not known');
		const run = await world.sync(broken);
		const dry = await world.undo(run);
		expect((await asyncRefusal(world.undo(dry.ref))).message).toContain('it was a dry run');
		await world.change({ snapshotGeneration: 'second' });
		expect((await asyncRefusal(world.undo(run))).message).toContain('the profile was reset since');
		const unknown = { ...run, runId: '00000000-0000-8000-8000-000000000000' };
		expect((await asyncRefusal(world.undo(unknown))).code).toBe('ResourceNotFound');
	});
});
