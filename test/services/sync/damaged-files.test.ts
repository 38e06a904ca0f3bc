import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import type { SyncRef } from '../../../src/ports.ts';
import { readFile, writeFile } from '../../../src/services/sync/files/roster-files.ts';
import { historyPath, planPath, shardPath, sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import { RunFailure } from '../../../src/services/sync/run-failure.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { SyncBench, type SyncCourse } from '../../support/worlds/sync-bench.ts';

let bench: SyncBench;

beforeAll(async () => {
	bench = await SyncBench.open();
});

afterAll(() => bench?.storage.stop());

const damages: Readonly<Record<string, (whole: Uint8Array) => Uint8Array | undefined>> = {
	'that is gone': () => undefined,
	'that is empty': () => new Uint8Array(),
	'that ends early': (whole) => whole.subarray(0, whole.length - 1),
	'of another kind': (whole) => Buffer.concat([Buffer.from('XXXX'), whole.subarray(4)]),
	'that lost its middle': (whole) => Buffer.concat([whole.subarray(0, 10), whole.subarray(12)]),
};

async function damage(path: string, how: string): Promise<void> {
	const whole = await readFile(bench.deps.rosters, path);
	if (!whole) throw new Error(`There is no file "${path}" to be damaged.`);
	const left = damages[how]?.(whole);
	if (left) await writeFile(bench.deps.rosters, path, [left]);
	else await bench.deps.rosters.deleteAll(path);
}

type Group = Parameters<NonNullable<SyncCourse['before']>>[0];

interface DamagedFile {
	file: string;
	before: Group;
	pathOf: (run: SyncRef) => string | Promise<string>;
}

const snapshotOf = (kind: RosterKind) => async (run: SyncRef) => {
	const file = (await bench.deps.histories.get(run.profileId))?.record.files[kind]?.[0];
	return historyPath(run.profileId, { kind, file: file as string, shard: 0 });
};

const damagedFiles: readonly DamagedFile[] = [
	{ file: 'file of student shard 0', before: 'compare', pathOf: (run) => shardPath(run, 'student', 0) },
	{ file: 'file of teacherRoster shard 0', before: 'compare', pathOf: (run) => shardPath(run, 'teacherRoster', 0) },
	{
		file: 'plan of student shard 0',
		before: 'apply',
		pathOf: (run) => planPath(run, { kind: 'student', shard: 0, part: 0 }),
	},
	{
		file: 'plan of studentEnrollment shard 0',
		before: 'apply',
		pathOf: (run) => planPath(run, { kind: 'studentEnrollment', shard: 0, part: 0 }),
	},
	{ file: 'snapshot of student shard 0', before: 'compare', pathOf: snapshotOf('student') },
	{ file: 'snapshot of studentEnrollment shard 0', before: 'compare', pathOf: snapshotOf('studentEnrollment') },
	{ file: 'snapshot of section shard 0', before: 'compare', pathOf: snapshotOf('section') },
];

/** So that each of their shards has a plan in the second run. */
const changed = () =>
	smallRoster({
		'Student.csv': (smallRoster()['Student.csv'] as string).replace('wdale,Welcome-2026!,10', 'wdale,Welcome-2026!,11'),
		'StudentEnrollment.csv': (smallRoster()['StudentEnrollment.csv'] as string).replace('C3,P4\r\n', ''),
	});

describe.each(damagedFiles)('the $file', ({ file, before, pathOf }) => {
	test.each(Object.keys(damages))('%s fails the run, which says so and what to do', async (how) => {
		const profile = await bench.newProfile();
		await bench.runSync(profile, smallRoster());
		const running = bench.runSync(profile, changed(), {
			before: async (group, run) => {
				if (group === before) await damage(await pathOf(run), how);
			},
		});
		const failure = await running.catch((error: unknown) => error);
		expect(failure).toBeInstanceOf(RunFailure);
		const what = how === 'that is gone' ? 'is missing' : 'is not whole';
		expect((failure as RunFailure).message).toBe(
			`The sync could not go on: the ${file} ${what} in storage. Reset the profile: it begins anew from its last accepted files, and removes nobody. Without those, upload all files and start.`,
		);
	});
});

describe('the history', () => {
	test('that is gone fails the next run', async () => {
		const profile = await bench.newProfile();
		await bench.runSync(profile, smallRoster());
		await bench.deps.histories.delete(profile.id);
		await expect(bench.runSync(profile, smallRoster())).rejects.toThrow("the history of the profile's runs is missing");
	});

	test('is not there before the first run of a history, also after a reset', async () => {
		const profile = await bench.newProfile();
		await bench.runSync(profile, smallRoster());
		expect((await bench.runSync({ ...profile, snapshotGeneration: 'second' }, smallRoster())).outcome).toBe('success');
	});
});

describe('an accepted file', () => {
	const rows = { school: 2, section: 3, student: 4, teacher: 2, studentEnrollment: 5, teacherRoster: 3 };
	const lastRow = (text: Uint8Array) => text.subarray(0, Buffer.from(text).lastIndexOf('P4'));

	test('that has fewer rows than were accepted fails the run', async () => {
		const profile = await bench.newProfile();
		const cut = async (group: Group, run: SyncRef) => {
			const path = sourcePath(run, 'student');
			if (group === 'shard')
				await writeFile(bench.deps.rosters, path, [lastRow((await readFile(bench.deps.rosters, path)) as Uint8Array)]);
		};
		await expect(bench.runSync(profile, smallRoster(), { rows, before: cut })).rejects.toThrow(
			'the accepted file "student.csv" has 4 rows, and 3 of them can be read',
		);
		expect((await bench.runSync(profile, smallRoster(), { rows })).outcome).toBe('success');
	});

	test('that is gone fails the run', async () => {
		const profile = await bench.newProfile();
		const remove = async (group: Group, run: SyncRef) => {
			if (group === 'shard') await bench.deps.rosters.deleteAll(sourcePath(run, 'teacher'));
		};
		await expect(bench.runSync(profile, smallRoster(), { before: remove })).rejects.toThrow(
			'the accepted file "teacher.csv" is missing in storage',
		);
	});
});

test('a run from before storage lost something has failed, however far it came, and its history does not count', async () => {
	const profile = await bench.newProfile();
	const { deps } = bench;
	const { finished } = await bench.runSync(profile, smallRoster(), {
		before: async (group) => {
			if (group === 'finish') deps.storageLostAt = new Date(Date.now() + 1);
		},
	});
	expect(finished).toMatchObject({ outcome: 'failed', failure: expect.stringContaining('storage may have lost') });
	expect((await deps.profiles.get(profile.tenantId, profile.id))?.profile.keptGeneration).toBeUndefined();
	delete deps.storageLostAt;
});
