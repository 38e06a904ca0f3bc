import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type { SafetySettings } from '../../../src/domain/safety.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import { type DistrictFiles, district } from '../../support/rosters/district.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const size = { schools: 6, classes: 4, students: 10 };
type World = ReturnType<typeof runWorld>;

async function synced(of = size) {
	const world = runWorld({ status: 'inProgress' });
	const whole = district(of);
	await sync(world, whole.files(whole.enrollments));
	return { world, ...whole, before: world.members() };
}

/** As the first step of a run does, the profile shows it. */
async function sync(world: World, files: DistrictFiles, approvedRunId?: string, approvedHolds?: readonly string[]) {
	const run = await world.accept(files);
	const record = await world.deps.runs.get(run.profileId, run.runId);
	const approval = { ...(approvedRunId ? { approvedRunId } : {}), ...(approvedHolds ? { approvedHolds } : {}) };
	if (record) await world.deps.runs.save({ ...record, ...approval });
	const result = await world.carry(run);
	return { run, result, holds: (await readHolds(world.deps, run)).holds, profile: await world.current() };
}

const withoutSchool = (school: string) => (row: string) => !row.startsWith(`${school}C`);
const classOf = (row: string) => row.split(',')[0] as string;

describe('an export', () => {
	test('without any enrollment removes nobody, and the profile waits and says so', async () => {
		const { world, files, before } = await synced();
		const { result, holds, profile, run } = await sync(world, files([]));
		expect(world.members()).toEqual(before);
		expect(holds).toMatchObject([
			{ kind: 'studentEnrollment', scope: 'file', removals: 720, present: 720, people: 240 },
		]);
		expect(result).toMatchObject({
			held: 720,
			directoryWrites: 0,
			tallies: { studentEnrollment: { removed: 0, held: 720 } },
		});
		expect(profile).toMatchObject({
			status: 'quarantined',
			statusMessage: expect.stringMatching(
				/^Held: 720 memberships would be removed.* all classes \(studentenrollment\.csv\): 720 of 720 \(100 %\)/,
			),
		});
		expect(profile.statusMessage).toContain(`runs/${run.runId}/holds/approve`);
	});

	test('that lost one school holds that school, and the others are in step', async () => {
		const { world, enrollments, files, before } = await synced();
		const joined = 'S0C0,S0C2P0';
		const { holds, profile } = await sync(
			world,
			files([...enrollments.filter(withoutSchool('S3')), joined].filter((row, at, all) => all.indexOf(row) === at)),
		);
		expect(holds).toMatchObject([{ scope: 'school', sisId: 'S3', removals: 120, present: 120, people: 40 }]);
		const after = world.members();
		for (const [name, members] of Object.entries(before))
			if (name.startsWith('S3')) expect(after[name]).toEqual(members);
		expect(after.S0C0).toContain('S0C2P0');
		expect(profile.statusMessage).toContain('school "S3": 120 of 120 (100 %)');
	});

	test('that lost one class holds that class', async () => {
		const { world, enrollments, files, before } = await synced();
		const { holds } = await sync(world, files(enrollments.filter((row) => classOf(row) !== 'S2C1')));
		expect(holds).toMatchObject([{ scope: 'class', sisId: 'S2C1', removals: 30, present: 30 }]);
		expect(world.members()).toEqual(before);
	});

	test('that lost a part of every school holds each of them, and never a tenth of one is removed', async () => {
		const { world, enrollments, files, before } = await synced();
		const random = seededRandom(3);
		await sync(world, files(enrollments.filter(() => random.chance(0.75))));
		expect(world.members()).toEqual(before);
	});

	test('of last year, with a tenth of the rows, removes nobody', async () => {
		const { world, enrollments, files, before } = await synced();
		await sync(world, files(enrollments.slice(0, 72)));
		expect(world.members()).toEqual(before);
	});
});

