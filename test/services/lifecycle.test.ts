import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../bench/random.ts';
import { effectiveStatus } from '../../src/domain/lifecycle.ts';
import type { ProfileRef } from '../../src/ports.ts';
import { writeJson } from '../../src/services/sync/files/roster-files.ts';
import { holdsPath } from '../../src/services/sync/files/roster-paths.ts';
import { asyncRefusal } from '../support/requests/refusal.ts';
import { definition, matchingDefinition } from '../support/rosters/profile-builder.ts';
import { randomTurns } from '../support/rosters/random-turns.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { ownTenant } from '../support/tenants.ts';
import { serviceWorld } from '../support/worlds/service-world.ts';

async function setUp(changes: Parameters<typeof definition>[0] = {}) {
	const world = serviceWorld();
	const { id: profileId } = await world.services.profiles.create(ownTenant, { definition: definition(changes) });
	const ref: ProfileRef = { tenantId: ownTenant, profileId };
	const stored = async () => {
		const found = await world.profiles.get(ownTenant, profileId);
		if (!found) throw new Error('The profile is gone.');
		return found;
	};
	const settle = async () => {
		while (await world.engine.step());
	};
	await settle();
	return {
		...world,
		ref,
		settle,
		profile: async () => (await stored()).profile,
		change: async (edit: object) => {
			const current = await stored();
			await world.profiles.replace(current, { ...current.profile, ...edit });
		},
		upload: () => {
			for (const [name, text] of Object.entries(smallRoster())) world.uploads.put(profileId, name, text as string);
		},
	};
}

describe('holds', () => {
	test('are discarded once, however often that is asked', async () => {
		const { services, ref, settle, profile, change, upload, rosters, events } = await setUp();
		upload();
		await services.starts.start(ref);
		await settle();
		const run = { ...ref, runId: (await profile()).latestRunId as string };
		const hold = {
			id: 'one',
			kind: 'studentEnrollment',
			scope: 'class',
			sisId: 'C1',
			removals: 9,
			present: 9,
			people: 9,
		};
		await writeJson(rosters, holdsPath(run), { etag: '"held"', holds: [hold] });
		await change({ status: 'quarantined', statusMessage: 'Held: 9\r\nProcessed' });
		for (let time = 0; time < 2; time++) await services.lifecycle.discardHolds({ run, etag: '"held"' });
		expect(await profile()).toMatchObject({ status: 'success', statusMessage: 'Processed' });
		expect(events.told.filter(({ name }) => name === 'holds.discarded')).toEqual([{ name: 'holds.discarded', ...run }]);
		const end = { runId: run.runId, finishedDateTime: '2026-03-02T10:00:00.000Z', retries: 0, failedRuns: 0 };
		await change({
			status: 'quarantined',
			statusMessage: 'Held: 9\r\nStopped: 501\r\nProcessed',
			lastEnd: { ...end, isHolding: true, stopped: 'failedRecords' },
			discardedHolds: { runId: 'another', holdIds: [] },
		});
		for (let time = 0; time < 2; time++) await services.lifecycle.discardHolds({ run, etag: '"held"' });
		const stopped = { status: 'quarantined', statusMessage: 'Stopped: 501\r\nProcessed' };
		expect(await profile()).toMatchObject({ ...stopped, lastEnd: { ...end, stopped: 'failedRecords' } });
	});
});

describe('reset', () => {
	test('gives the profile another delta history, and keeps the files that it syncs again', async () => {
		const { services, ref, clock, settle, profile, upload, runs } = await setUp();
		upload();
		await services.starts.start(ref);
		await settle();
		// Two runs of one millisecond have no order.
		clock.set('2026-03-02T11:00:00Z');
		const before = await profile();
		await services.lifecycle.reset(ref);
		await settle();
		const after = await profile();
		expect(after.snapshotGeneration).not.toBe(before.snapshotGeneration);
		expect(after).toMatchObject({ status: 'success', acceptedRunId: before.acceptedRunId });
		expect((await runs.list(ref.profileId, { size: 9 })).items.map(({ reason }) => reason)).toEqual(['reset', 'start']);
	});

	test('of an expired profile is refused, and so are start and resume', async () => {
		const { services, ref, clock } = await setUp({ expirationDate: '2026-03-10' });
		clock.set('2026-03-10T00:00:00Z');
		for (const work of [services.lifecycle.reset, services.lifecycle.resume, services.starts.start]) {
			const { code, message } = await asyncRefusal(work(ref));
			expect([code, message]).toEqual(['Conflict', expect.stringContaining('Set a later expirationDate first.')]);
		}
	});
});

describe('an expired profile that gets a later date', () => {
	test('begins a new delta history; one that has not expired keeps its own', async () => {
		const { services, ref, clock, profile, settle } = await setUp({ expirationDate: '2026-03-10' });
		const { snapshotGeneration } = await profile();
		const extend = (expirationDate: string) =>
			services.profiles.update(ref, (current) => ({ definition: { ...current, expirationDate } }));
		await extend('2026-03-20');
		await settle();
		expect((await profile()).snapshotGeneration).toBe(snapshotGeneration);
		clock.set('2026-03-21T00:00:00Z');
		expect(effectiveStatus(await profile(), clock.now())).toBe('paused');
		await extend('2027-03-20');
		expect((await profile()).snapshotGeneration).not.toBe(snapshotGeneration);
	});
});

