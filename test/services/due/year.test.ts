import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SyncEvent } from '../../../src/domain/events.ts';
import type { Run } from '../../../src/domain/run.ts';
import { isOpen, nextOpening } from '../../../src/domain/schedule/calendar.ts';
import type { ProfileRef } from '../../../src/ports.ts';
import { definition } from '../../support/rosters/profile-builder.ts';
import { randomTurns } from '../../support/rosters/random-turns.ts';
import { type DueWorld, dueWorld, results } from '../../support/worlds/due-world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const instances = 3;
const end = Date.parse('2027-01-01T00:00:00Z');
/** A crash delays what is due until the lease is over, and perhaps until what it left of a run is found. */
const crashDelayMs = 90 * minuteMs;

/** Random numbers of a seed. */
function randomOf(seed: number) {
	let state = seed;
	return (limit: number) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * limit);
	};
}

/** At the next full minute and twenty seconds, as the timer does. */
const nextTick = (time: number) => Math.ceil((time - 20_000) / minuteMs) * minuteMs + 20_000;

interface YearOptions {
	seed: number;
	/** One tick in so many loses an instance. */
	crashEvery: number;
}

/** All instances tick at whatever is due, in an order that random numbers decide; now and then one dies in the middle. */
async function passYear(world: DueWorld, { seed, crashEvery }: YearOptions): Promise<number> {
	const below = randomOf(seed);
	let crashes = 0;
	for (;;) {
		const dueAt = Math.min(...world.stored.due.rows.map(({ at, takenUntil }) => Math.max(+at, +(takenUntil ?? 0))));
		const now = nextTick(Math.max(dueAt, world.clock.now().getTime() + 1));
		if (now >= end) return crashes;
		world.clock.set(new Date(now).toISOString());
		const turns = randomTurns(below);
		const victim = crashEvery > 0 && below(crashEvery) === 0 ? below(instances) : -1;
		if (victim >= 0) crashes++;
		const ticks = Array.from({ length: instances }, (_, at) => {
			let left = at === victim ? below(40) : Number.POSITIVE_INFINITY;
			let die = () => {};
			const died = new Promise<number>((resolve) => {
				die = () => resolve(0);
			});
			const turn = () => {
				if (left-- > 0) return turns.turn();
				die();
				return new Promise<void>(() => {});
			};
			return Promise.race([world.instance(turn).tick(), died]);
		});
		await turns.untilDone(Promise.all(ticks));
		await world.settle();
	}
}

const berlinNights = {
	timeZone: 'Europe/Berlin',
	windows: [{ from: '22:00', to: '05:00' }],
	blackouts: [
		{ from: '2026-02-10', to: '2026-02-20' },
		{ from: '2026-12-20', to: '2027-01-03' },
	],
};
/** Over both changes of the clocks of the year, with hours that come twice or not at all. */
const sydneyMornings = {
	timeZone: 'Australia/Sydney',
	windows: [{ from: '02:15', to: '02:45' }],
	blackouts: [{ from: '2026-07-01', to: '2026-07-14' }],
};
const deferred = (synchronizationStartDate: string) => ({
	dataProvider: {
		kind: 'csv' as const,
		customizations: {
			studentEnrollment: { synchronizationStartDate, isSyncDeferred: false, allowDisplayNameUpdate: false },
		},
	},
});

async function district(world: DueWorld) {
	const profiles = {
		always: await world.create(),
		berlin: await world.create({ calendar: berlinNights }),
		sydney: await world.create({ calendar: sydneyMornings }),
		deferred: await world.create({ calendar: berlinNights, ...deferred('2026-02-12T00:00:00+01:00') }),
		expiring: await world.create({ expirationDate: '2026-06-30' }),
		held: await world.create(),
		dropped: await world.create({ calendar: sydneyMornings }),
		renewed: await world.create({ expirationDate: '2026-04-01' }),
		unprovisioned: await world.create(),
	};
	for (const ref of [profiles.always, profiles.berlin, profiles.sydney, profiles.expiring])
		await world.sync(ref, results.error);
	await world.sync(profiles.deferred);
	await world.sync(profiles.held, results.held);
	world.upload(profiles.dropped);
	await world.services.drops.arrived(profiles.dropped.profileId);
	await world.services.drops.settle(profiles.dropped, world.engine.settling.at(-1) as string);
	await world.services.profiles.update(profiles.renewed, (current) => ({
		definition: { ...definition(), ...current, expirationDate: '2026-11-30' },
	}));
	await world.settle();
	await world.services.profiles.update(profiles.unprovisioned, () => ({ definition: definition() }));
	world.engine.pending.splice(0);
	return profiles;
}