describe('an ordinary day', () => {
	test('of a few who leave and a few who drop a class holds nothing', async () => {
		const { world, enrollments, files } = await synced();
		const gone = new Set(['S0C0P0', 'S1C1P1']);
		const { holds, profile, result } = await sync(
			world,
			files(enrollments.filter((row, at) => !gone.has(row.split(',')[1] as string) && at % 97 !== 0)),
		);
		expect(holds).toEqual([]);
		expect(profile.status).toBe('success');
		expect(result.tallies.studentEnrollment?.removed).toBeGreaterThan(6);
	});

	test('at which everybody goes from one class to the next is no loss for anybody', async () => {
		const { world, enrollments, files } = await synced();
		const moved = enrollments.map((row) => row.replace(/C(\d),/, (_, at) => `C${(Number(at) + 1) % 4},`));
		const { holds, profile } = await sync(world, files(moved));
		expect(holds).toEqual([]);
		expect(profile.status).toBe('success');
		expect(world.members().S0C0).toEqual(
			moved
				.filter((row) => classOf(row) === 'S0C0')
				.map((row) => row.split(',')[1])
				.sort(),
		);
	});

	test('of a small class that empties holds nothing: it has fewer than six', async () => {
		const { world, enrollments, files } = await synced({ schools: 6, classes: 4, students: 1 });
		const { holds } = await sync(world, files(enrollments.filter((row) => classOf(row) !== 'S0C0')));
		expect(holds).toEqual([]);
		expect(world.members().S0C0).toEqual([]);
	});
});

describe('what is held', () => {
	test('is held again by the next unchanged export, and forgotten by a whole one', async () => {
		const { world, enrollments, files, before } = await synced();
		const broken = files(enrollments.filter(withoutSchool('S3')));
		const first = await sync(world, broken);
		await world.change({ status: 'inProgress' });
		const second = await sync(world, broken);
		expect(second.holds).toEqual(first.holds);
		await world.change({ status: 'inProgress' });
		const whole = await sync(world, files(enrollments));
		expect([whole.holds, whole.profile.status, whole.result.directoryWrites]).toEqual([[], 'success', 0]);
		expect(world.members()).toEqual(before);
	});

	test('goes when somebody approves it, and comes to the end of a run without holds', async () => {
		const { world, enrollments, files } = await synced();
		const broken = files(enrollments.filter(withoutSchool('S3')));
		const { run } = await sync(world, broken);
		await world.change({ status: 'inProgress' });
		const approved = await sync(world, broken, run.runId);
		expect([approved.holds, approved.profile.status]).toEqual([[], 'success']);
		const after = world.members();
		for (const [name, members] of Object.entries(after)) expect(members.length === 0, name).toBe(name.startsWith('S3'));
	});

	test('goes hold by hold: what is approved is carried out, and the rest stays held', async () => {
		const { world, enrollments, files, before } = await synced();
		const isLost = (row: string) => !withoutSchool('S3')(row) || classOf(row) === 'S1C2';
		const broken = files(enrollments.filter((row) => !isLost(row)));
		const { run, holds } = await sync(world, broken);
		expect(holds.map(({ sisId }) => sisId).sort()).toEqual(['S1C2', 'S3']);
		await world.change({ status: 'inProgress' });
		const school = holds.filter(({ scope }) => scope === 'school').map(({ id }) => id);
		const second = await sync(world, broken, run.runId, school);
		expect(second.holds).toEqual(holds.filter(({ scope }) => scope === 'class'));
		expect(second.profile.status).toBe('quarantined');
		expect([world.members().S3C0, world.members().S1C2]).toEqual([[], before.S1C2]);
		await world.change({ status: 'inProgress' });
		const third = await sync(
			world,
			broken,
			second.run.runId,
			second.holds.map(({ id }) => id),
		);
		expect([third.holds, third.profile.status, world.members().S1C2]).toEqual([[], 'success', []]);
	});

	test('is all that an approval lets go: what looks wrong since is held', async () => {
		const { world, enrollments, files, before } = await synced();
		const { run } = await sync(world, files(enrollments.filter(withoutSchool('S3'))));
		await world.change({ status: 'inProgress' });
		const worse = enrollments.filter((row) => withoutSchool('S3')(row) && withoutSchool('S4')(row));
		const { holds, profile } = await sync(world, files(worse), run.runId);
		expect(holds.map(({ sisId }) => sisId)).toEqual(['S4']);
		expect(profile.status).toBe('quarantined');
		const after = world.members();
		for (const name of Object.keys(before)) {
			if (name.startsWith('S3')) expect(after[name], name).toEqual([]);
			if (name.startsWith('S4')) expect(after[name], name).toEqual(before[name]);
		}
	});
});

