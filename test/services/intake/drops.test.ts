import { describe, expect, test } from 'vitest';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { dropService } from '../../../src/services/intake/drops.ts';
import { dropWorld, faultyStudents, otherStudents, rosterByKind } from '../../support/worlds/drop-world.ts';

const fileNames = [
	'School.csv',
	'Section.csv',
	'Student.csv',
	'Teacher.csv',
	'StudentEnrollment.csv',
	'TeacherRoster.csv',
];
/** The same roster as `smallRoster` to whoever reads it, in other files. */
const otherFiles = () =>
	Object.fromEntries(Object.entries(rosterByKind()).map(([kind, text]) => [kind, `${text}\r\n`]));
const nameOf = (kind: string) => fileNames.find((name) => name.toLowerCase() === `${kind}.csv`.toLowerCase()) as string;

describe('uploads that have rested', () => {
	test('start a sync by themselves', async () => {
		const { upload, drop, runs } = await dropWorld();
		upload();
		expect(await drop()).toEqual({});
		expect(await runs()).toMatchObject([{ reason: 'drop' }]);
	});

	test('of a profile that was paused wait for its resume, which takes them', async () => {
		const { services, ref, upload, drop, runs } = await dropWorld();
		upload();
		await services.lifecycle.pause(ref);
		expect(await drop()).toEqual({});
		expect(await runs()).toEqual([]);
		await services.lifecycle.resume(ref);
		expect(await runs()).toMatchObject([{ reason: 'resume' }]);
	});

	test('ask again later while a run is under way', async () => {
		const { services, ref, setId, upload, uploads, runs } = await dropWorld();
		upload();
		await services.starts.start(ref);
		const hours = 3 * 3_600_000;
		let [waitedMs, asked] = [0, 0];
		for (; waitedMs < hours; asked++) {
			const { waitMs = 0 } = await services.drops.settle(ref, await setId(), waitedMs);
			expect(waitMs).toBeGreaterThan(0);
			waitedMs += waitMs;
		}
		// A run may take as long as the quota of the directory wants: that costs a question a minute at most.
		expect(asked).toBeLessThan(hours / 60_000 + 20);
		expect(await runs()).toHaveLength(1);
		expect(await uploads.list(ref.profileId, 10)).toHaveLength(6);
	});

	test('start nothing where automatic starts are off', async () => {
		const world = await dropWorld();
		world.upload();
		const drops = dropService({
			...world,
			runs: world.runStore,
			orchestrations: world.engine.orchestrations,
			starts: world.services.starts,
			isAutomatic: false,
			quietMs: 0,
		});
		await drops.arrived(world.ref.profileId);
		expect(world.engine.settling).toEqual([]);
	});

	test('show what is said of whole files among the errors: there is nobody to answer', async () => {
		const { upload, put, drop, ref, errors, settle, profile } = await dropWorld();
		upload();
		put('Students.csv', 'no roster');
		await drop();
		const { items } = await errors.list(ref.profileId, { size: 9 });
		expect(items).toMatchObject([{ entryType: 'File', errorMessage: expect.stringContaining('Did you mean') }]);
		await settle();
		expect(await profile()).toMatchObject({ status: 'success', errorCount: 1 });
	});

	test('show their warnings among the errors as those of a start that was called', async () => {
		const twice = `${rosterByKind().student}P1,S1,Zoë,Ardent,zardent,Welcome-2026!,9\r\n`;
		const found = await Promise.all(
			['drop', 'start'].map(async (way) => {
				const world = await dropWorld();
				world.upload({ 'Student.csv': twice });
				if (way === 'drop') await world.drop();
				else await world.services.starts.start(world.ref);
				await world.settle();
				const { items } = await world.errors.list(world.ref.profileId, { size: 9 });
				return items.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
			}),
		);
		expect(found[0]).toEqual(found[1]);
		expect(found[0]?.length).toBeGreaterThan(0);
	});
});

