import { describe, expect, test } from 'vitest';
import type { ProfileRef } from '../../../src/ports.ts';
import { planEveryProfile } from '../../../src/services/due/chores.ts';
import { definition } from '../../support/rosters/profile-builder.ts';
import { ownTenant } from '../../support/tenants.ts';
import { dueWorld, results } from '../../support/worlds/due-world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const night = { timeZone: 'UTC', windows: [{ from: '22:00', to: '05:00' }] };

async function setUp(changes: Parameters<ReturnType<typeof dueWorld>['create']>[0] = {}) {
	const world = dueWorld('2026-01-01T12:00:20.000Z');
	const ref = await world.create(changes);
	const reasons = async () => (await world.runsOf(ref)).map(({ reason }) => reason);
	return {
		...world,
		ref,
		reasons,
		/** The timer ticks after so long, and what it started runs. */
		async later(ms: number): Promise<void> {
			world.pass(ms);
			await world.tick();
			await world.settle();
		},
		names: () => world.events.told.map(({ name }) => name),
		current: () => world.profileOf(ref),
	};
}

describe('a run with records that failed', () => {
	test('is repeated after 6, 12 and 24 hours, until all is in step', async () => {
		const { sync, ref, later, reasons, engine } = await setUp();
		await sync(ref, results.error);
		await later(6 * hourMs - minuteMs);
		expect(await reasons()).toEqual(['start']);
		await later(minuteMs);
		expect(await reasons()).toEqual(['start', 'schedule']);
		await later(12 * hourMs);
		engine.results.set(ref.profileId, results.success);
		await later(24 * hourMs);
		for (let day = 0; day < 9; day++) await later(dayMs);
		expect(await reasons()).toEqual(['start', 'schedule', 'schedule', 'schedule']);
	});

	test('is repeated after a client’s own run only when that has failed too, and counted anew', async () => {
		const { sync, ref, later, reasons } = await setUp();
		await sync(ref, results.error);
		await later(6 * hourMs);
		await sync(ref, results.error);
		await later(6 * hourMs);
		expect(await reasons()).toEqual(['start', 'schedule', 'start', 'schedule']);
	});

	test.each([
		['paused', 'pause'],
		['resumed', 'resume'],
	])('is not repeated while it is paused, and is once it is not: %s', async (_, last) => {
		const { sync, ref, later, reasons, services, settle } = await setUp();
		await sync(ref, results.error);
		await services.lifecycle.pause(ref);
		if (last === 'resume') await services.lifecycle.resume(ref);
		await settle();
		await later(6 * hourMs);
		expect((await reasons()).filter((reason) => reason === 'schedule')).toHaveLength(last === 'pause' ? 0 : 1);
	});

	test('waits for the calendar, and for a new one no longer than that says', async () => {
		const { sync, ref, later, reasons, services } = await setUp({ calendar: night });
		await sync(ref, results.error);
		await later(6 * hourMs);
		expect(await reasons()).toEqual(['start']);
		await later(4 * hourMs);
		expect(await reasons()).toEqual(['start', 'schedule']);
		await later(13 * hourMs);
		await services.profiles.update(ref, () => ({ definition: definition() }));
		await later(0);
		await later(minuteMs);
		expect(await reasons()).toEqual(['start', 'schedule', 'schedule']);
	});

	test('starts nothing in a quarantined profile', async () => {
		const { sync, ref, later, reasons, current } = await setUp();
		for (let count = 0; count < 5; count++) await sync(ref, results.failed);
		expect(await current()).toMatchObject({ status: 'quarantined' });
		for (let day = 0; day < 9; day++) await later(dayMs);
		expect(await reasons()).toEqual(['start', 'start', 'start', 'start', 'start']);
	});
});

test('deferred enrollments are synced once their date has come', async () => {
	const studentEnrollment = {
		synchronizationStartDate: '2026-02-01T00:00:00Z',
		isSyncDeferred: false,
		allowDisplayNameUpdate: false,
	};
	const { sync, ref, later, reasons } = await setUp({
		dataProvider: { kind: 'csv', customizations: { studentEnrollment } },
	});
	await sync(ref);
	await later(30 * dayMs);
	expect(await reasons()).toEqual(['start']);
	for (let day = 0; day < 5; day++) await later(dayMs);
	expect(await reasons()).toEqual(['start', 'schedule']);
});