/** Each began when it was due, by the end of the one before; answers when it should have. */
function requireRetries(runs: readonly Run[], calendar: typeof berlinNights | undefined, slackMs: number): void {
	for (const [at, run] of runs.entries()) {
		if (at === 0) continue;
		expect(run.reason).toBe('schedule');
		const hours = [6, 12][at - 1] ?? 24;
		const wanted = new Date(Date.parse((runs[at - 1] as Run).finishedDateTime as string) + hours * hourMs);
		const due = calendar ? nextOpening(calendar, wanted) : wanted;
		const late = Date.parse(run.startedDateTime) - due.getTime();
		expect(late, `run ${at} of ${run.profileId}, due at ${due.toISOString()}`).toBeGreaterThanOrEqual(0);
		expect(late, `run ${at} of ${run.profileId}, due at ${due.toISOString()}`).toBeLessThanOrEqual(slackMs);
		if (calendar) expect(isOpen(calendar, new Date(run.startedDateTime))).toBe(true);
	}
}

const daysOf = (events: readonly SyncEvent[], { profileId }: ProfileRef, name: SyncEvent['name']) =>
	events.flatMap((event) =>
		event.profileId === profileId && event.name === name ? [('days' in event && event.days) || 0] : [],
	);

const week = (count: number) => Array.from({ length: count }, (_, at) => 14 + 7 * at);

/** More of them on demand. */
const years = Number(process.env.DUE_YEARS ?? 1);
const seeds = Array.from({ length: years }, (_, at) => at + 1);

test.each(seeds)(
	'over a year three instances do each thing once, and nothing on a closed day: seed %i',
	async (seed) => {
		const world = dueWorld();
		const profiles = await district(world);
		await passYear(world, { seed, crashEvery: 0 });
		const { events } = world;
		const reasons = async (ref: ProfileRef) => (await world.runsOf(ref)).map(({ reason }) => reason);
		for (const [ref, calendar] of [
			[profiles.always, undefined],
			[profiles.berlin, berlinNights],
			[profiles.sydney, sydneyMornings],
		] as const)
			requireRetries(await world.runsOf(ref), calendar, minuteMs);
		// That of the client, the two of its first day, and one on each day after.
		expect(await reasons(profiles.always)).toHaveLength(3 + 364);
		expect(await reasons(profiles.deferred)).toEqual(['start', 'schedule']);
		expect((await world.runsOf(profiles.deferred))[1]?.startedDateTime).toBe('2026-02-20T23:00:20.000Z');
		expect((await world.runsOf(profiles.expiring)).at(-1)?.startedDateTime.slice(0, 10)).toBe('2026-06-29');
		expect(await reasons(profiles.dropped)).toEqual(['drop']);
		expect((await world.runsOf(profiles.dropped))[0]?.startedDateTime).toBe('2026-01-01T15:15:20.000Z');
		expect(daysOf(events.told, profiles.expiring, 'profile.expiring')).toEqual([14, 1]);
		expect(daysOf(events.told, profiles.expiring, 'profile.expired')).toHaveLength(1);
		expect(daysOf(events.told, profiles.renewed, 'profile.expiring')).toEqual([14, 1]);
		expect(daysOf(events.told, profiles.held, 'holds.waiting')).toEqual(
			[1, 3, 7, ...week(51)].filter((days) => days < 365),
		);
		expect((await world.profileOf(profiles.unprovisioned)).state).toBe('provisioned');
		expect(daysOf(events.told, profiles.unprovisioned, 'profile.provisioned')).toHaveLength(2);
		expect(world.chores).toHaveLength(365);
		expect(new Set(world.chores).size).toBe(365);
	},
);

test('crashes delay what is due, and lose nothing and repeat at most what was just being told', async () => {
	await fc.assert(
		fc.asyncProperty(fc.integer(), async (seed) => {
			const world = dueWorld();
			const profiles = await district(world);
			const crashes = await passYear(world, { seed, crashEvery: 4 });
			expect(crashes).toBeGreaterThan(100);
			const reasons = async (ref: ProfileRef) => (await world.runsOf(ref)).map(({ reason }) => reason);
			expect(await reasons(profiles.deferred)).toEqual(['start', 'schedule']);
			expect(await reasons(profiles.dropped)).toEqual(['drop']);
			const told = (ref: ProfileRef, name: SyncEvent['name']) => [...new Set(daysOf(world.events.told, ref, name))];
			expect(told(profiles.expiring, 'profile.expiring')).toEqual([14, 1]);
			expect(told(profiles.expiring, 'profile.expired')).toHaveLength(1);
			expect(told(profiles.held, 'holds.waiting')).toEqual([1, 3, 7, ...week(51)].filter((days) => days < 365));
			expect(new Set(world.chores).size).toBe(365);
			for (const [ref, calendar] of [
				[profiles.always, undefined],
				[profiles.berlin, berlinNights],
			] as const) {
				const ran = (await world.runsOf(ref)).filter(({ outcome }) => outcome !== 'failed');
				expect((await world.runsOf(ref)).every(({ outcome }) => outcome !== undefined)).toBe(true);
				requireRetries(ran, calendar, calendar ? dayMs : crashDelayMs);
			}
		}),
		{ numRuns: years },
	);
});