describe('the limits of a profile', () => {
	const settings = async (world: World, safety: SafetySettings) => world.change({ status: 'inProgress', safety });

	test('count in the place of the defaults, for all or for one kind', async () => {
		const { world, enrollments, files } = await synced();
		const some = enrollments.filter((row) => !/^S0C\d,S0C[01]P[0-3]$/.test(row));
		await settings(world, { percent: 30, classPercent: 90 });
		expect((await sync(world, files(some))).holds).toEqual([]);
		await settings(world, { percent: 30, studentEnrollment: { percent: 1, people: 2 } });
		const fewer = some.filter((row) => !/^S1C\d,S1C0P[01]$/.test(row));
		expect((await sync(world, files(fewer))).holds).toMatchObject([{ scope: 'school', sisId: 'S1', removals: 6 }]);
	});

	test('may be off: then what no file has is removed', async () => {
		const { world, enrollments, files } = await synced();
		await settings(world, { studentEnrollment: 'off' });
		const { holds, profile } = await sync(world, files(enrollments.filter(withoutSchool('S3'))));
		expect([holds, profile.status, world.members().S3C0]).toEqual([[], 'success', []]);
	});

	test('are off for nobody whom no file brought', async () => {
		const { world, enrollments, files } = await synced();
		await settings(world, 'off');
		const [student] = [...world.directory.users.values()].filter(({ externalId }) => externalId === 'S1C0P0');
		const [section] = [...world.directory.classes.values()].filter(({ externalId }) => externalId === 'S0C0');
		const add = [student?.id as string];
		await world.deps.directory.changeMembers(student?.tenantId as string, [
			{ classId: section?.id as string, role: 'student', add, remove: [] },
		]);
		await world.change({ snapshotGeneration: 'second' });
		await sync(world, files(enrollments));
		await world.change({ status: 'inProgress' });
		const { holds } = await sync(world, files(enrollments));
		expect(holds).toMatchObject([{ scope: 'unexpected', removals: 1 }]);
		expect(world.members().S0C0).toContain('S1C0P0');
	});

	test('are those at acceptance, whatever the profile says later', async () => {
		const { world, enrollments, files } = await synced();
		await world.change({ status: 'inProgress' });
		const run = await world.accept(files(enrollments.filter(withoutSchool('S3'))));
		await settings(world, 'off');
		await world.carry(run);
		expect((await readHolds(world.deps, run)).holds).toMatchObject([{ scope: 'school', sisId: 'S3' }]);
	});
});

test('of 151 schools one loses 60 % of its enrollments: it is held, 150 are in step, and approval comes to the end of a run without holds', async () => {
	const large = { schools: 151, classes: 4, students: 15 };
	const { world, enrollments, files, before } = await synced(large);
	const random = seededRandom(7);
	const broken = enrollments.filter((row) => withoutSchool('S77')(row) || random.chance(0.4));
	// On the same day somebody joins a class in each of the others.
	const joins = Array.from({ length: large.schools }, (_, s) => `S${s}C0,S${s}C1P3`);
	const rows = [...broken, ...joins];
	const { run, holds, result } = await sync(world, files(rows));
	expect(holds.map(({ scope, sisId }) => [scope, sisId])).toEqual([['school', 'S77']]);
	expect(result.tallies.studentEnrollment).toMatchObject({ removed: 0 });
	const held = world.members();
	for (const [name, members] of Object.entries(before)) {
		const [school] = name.split('C');
		const joined = name.endsWith('C0') ? [...members, `${school}C1P3`].sort() : members;
		expect(held[name], name).toEqual([...new Set(joined)]);
	}
	await world.change({ status: 'inProgress' });
	await sync(world, files(rows), run.runId);
	const wanted = new Map<string, string[]>();
	for (const row of new Set(rows)) {
		const [name, person] = row.split(',') as [string, string];
		wanted.set(name, [...(wanted.get(name) ?? []), person].sort());
	}
	expect(world.members()).toEqual(
		Object.fromEntries(Object.keys(before).map((name) => [name, wanted.get(name) ?? []])),
	);
});
