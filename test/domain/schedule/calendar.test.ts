import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Calendar, isOpen, nextOpening, type Weekday, weekdays } from '../../../src/domain/schedule/calendar.ts';

const at = (iso: string) => new Date(iso);
const opening = (calendar: Calendar, iso: string) => nextOpening(calendar, at(iso)).toISOString();

/** What the clocks of a zone show, told by another way than that of the code. */
function clockOf(timeZone: string) {
	const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
	const weekday = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'long' });
	return (time: number) => {
		const [date, clock] = format.format(time).split(' ') as [string, string];
		return { date, clock, day: weekday.format(time).toLowerCase() };
	};
}

/** Looks at a clock, minute by minute: slow, and easy to believe. */
function walkingOracle(calendar: Calendar) {
	const clock = clockOf(calendar.timeZone);
	const dayBefore = (day: string) => weekdays[(weekdays.indexOf(day as Weekday) + 6) % 7] as string;
	return (time: number): boolean => {
		const { date, clock: now, day } = clock(time);
		if (calendar.blackouts?.some(({ from, to }) => from <= date && date <= to)) return false;
		if (!calendar.windows) return true;
		return calendar.windows.some(({ days = weekdays, from, to }) => {
			const names: readonly string[] = days;
			if (from < to) return names.includes(day) && from <= now && now < to;
			return (names.includes(day) && from <= now) || (names.includes(dayBefore(day)) && now < to);
		});
	};
}

/** Where the clocks are put forward and back: whole hours, half an hour, at midnight, a whole day; and zones that stay. */
const changes: readonly (readonly [zone: string, ...instants: string[]])[] = [
	['Europe/Berlin', '2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'],
	['America/New_York', '2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z'],
	['America/St_Johns', '2026-03-08T05:30:00Z', '2026-11-01T04:30:00Z'],
	['Australia/Sydney', '2026-04-04T16:00:00Z', '2026-10-03T16:00:00Z'],
	['Australia/Lord_Howe', '2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z'],
	['America/Santiago', '2026-04-05T03:00:00Z', '2026-09-06T04:00:00Z'],
	['Pacific/Apia', '2011-12-30T10:00:00Z'],
	['Asia/Kolkata', '2026-03-29T01:00:00Z'],
	['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
	['Pacific/Kiritimati', '2026-06-01T00:00:00Z'],
	['UTC', '2026-06-01T00:00:00Z'],
];

const dayMs = 24 * 60 * 60 * 1000;
const minuteMs = 60_000;
const pad = (value: number) => String(value).padStart(2, '0');
const time = fc
	.integer({ min: 0, max: 24 * 4 - 1 })
	.map((quarter) => `${pad(Math.floor(quarter / 4))}:${pad((quarter % 4) * 15)}`);
const daily = fc
	.record({ days: fc.option(fc.subarray([...weekdays], { minLength: 1 }), { nil: undefined }), from: time, to: time })
	.filter(({ from, to }) => from !== to)
	.map(({ days, ...times }) => ({ ...times, ...(days ? { days } : {}) }));
const near = fc.constantFrom(
	...changes.flatMap(([timeZone, ...instants]) => instants.map((instant) => ({ timeZone, instant }))),
);

/** A calendar, and an instant within two days of a change of the clocks. */
const calendarNearChange = fc
	.record({
		near,
		minutes: fc.integer({ min: -2 * 24 * 60, max: 2 * 24 * 60 }),
		windows: fc.option(fc.array(daily, { minLength: 1, maxLength: 3 }), { nil: undefined }),
		blackouts: fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 2 })), { maxLength: 2 }),
	})
	.map(({ near: { timeZone, instant }, minutes, windows, blackouts }) => {
		const middle = Date.parse(instant);
		const date = (days: number) => new Date(middle + days * dayMs).toISOString().slice(0, 10);
		const calendar: Calendar = {
			timeZone,
			...(windows ? { windows } : {}),
			...(blackouts.length > 0
				? { blackouts: blackouts.map(([from, days]) => ({ from: date(from), to: date(from + days) })) }
				: {}),
		};
		return { calendar, instant: new Date(middle + minutes * minuteMs) };
	});