describe('a start of a profile that matches accounts', () => {
	test('says that it assigns no licences', async () => {
		const licensesToAssign = [{ appliesTo: 'faculty', skuIds: ['6fd2c87f-b296-42f0-b197-1e91e994b900'] }] as const;
		const { services, ref, upload } = await setUp({ ...matchingDefinition, licensesToAssign });
		upload();
		const { accepted, messages } = await services.starts.start(ref);
		expect(accepted).toBe(true);
		expect(messages).toContainEqual({
			type: 'Information',
			fileName: 'teacher.csv',
			description: expect.stringMatching(/^Licenses in licensesToAssign were ignored/),
		});
	});
});

describe('the files of a run', () => {
	test('go when a later one has finished, also of a run that was ended before it was done', async () => {
		const { services, ref, clock, settle, upload, rosters, profile } = await setUp();
		const sources = () =>
			new Set([...rosters.files.keys()].flatMap((path) => /runs\/(.+)\/source/.exec(path)?.[1] ?? []));
		for (const time of ['2026-03-02T10:00:00Z', '2026-03-02T11:00:00Z', '2026-03-02T12:00:00Z']) {
			clock.set(time);
			upload();
			await services.starts.start(ref);
			await services.lifecycle.pause(ref);
		}
		await services.lifecycle.resume(ref);
		await settle();
		expect([...sources()]).toEqual([(await profile()).acceptedRunId]);
	});
});

describe('the report of a verification', () => {
	test('is that of the run, or of the run whose files it syncs again, until the next verification', async () => {
		const { services, ref, clock, settle, upload, uploads, runs, reports } = await setUp();
		const textOf = async (runId: string) => text(await reports.get({ ...ref, runId }));
		uploads.put(ref.profileId, 'School.csv', 'SIS ID\r\nS1\r\n');
		await services.starts.start(ref);
		const [refused] = (await runs.list(ref.profileId, { size: 1 })).items;
		expect(await textOf(refused?.id as string)).toMatch(/^File,Line,/);
		clock.set('2026-03-02T11:00:00Z');
		upload();
		await services.starts.start(ref);
		await settle();
		expect((await asyncRefusal(reports.get({ ...ref, runId: refused?.id as string }))).code).toBe('ResourceNotFound');
		clock.set('2026-03-02T12:00:00Z');
		await services.lifecycle.reset(ref);
		const [reset] = (await runs.list(ref.profileId, { size: 1 })).items;
		expect(reset?.reason).toBe('reset');
		expect(await textOf(reset?.id as string)).toMatch(/^File,Line,.*\r\n$/);
	});
});

describe('a profile that says it is syncing although nothing is', () => {
	test('can be started: a crash does not lock it for ever', async () => {
		const { services, ref, change, upload } = await setUp();
		upload();
		await change({ status: 'inProgress', latestRunId: 'lost' });
		expect(await services.starts.start(ref)).toMatchObject({ accepted: true });
	});
});

describe('a verification that is paused', () => {
	test('gives up, and leaves the files for the resume', async () => {
		const { services, ref, uploads, profile, upload, takeTurns } = await setUp();
		upload();
		let turns = 0;
		takeTurns(async () => {
			// In the middle of the start, when the claim is held.
			if (++turns === 8) await services.lifecycle.pause(ref);
		});
		const { code } = await asyncRefusal(services.starts.start(ref));
		expect(code).toBe('Conflict');
		takeTurns(async () => {});
		expect(await profile()).toMatchObject({ pausedSince: expect.any(String) });
		expect(await uploads.list(ref.profileId, 10)).toHaveLength(6);
		await services.lifecycle.resume(ref);
		expect(await profile()).toMatchObject({ status: 'inProgress' });
	});
});

describe('a run that stands still', () => {
	test('goes on with the resume, though a start that was to replace it died and holds the profile still', async () => {
		const { services, engine, ref, clock, settle, profile, change, upload } = await setUp();
		upload();
		await services.starts.start(ref);
		await services.lifecycle.pause(ref);
		await settle();
		expect(await engine.orchestrations.syncState(ref)).toBe('suspended');
		const until = new Date(clock.now().getTime() + 30_000).toISOString();
		await change({ claim: { runId: 'of a start that died', until } });
		await services.lifecycle.resume(ref);
		await settle();
		expect(await profile()).toMatchObject({ status: 'success' });
		expect(await engine.orchestrations.syncState(ref)).toBe('none');
	});
});

describe('pauses and resumes at the same time', () => {
	const schedules = 300;

	test.each([
		['of files that were accepted', (world: Awaited<ReturnType<typeof setUp>>) => world.settle()],
		['of files that were uploaded', (world: Awaited<ReturnType<typeof setUp>>) => world.settle().then(world.upload)],
	])('%s never fail, and go on once', async (_name, prepare) => {
		for (let seed = 1; seed <= schedules; seed++) {
			const world = await setUp();
			const { services, ref } = world;
			world.upload();
			await services.starts.start(ref);
			await prepare(world);
			await services.lifecycle.pause(ref);
			const { turn, untilDone } = randomTurns(seededRandom(seed).below);
			world.takeTurns(turn);
			const actions = (['resume', 'pause', 'resume', 'resume'] as const).map((action) =>
				services.lifecycle[action](ref),
			);
			const outcomes = await untilDone(Promise.allSettled(actions));
			expect(
				outcomes.filter(({ status }) => status === 'rejected'),
				`seed ${seed}`,
			).toEqual([]);
			await services.lifecycle.resume(ref);
			await world.settle();
			expect(await world.profile(), `seed ${seed}`).toMatchObject({ status: 'success' });
		}
	});
});