describe('uploads that arrive while the calendar is closed', () => {
	async function drop() {
		const world = await setUp({ calendar: night });
		const { services, upload, ref, engine } = world;
		upload(ref);
		await services.drops.arrived(ref.profileId);
		await services.drops.settle(ref, engine.settling.at(-1) as string);
		await world.settle();
		return world;
	}

	test('start a sync when it opens, once', async () => {
		const { later, reasons, current } = await drop();
		expect(await reasons()).toEqual([]);
		expect((await current()).waitingUploads).toBeDefined();
		await later(10 * hourMs);
		for (let day = 0; day < 5; day++) await later(dayMs);
		expect(await reasons()).toEqual(['drop']);
		expect((await current()).waitingUploads).toBeUndefined();
	});

	test('start at once when a client asks, and not again', async () => {
		const { services, ref, later, reasons, settle } = await drop();
		await services.starts.start(ref);
		await settle();
		await later(10 * hourMs);
		expect(await reasons()).toEqual(['start']);
	});

	test('start at once when the calendar is taken away', async () => {
		const { services, ref, later, reasons } = await drop();
		await services.profiles.update(ref, () => ({ definition: definition() }));
		await later(0);
		await later(minuteMs);
		expect(await reasons()).toEqual(['drop']);
	});

	test('wait on where somebody paused the profile, and go with the resume', async () => {
		const { services, ref, later, reasons, settle } = await drop();
		await services.lifecycle.pause(ref);
		await later(11 * hourMs);
		expect(await reasons()).toEqual([]);
		await services.lifecycle.resume(ref);
		await settle();
		expect(await reasons()).toEqual(['resume']);
	});
});

test('a stopped profile takes no uploads by itself, and those that are there with the resume', async () => {
	const { sync, ref, upload, services, engine, reasons, settle, current } = await setUp();
	for (let count = 0; count < 5; count++) await sync(ref, results.failed);
	engine.results.set(ref.profileId, results.success);
	upload(ref);
	await services.drops.arrived(ref.profileId);
	await services.drops.settle(ref, engine.settling.at(-1) as string);
	expect(await reasons()).toHaveLength(5);
	await services.lifecycle.resume(ref);
	await settle();
	expect((await reasons()).at(-1)).toBe('resume');
	expect(await current()).toMatchObject({ status: 'success' });
});

describe('somebody is told', () => {
	test('that a profile will expire, and that it has', async () => {
		const { later, events, names } = await setUp({ expirationDate: '2026-02-01' });
		for (let day = 0; day < 40; day++) await later(dayMs);
		expect(names().filter((name) => name.startsWith('profile.expir'))).toEqual([
			'profile.expiring',
			'profile.expiring',
			'profile.expired',
		]);
		expect(events.told.filter(({ name }) => name === 'profile.expiring')).toMatchObject([{ days: 14 }, { days: 1 }]);
	});

	test('that removals are held, until somebody decides', async () => {
		const { sync, ref, later, events, runsOf, services } = await setUp();
		await sync(ref, results.held);
		for (let day = 0; day < 15; day++) await later(dayMs);
		const reminders = () => events.told.filter(({ name }) => name === 'holds.waiting');
		const [run] = await runsOf(ref);
		expect(reminders()).toMatchObject([1, 3, 7, 14].map((days) => ({ ...ref, runId: run?.id, days })));
		await services.starts.start(ref).catch(() => {});
		await sync(ref);
		for (let day = 0; day < 15; day++) await later(dayMs);
		expect(reminders()).toHaveLength(4);
	});
});

