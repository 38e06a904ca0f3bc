import { describe, expect, test } from 'vitest';
import type { Profile } from '../../../src/domain/profile.ts';
import type { ProfileRef } from '../../../src/ports.ts';
import { findPlanIndex } from '../../../src/services/sync/files/plan-index.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { district } from '../../support/rosters/district.ts';
import { definition } from '../../support/rosters/profile-builder.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { ownTenant } from '../../support/tenants.ts';
import { runWorld } from '../../support/worlds/run-world.ts';
import { serviceWorld } from '../../support/worlds/service-world.ts';

async function setUp() {
	const world = serviceWorld();
	const { id: profileId } = await world.services.profiles.create(ownTenant, { definition: definition() });
	const ref: ProfileRef = { tenantId: ownTenant, profileId };
	const settle = async () => {
		while (await world.engine.step());
	};
	const stored = async () => {
		const found = await world.profiles.get(ownTenant, profileId);
		if (!found) throw new Error('The profile is gone.');
		return found;
	};
	await settle();
	return {
		...world,
		ref,
		settle,
		profile: async () => (await stored()).profile,
		change: async (edit: Partial<Profile>) => {
			const current = await stored();
			await world.profiles.replace(current, { ...current.profile, ...edit });
		},
		upload: (changes: Record<string, string> = {}) => {
			for (const [name, text] of Object.entries(smallRoster(changes)))
				world.uploads.put(profileId, name, text as string);
		},
		names: async () => (await world.uploads.list(profileId, 10)).map(({ name }) => name),
		latest: async () => (await world.runs.list(profileId, { size: 1 })).items[0],
	};
}

const dry = { reason: 'start', isDryRun: true } as const;

describe('a dry run', () => {
	test('leaves the uploads and the profile as they were, and a start follows', async () => {
		const { services, ref, clock, settle, profile, change, upload, names, latest, errors } = await setUp();
		upload();
		await services.starts.start(ref);
		await settle();
		await errors.save(ref.profileId, []);
		await change({
			status: 'quarantined',
			statusMessage: 'Held: 9',
			lastSynchronizationDateTime: '2026-01-01T00:00:00Z',
		});
		clock.set('2026-03-02T11:00:00Z');
		upload();
		const before = await profile();
		const { accepted, runId } = await services.starts.start(ref, dry);
		await settle();
		expect(accepted).toBe(true);
		expect(await latest()).toMatchObject({ id: runId, isDryRun: true, outcome: 'success', directoryWrites: 0 });
		const { verifiedRunId: _, refusal: __, lastActivityDateTime: ___, ...same } = before;
		expect(await profile()).toMatchObject(same);
		expect(await names()).toHaveLength(6);
		clock.set('2026-03-02T12:00:00Z');
		expect(await services.starts.start(ref)).toMatchObject({ accepted: true });
		await settle();
		expect(await profile()).toMatchObject({ status: 'success', acceptedRunId: (await latest())?.id });
		expect(await names()).toEqual([]);
	});

	test('keeps automatic starts from its files, and not from others', async () => {
		const { services, ref, clock, settle, upload, uploads, engine, runs } = await setUp();
		upload();
		await services.starts.start(ref, dry);
		await settle();
		const started = async () => (await runs.list(ref.profileId, { size: 9 })).items.map(({ reason }) => reason);
		const drop = async () => {
			await services.drops.arrived(ref.profileId);
			for (const setId of engine.settling.splice(0)) await services.drops.settle(ref, setId);
			await settle();
		};
		clock.set('2026-03-02T11:00:00Z');
		await drop();
		expect(await started()).toEqual(['start']);
		// One new file may be the first of six.
		uploads.put(ref.profileId, 'School.csv', smallRoster()['School.csv'] as string);
		await drop();
		expect(await started()).toEqual(['start']);
		upload();
		await drop();
		expect(await started()).toEqual(['drop', 'start']);
	});

	test('of faulty files says so, as a start does, and leaves a pause', async () => {
		const { services, ref, upload, profile, latest, names } = await setUp();
		await services.lifecycle.pause(ref);
		upload({ 'School.csv': 'SIS ID\r\nS1\r\n' });
		const { accepted, messages } = await services.starts.start(ref, dry);
		expect([accepted, messages[0]?.type]).toEqual([false, 'Error']);
		expect(await latest()).toMatchObject({ isDryRun: true, outcome: 'refused' });
		expect(await profile()).toMatchObject({ status: 'validationError', pausedSince: expect.any(String) });
		expect(await names()).toHaveLength(6);
	});

	test('of files that were mended takes back what the refusal said', async () => {
		const { services, ref, clock, settle, upload, profile, errors } = await setUp();
		upload({ 'School.csv': 'SIS ID\r\nS1\r\n' });
		await services.starts.start(ref);
		clock.set('2026-03-02T11:00:00Z');
		upload();
		await services.starts.start(ref, dry);
		await settle();
		expect(await profile()).toMatchObject({ status: 'paused', statusMessage: '', errorCount: 0 });
		expect(await errors.count(ref.profileId)).toBe(0);
	});

	test('gives way to a start, and takes the place of no run that stands still', async () => {
		const { services, ref, clock, settle, upload, runs, profile } = await setUp();
		upload();
		await services.starts.start(ref, dry);
		clock.set('2026-03-02T11:00:00Z');
		await services.starts.start(ref);
		const outcomes = async () => (await runs.list(ref.profileId, { size: 9 })).items.map(({ outcome }) => outcome);
		expect(await outcomes()).toEqual([undefined, 'terminated']);
		await services.lifecycle.pause(ref);
		clock.set('2026-03-02T12:00:00Z');
		upload();
		const { code, message } = await asyncRefusal(services.starts.start(ref, dry));
		expect([code, message]).toEqual(['Conflict', expect.stringContaining('A run is suspended')]);
		await services.lifecycle.resume(ref);
		await settle();
		expect(await profile()).toMatchObject({ status: 'success' });
	});

	test('of a paused profile that has no run leaves it paused', async () => {
		const { services, ref, settle, upload, profile, latest } = await setUp();
		await services.lifecycle.pause(ref);
		upload();
		await services.starts.start(ref, dry);
		await settle();
		expect(await latest()).toMatchObject({ isDryRun: true, outcome: 'success' });
		expect(await profile()).toMatchObject({ pausedSince: expect.any(String) });
	});

	test('without any uploads is refused, and changes nothing', async () => {
		const { services, ref, profile, latest } = await setUp();
		const before = await profile();
		const { code, message } = await asyncRefusal(services.starts.start(ref, dry));
		expect([code, message]).toEqual(['Conflict', expect.stringContaining('there are no uploads')]);
		expect([await profile(), await latest()]).toEqual([before, undefined]);
	});
});