/** Windows open at full minutes, and every change of the clocks is at one. */
function walk(calendar: Calendar, from: Date): string {
	const isOpenAt = walkingOracle(calendar);
	if (isOpenAt(from.getTime())) return from.toISOString();
	for (let minute = Math.floor(from.getTime() / minuteMs) + 1; ; minute++)
		if (isOpenAt(minute * minuteMs)) return new Date(minute * minuteMs).toISOString();
}

describe('a calendar', () => {
	test('is open when a walk along the clock says so, wherever clocks are put forward or back', () => {
		fc.assert(
			fc.property(calendarNearChange, ({ calendar, instant }) => {
				expect(isOpen(calendar, instant)).toBe(walkingOracle(calendar)(instant.getTime()));
			}),
			{ numRuns: 2_000 },
		);
	});

	test('opens next at the minute at which a walk along the clock finds it open', () => {
		fc.assert(
			fc.property(calendarNearChange, fc.integer({ min: 0, max: minuteMs - 1 }), ({ calendar, instant }, odd) => {
				const from = new Date(instant.getTime() + odd);
				expect(nextOpening(calendar, from).toISOString()).toBe(walk(calendar, from));
			}),
			{ numRuns: 300 },
		);
	});

	test('without windows is open at any time but in blackouts', () => {
		const calendar: Calendar = { timeZone: 'Europe/Berlin', blackouts: [{ from: '2026-12-20', to: '2027-01-03' }] };
		expect(opening(calendar, '2026-12-19T22:59:59.999Z')).toBe('2026-12-19T22:59:59.999Z');
		expect(opening(calendar, '2026-12-19T23:00:00Z')).toBe('2027-01-03T23:00:00.000Z');
	});

	test('has windows that go on after midnight, and belong to the day on which they begin', () => {
		const calendar: Calendar = { timeZone: 'UTC', windows: [{ days: ['friday'], from: '22:00', to: '05:00' }] };
		expect(isOpen(calendar, at('2026-03-07T04:59:00Z'))).toBe(true);
		expect(isOpen(calendar, at('2026-03-07T05:00:00Z'))).toBe(false);
		expect(isOpen(calendar, at('2026-03-06T04:59:00Z'))).toBe(false);
		expect(opening(calendar, '2026-03-07T05:00:00Z')).toBe('2026-03-13T22:00:00.000Z');
	});

	test('may be open for whole days', () => {
		const calendar: Calendar = { timeZone: 'UTC', windows: [{ days: ['saturday'], from: '00:00', to: '24:00' }] };
		expect(opening(calendar, '2026-03-06T23:59:00Z')).toBe('2026-03-07T00:00:00.000Z');
		expect(isOpen(calendar, at('2026-03-07T23:59:59Z'))).toBe(true);
		expect(isOpen(calendar, at('2026-03-08T00:00:00Z'))).toBe(false);
	});

	test('opens where clocks jump into a window, and not at all on the day when they jump over it', () => {
		const begun: Calendar = { timeZone: 'Europe/Berlin', windows: [{ from: '02:30', to: '04:00' }] };
		expect(opening(begun, '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
		const missed: Calendar = { timeZone: 'Europe/Berlin', windows: [{ from: '02:15', to: '02:45' }] };
		expect(opening(missed, '2026-03-29T00:00:00Z')).toBe('2026-03-30T00:15:00.000Z');
	});

	test('is open twice where an hour comes twice', () => {
		const calendar: Calendar = { timeZone: 'Europe/Berlin', windows: [{ from: '02:15', to: '02:45' }] };
		expect(opening(calendar, '2026-10-25T00:00:00Z')).toBe('2026-10-25T00:15:00.000Z');
		expect(opening(calendar, '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:15:00.000Z');
	});

	test('finds the end of blackouts that follow one another for decades', () => {
		const years = Array.from({ length: 50 }, (_, at) => 2027 + at);
		const blackouts = years.map((year) => ({ from: `${year}-01-01`, to: `${year}-12-31` }));
		expect(opening({ timeZone: 'America/New_York', blackouts }, '2027-06-01T00:00:00Z')).toBe(
			'2077-01-01T05:00:00.000Z',
		);
	});
});