describe('what a crash left', () => {
	test('of provisioning is asked for again, every ten minutes', async () => {
		const { services, engine, ref, current, pass, tick, settle } = await setUp();
		await services.profiles.update(ref, () => ({ definition: definition() }));
		for (let lost = 0; lost < 3; lost++) {
			expect(engine.pending.splice(0)).toHaveLength(1);
			pass(10 * minuteMs);
			await tick();
		}
		await settle();
		expect((await current()).state).toBe('provisioned');
	});

	test('of a removal is asked for again', async () => {
		const { services, engine, ref, later, stored } = await setUp();
		await services.profiles.delete(ref);
		engine.pending.splice(0);
		await later(10 * minuteMs);
		expect(await stored.profiles.get(ownTenant, ref.profileId)).toBeUndefined();
	});

	test('of a run is brought to an end, and tried again', async () => {
		const { services, upload, engine, ref, later, current, runsOf, reasons } = await setUp();
		upload(ref);
		await services.starts.start(ref);
		await engine.step();
		engine.lose(ref.profileId);
		await later(30 * minuteMs);
		expect(await current()).toMatchObject({ status: 'error', lastEnd: { failedRuns: 1 } });
		expect((await runsOf(ref)).map(({ outcome }) => outcome)).toEqual(['failed']);
		await later(6 * hourMs);
		expect(await reasons()).toEqual(['start', 'schedule']);
	});

	test('of a start is let go, with the record of its run', async () => {
		const { ref, change, runs, later, current, clock, runsOf, sync } = await setUp();
		await sync(ref);
		const [first] = await runsOf(ref);
		if (!first) throw new Error('There is no run.');
		const { outcome: _, ...open } = first;
		const id = `0${first.id.slice(1)}`;
		await runs.save({ ...open, id });
		const until = new Date(clock.now().getTime() + 30_000).toISOString();
		await change(ref, (profile) => ({ ...profile, claim: { runId: id, until } }));
		await later(hourMs);
		expect(await current()).not.toHaveProperty('claim');
		expect((await runsOf(ref)).map(({ outcome }) => outcome)).toEqual(['success', 'failed']);
	});

	test('of a pause is carried out', async () => {
		const { ref, change, upload, services, engine, later, clock } = await setUp();
		upload(ref);
		await services.starts.start(ref);
		await change(ref, (profile) => ({ ...profile, pausedSince: clock.now().toISOString() }));
		expect(engine.stateOf(ref.profileId)).toBe('running');
		await later(hourMs);
		expect(engine.stateOf(ref.profileId)).toBe('suspended');
	});

	test('is not seen where a run takes long', async () => {
		const { ref, upload, services, engine, pass, tick, settle, runsOf } = await setUp();
		upload(ref);
		await services.starts.start(ref);
		for (let hour = 0; hour < 9; hour++) {
			pass(hourMs);
			await tick();
		}
		expect(engine.stateOf(ref.profileId)).toBe('running');
		await settle();
		expect((await runsOf(ref)).map(({ outcome }) => outcome)).toEqual(['success']);
	});
});

describe('the table of due work', () => {
	test('keeps nothing of what is done or gone', async () => {
		const { sync, ref, later, services, stored } = await setUp({ expirationDate: '2026-03-01' });
		await sync(ref, results.error);
		for (let day = 0; day < 70; day++) await later(dayMs);
		expect(stored.due.rows.filter(({ subject }) => subject === ref.profileId)).toEqual([]);
		await services.profiles.delete(ref);
		await later(hourMs);
		await later(hourMs);
		expect(stored.due.rows.map(({ subject }) => subject)).toEqual(['nightly']);
	});

	test('is rebuilt from the profiles', async () => {
		const { sync, ref, later, reasons, stored, profiles } = await setUp();
		await sync(ref, results.error);
		stored.due.lose(ref.profileId);
		await later(7 * hourMs);
		expect(await reasons()).toEqual(['start']);
		await planEveryProfile({ profiles, due: stored.due }, [ownTenant]);
		await later(0);
		expect(await reasons()).toEqual(['start', 'schedule']);
	});

	test('gives what failed to the next call after its lease, and does all else', async () => {
		const world = await setUp({ expirationDate: '2026-01-10' });
		const other: ProfileRef = await world.create({ expirationDate: '2026-01-10' });
		world.pass(dayMs);
		const get = world.stored.profiles.get;
		world.stored.profiles.get = async (tenantId, profileId) => {
			if (profileId === world.ref.profileId) throw new Error('out of reach');
			return get(tenantId, profileId);
		};
		await expect(world.tick()).rejects.toThrow('Cannot do 1 of 2 things due.');
		world.stored.profiles.get = get;
		const told = () =>
			world.events.told.flatMap(({ name, profileId }) => (name === 'profile.expiring' ? profileId : []));
		expect(told()).toEqual([other.profileId]);
		await world.later(minuteMs);
		expect(told()).toEqual([other.profileId]);
		await world.later(10 * minuteMs);
		expect(told()).toEqual([other.profileId, world.ref.profileId]);
	});
});