describe('the steps of a dry run', () => {
	const { enrollments, files } = district({ schools: 2, classes: 4, students: 10 });

	test('plan what a run would do, hold what it would hold, and write nothing', async () => {
		const world = runWorld({ status: 'inProgress' });
		const first = await world.accept(files(enrollments));
		await world.carry(first);
		const directory = () => [world.members(), [...world.directory.users], [...world.directory.schools]];
		const before = directory();
		const history = (await world.deps.histories.get(first.profileId))?.record.files;
		const run = await world.accept(files(enrollments.filter((row) => !row.startsWith('S1C')).slice(1)));
		const record = await world.deps.runs.get(run.profileId, run.runId);
		if (record) await world.deps.runs.save({ ...record, isDryRun: true });
		const profile = await world.current();
		const steps: string[] = [];
		const result = await world.carry(run, (work, step) => {
			steps.push(step.name);
			return work();
		});
		expect(steps.filter((name) => name === 'applySlice' || name === 'readBack')).toEqual([]);
		expect(result).toMatchObject({ directoryWrites: 0, held: 0 });
		expect(directory()).toEqual(before);
		expect((await world.deps.histories.get(first.profileId))?.record.files).toEqual(history);
		expect({ ...(await world.current()), lastActivityDateTime: '' }).toEqual({ ...profile, lastActivityDateTime: '' });
		const index = await findPlanIndex(world.deps.rosters, run);
		expect(index?.counts.studentEnrollment).toMatchObject({ removed: 1, held: 120, unchanged: 119 });
		// The run before keeps its plan, and what it held.
		expect(await findPlanIndex(world.deps.rosters, first)).toBeDefined();
		const after = await world.accept(files(enrollments));
		expect(await world.carry(after)).toMatchObject({ directoryWrites: 0 });
		expect(await findPlanIndex(world.deps.rosters, run)).toBeUndefined();
	});
});
