import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Profile } from '../../../src/domain/profile.ts';
import { newRunId } from '../../../src/domain/run-id.ts';
import { isOpen } from '../../../src/domain/schedule/calendar.ts';
import { type DueReason, dueBy, nextLook, nextShown, notices, planOf } from '../../../src/domain/schedule/due-work.ts';
import type { RunEnd } from '../../../src/domain/schedule/run-end.ts';
import { definition, profile } from '../../support/rosters/profile-builder.ts';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const start = Date.parse('2026-03-02T10:00:00.000Z');
const later = (ms: number) => new Date(start + ms).toISOString();
const runId = newRunId(new Date(start), 'a'.repeat(18));
const end = (changes: Partial<RunEnd> = {}): RunEnd => ({
	runId,
	finishedDateTime: later(0),
	isRetryable: true,
	retries: 0,
	failedRuns: 0,
	...changes,
});
/** A run ended with records that failed. */
const failing = (changes: Partial<Profile> = {}): Profile =>
	profile({ status: 'error', latestRunId: runId, acceptedRunId: runId, lastEnd: end(), ...changes });
const timeOf = (of: Profile, reason: DueReason) =>
	planOf(of)
		.find((each) => each.reason === reason)
		?.at.toISOString();
const enrollments = (synchronizationStartDate: string, isSyncDeferred = false) => ({
	dataProvider: {
		kind: 'csv' as const,
		customizations: { studentEnrollment: { synchronizationStartDate, isSyncDeferred, allowDisplayNameUpdate: false } },
	},
});

describe('what failed is tried again', () => {
	test.each([
		[0, 6],
		[1, 12],
		[2, 24],
		[3, 24],
		[40, 24],
	])('after %i tries %i hours later', (retries, hours) => {
		expect(timeOf(failing({ lastEnd: end({ retries }) }), 'retry')).toBe(later(hours * hourMs));
	});

	test.each<[string, Partial<Profile>]>([
		['paused', { pausedSince: later(0) }],
		['quarantined', { status: 'quarantined' }],
		['busy', { status: 'inProgress' }],
		['being made ready', { claim: { runId: 'next', until: later(0) } }],
		['expired by then', { expirationDate: '2026-03-02' }],
		['not there', { state: 'provisioningFailed' }],
		['in step', { status: 'success' }],
		['refused since', { status: 'validationError' }],
		['of an older run', { latestRunId: 'another' }],
		['of no use', { lastEnd: { runId, finishedDateTime: later(0), retries: 0, failedRuns: 1 } }],
	])('but not what is %s', (_, changes) => {
		expect(timeOf(failing(changes), 'retry')).toBeUndefined();
	});

	test('at the next opening of the calendar', () => {
		const calendar = { timeZone: 'UTC', windows: [{ from: '22:00', to: '05:00' }] };
		const waiting = failing({ calendar });
		expect(timeOf(waiting, 'retry')).toBe('2026-03-02T22:00:00.000Z');
		expect(dueBy(waiting, new Date('2026-03-03T04:59:00Z'))).toContain('retry');
		expect(dueBy(waiting, new Date('2026-03-03T05:00:00Z'))).toEqual([]);
		expect(nextLook(waiting, new Date('2026-03-03T05:00:00Z'))?.toISOString()).toBe('2026-03-03T22:00:00.000Z');
	});
});

describe('deferred enrollments are synced', () => {
	const inStep = (changes: Partial<Profile>) => failing({ status: 'success', ...changes });

	test('a minute after their date, if the last run began before', () => {
		expect(timeOf(inStep(enrollments(later(dayMs))), 'enrollments')).toBe(later(dayMs + 60_000));
		expect(timeOf(inStep(enrollments(later(-dayMs))), 'enrollments')).toBeUndefined();
	});

	test('at a date with an offset', () => {
		expect(timeOf(inStep(enrollments('2026-09-01T00:00:00+02:00')), 'enrollments')).toBe('2026-08-31T22:01:00.000Z');
	});

	test.each<[string, Partial<Profile>]>([
		['deferred without a date', enrollments(later(dayMs), true)],
		['of no files', { ...enrollments(later(dayMs)), acceptedRunId: '' as never, latestRunId: '' as never }],
		['of files that wait to be mended', { ...enrollments(later(dayMs)), status: 'validationError' }],
	])('but not those %s', (_, changes) => {
		expect(timeOf(inStep(changes), 'enrollments')).toBeUndefined();
	});
});