describe('clocks', () => {
	const restless = async () => {
		const world = await dropWorld();
		const drops = dropService({
			...world,
			runs: world.runStore,
			orchestrations: world.engine.orchestrations,
			starts: world.services.starts,
			isAutomatic: true,
			quietMs: 30_000,
		});
		return { ...world, drops };
	};

	test('that were set back do not strand a drop: it has rested once that was waited for', async () => {
		const { upload, later, drops, ref, setId, runs } = await restless();
		upload();
		later(-3600);
		const first = await drops.settle(ref, await setId());
		expect(first).toEqual({ waitMs: 30_000 });
		expect(await drops.settle(ref, await setId(), first.waitMs)).toEqual({});
		expect(await runs()).toMatchObject([{ reason: 'drop' }]);
	});

	test('that were set back do not let a dead claim stand', async () => {
		const { upload, later, services, ref, profile, profiles, drops, setId } = await restless();
		upload();
		const until = '2026-03-02T13:00:30.000Z';
		const stored = await profiles.get(ref.tenantId, ref.profileId);
		if (stored) await profiles.replace(stored, { ...stored.profile, claim: { runId: 'dead', until } });
		expect((await profile()).claim?.until).toBe(until);
		later(60);
		expect(await drops.settle(ref, await setId())).toEqual({});
		expect((await services.starts.start(ref)).accepted).toBe(true);
	});
});

describe('after a set was refused', () => {
	const refused = async () => {
		const world = await dropWorld();
		world.upload({ 'Student.csv': faultyStudents });
		await world.drop();
		expect(await world.status()).toBe('validationError');
		world.later(60);
		return world;
	};

	test('the file that was named, uploaded again, starts a sync', async () => {
		const { put, drop, runs } = await refused();
		put('Student.csv', otherStudents);
		await drop();
		expect(await runs()).toMatchObject([{ reason: 'drop', acceptedFiles: { length: 6 } }, { outcome: 'refused' }]);
	});

	test('a file that was not named starts nothing, alone or with the one that was', async () => {
		const { put, drop, runs } = await refused();
		put('School.csv', rosterByKind().school);
		await drop();
		put('Student.csv', otherStudents);
		await drop();
		expect(await runs()).toHaveLength(1);
	});

	test('a start takes what lies there, as its client means it', async () => {
		const { services, ref, put, runs } = await refused();
		put('School.csv', rosterByKind().school);
		put('Student.csv', otherStudents);
		expect((await services.starts.start(ref)).accepted).toBe(true);
		expect(await runs()).toMatchObject([{ reason: 'start' }, { outcome: 'refused' }]);
	});

	/** Each order in which a kind comes first, in turn. */
	const orders = rosterKinds.map((_, at) => [...rosterKinds.slice(at), ...rosterKinds.slice(0, at)]);

	test.each(orders)(
		'replacing file after file, slowly, from %s on, ends with exactly the new ones',
		async (...order) => {
			const { put, drop, settle, later, runs, contents } = await refused();
			const files = otherFiles();
			for (const kind of order) {
				put(nameOf(kind), files[kind] as string);
				await drop();
				await settle();
				later(600);
			}
			const [latest] = await runs();
			expect(latest).toMatchObject({ reason: 'drop', outcome: 'success' });
			expect(await contents(latest?.id)).toEqual(files);
		},
	);

	test.each(orders)(
		'replacing some from %s on and then calling start ends with the newest of each',
		async (...order) => {
			const { services, ref, put, drop, settle, later, runs, contents, uploads } = await refused();
			const files = otherFiles();
			for (const kind of order) {
				put(nameOf(kind), files[kind] as string);
				await drop();
				await settle();
				later(600);
			}
			expect((await services.starts.start(ref)).accepted).toBe(true);
			await settle();
			const [latest] = await runs();
			expect(await contents(latest?.id)).toEqual(files);
			expect(await uploads.list(ref.profileId, 9)).toEqual([]);
		},
	);
});