describe('somebody is told', () => {
	const expiring = (changes: Partial<Profile> = {}) => profile({ expirationDate: '2026-06-30', ...changes });

	test('14 days and a day before a profile expires, and when it does', () => {
		expect(timeOf(expiring(), 'expiryNotice')).toBe('2026-06-16T00:00:00.000Z');
		const told = { expiryNotice: '2026-06-16T00:00:05.000Z' };
		expect(timeOf(expiring({ told }), 'expiryNotice')).toBe('2026-06-29T00:00:00.000Z');
		expect(timeOf(expiring(), 'expiry')).toBe('2026-06-30T00:00:00.000Z');
		expect(timeOf(expiring({ told: { expiry: '2026-06-30T00:00:00.000Z' } }), 'expiry')).toBeUndefined();
	});

	test('once more of a later date', () => {
		const told = { expiryNotice: '2026-06-29T00:00:01.000Z', expiry: '2026-06-30T00:00:00.000Z' };
		const extended = expiring({ told, expirationDate: '2027-06-30' });
		expect(timeOf(extended, 'expiryNotice')).toBe('2027-06-16T00:00:00.000Z');
		expect(timeOf(extended, 'expiry')).toBe('2027-06-30T00:00:00.000Z');
	});

	test('by one at a time, and by another if that one has not come back', () => {
		const telling = { notice: 'expiry', at: '2026-06-30T00:00:30.000Z', until: '2026-06-30T00:10:30.000Z' } as const;
		expect(timeOf(expiring({ telling }), 'expiry')).toBe(telling.until);
		expect(timeOf(expiring({ telling, expirationDate: '2027-06-30' }), 'expiry')).toBe('2027-06-30T00:00:00.000Z');
	});

	test('of held removals after a day, three, a week, and then every week', () => {
		let held = failing({ status: 'quarantined', lastEnd: end({ isHolding: true }) });
		const days: number[] = [];
		for (let count = 0; count < 6; count++) {
			const at = timeOf(held, 'heldReminder') as string;
			days.push((Date.parse(at) - start) / dayMs);
			held = { ...held, told: { heldReminder: new Date(Date.parse(at) + 30_000).toISOString() } };
		}
		expect(days).toEqual([1, 3, 7, 14, 21, 28]);
		expect(timeOf({ ...held, status: 'success' }, 'heldReminder')).toBeUndefined();
	});

	test('of held removals once after a long silence', () => {
		const held = failing({ status: 'quarantined', lastEnd: end({ isHolding: true }) });
		const told = { heldReminder: later(45 * dayMs) };
		expect(timeOf({ ...held, told }, 'heldReminder')).toBe(later(49 * dayMs));
	});

	test('of held removals of a profile that an earlier version has quarantined', () => {
		const { lastEnd: _, ...older } = failing({ status: 'quarantined', lastActivityDateTime: later(0) });
		expect(timeOf(older, 'heldReminder')).toBe(later(dayMs));
	});
});

describe('what a crash may have left is looked after', () => {
	test('ten minutes after a profile came into a state that leads on', () => {
		expect(timeOf(profile({ state: 'provisioning', stateSince: later(0) }), 'provisioning')).toBe(later(600_000));
		expect(timeOf(profile({ state: 'deleting', stateSince: later(0) }), 'removal')).toBe(later(600_000));
		expect(planOf(profile())).toEqual([]);
	});

	test('a quarter of an hour or two after a run, or a claim, was last heard of', () => {
		const running = profile({ status: 'inProgress', latestRunId: runId });
		expect(timeOf(running, 'watch')).toBe(later(15 * 60_000));
		const claimed = profile({ claim: { runId: 'next', until: later(40_000) } });
		expect(timeOf(claimed, 'watch')).toBe(later(30 * 60_000));
	});
});

describe('uploads that waited for the calendar', () => {
	const calendar = { timeZone: 'UTC', windows: [{ from: '22:00', to: '05:00' }] };
	const waiting = (changes: Partial<Profile> = {}) =>
		profile({ calendar, waitingUploads: { setId: 'set', since: later(0) }, ...changes });

	test('start when it opens, or at once if it was taken away', () => {
		expect(timeOf(waiting(), 'uploads')).toBe('2026-03-02T22:00:00.000Z');
		const { calendar: _, ...open } = waiting();
		expect(timeOf(open, 'uploads')).toBe(later(0));
	});

	test.each<[string, boolean, Partial<Profile>]>([
		['removals are held', true, { status: 'quarantined', lastEnd: end({ isHolding: true }) }],
		['earlier files were refused', true, { status: 'validationError' }],
		['everything was stopped', false, { status: 'quarantined', lastEnd: end({ stopped: 'failedRuns' }) }],
		['the profile was paused', false, { pausedSince: later(1) }],
		['somebody started them', false, { verifiedRunId: newRunId(new Date(start + 1), 'b'.repeat(18)) }],
	])('although or because %s: %s', (_, isPlanned, changes) => {
		expect(timeOf(waiting(changes), 'uploads') !== undefined).toBe(isPlanned);
	});
});

describe('of any profile', () => {
	const instant = fc.integer({ min: -100, max: 100 }).map((hours) => later(hours * hourMs));
	const anyCalendar = fc.constantFrom(
		{ timeZone: 'Europe/Berlin', windows: [{ from: '22:00', to: '05:00' }] },
		{ timeZone: 'Asia/Kolkata', blackouts: [{ from: '2026-03-01', to: '2026-03-05' }] },
		undefined,
	);
	const anyProfile = fc
		.record({
			state: fc.constantFrom('provisioning', 'provisioned', 'provisioningFailed', 'deleting', 'deletionFailed'),
			status: fc.constantFrom('paused', 'inProgress', 'success', 'error', 'validationError', 'quarantined'),
			calendar: anyCalendar,
			expirationDate: fc.option(
				instant.map((iso) => iso.slice(0, 10)),
				{ nil: undefined },
			),
			pausedSince: fc.option(instant, { nil: undefined }),
			claim: fc.option(
				instant.map((until) => ({ runId: 'next', until })),
				{ nil: undefined },
			),
			lastEnd: fc.option(
				fc
					.record({ finishedDateTime: instant, retries: fc.nat(4), isHolding: fc.constantFrom(true, undefined) })
					.map((each) => end(each as Partial<RunEnd>)),
				{ nil: undefined },
			),
			waitingUploads: fc.option(
				instant.map((since) => ({ setId: 'set', since })),
				{ nil: undefined },
			),
			deferred: instant,
			told: fc.record({ expiryNotice: instant, expiry: instant, heldReminder: instant }),
		})
		.map(({ deferred, ...changes }): Profile => {
			const set = Object.entries({ ...changes, ...enrollments(deferred) }).filter(([, value]) => value !== undefined);
			return profile({ latestRunId: runId, acceptedRunId: runId, ...Object.fromEntries(set) });
		});

	test('the plan is in order, starts at most while the calendar is open, and never after expiry', () => {
		fc.assert(
			fc.property(anyProfile, (some) => {
				const plan = planOf(some);
				expect(plan.map(({ at }) => at.getTime())).toEqual(plan.map(({ at }) => at.getTime()).sort((a, b) => a - b));
				for (const { reason, at } of plan) {
					if (!['uploads', 'enrollments', 'retry'].includes(reason)) continue;
					if (some.calendar) expect(isOpen(some.calendar, at)).toBe(true);
					if (some.expirationDate) expect(at.toISOString().slice(0, 10) < some.expirationDate).toBe(true);
					expect([some.state, some.pausedSince, some.claim]).toEqual(['provisioned', undefined, undefined]);
				}
			}),
		);
	});

	test('somebody looks no later than the first thing is due, and finds it due then', () => {
		fc.assert(
			fc.property(anyProfile, (some) => {
				const look = nextLook(some);
				expect(look).toEqual(planOf(some)[0]?.at);
				if (!look) return;
				expect(dueBy(some, look)).toContain(planOf(some)[0]?.reason);
				expect(dueBy(some, new Date(look.getTime() - 1))).toEqual([]);
			}),
		);
	});

	test('what is late is due, or waits for the calendar, and is never forgotten', () => {
		fc.assert(
			fc.property(anyProfile, instant, (some, iso) => {
				const now = new Date(iso);
				const due = dueBy(some, now);
				for (const { reason, at } of planOf(some)) {
					if (at > now || due.includes(reason)) continue;
					expect(some.calendar && isOpen(some.calendar, now)).toBe(false);
					expect(nextLook(some, now)).toBeDefined();
				}
			}),
		);
	});

	test('clients are shown what changes what they see', () => {
		fc.assert(
			fc.property(anyProfile, instant, (some, iso) => {
				const shown = nextShown(some, new Date(iso));
				const isAny = planOf(some).some(({ reason }) => ['uploads', 'enrollments', 'retry', 'expiry'].includes(reason));
				expect(shown !== undefined).toBe(isAny);
			}),
		);
	});

	test('telling moves what is told, and nothing else', () => {
		fc.assert(
			fc.property(anyProfile, fc.constantFrom(...notices), (some, notice) => {
				const at = timeOf(some, notice);
				if (!at) return;
				const next = { ...some, told: { ...some.told, [notice]: at } };
				expect(timeOf(next, notice) === undefined || (timeOf(next, notice) as string) > at).toBe(true);
				const others = (of: Profile) => planOf(of).filter(({ reason }) => reason !== notice);
				expect(others(next)).toEqual(others(some));
			}),
		);
	});
});

test('a profile without anything to wait for asks for nothing', () => {
	expect(planOf(profile({ ...definition(), status: 'success', latestRunId: runId, acceptedRunId: runId }))).toEqual([]);
	expect(nextLook(profile())).toBeUndefined();
});
