import { evenTimes, offsetAt } from './time-zone.ts';

/** When a sync may begin by itself, by the clocks of the district. */
export interface Calendar {
	/** An IANA name, such as "Europe/Berlin". */
	timeZone: string;
	/** Absent: at any time of day. */
	windows?: readonly DailyWindow[];
	/** Days on which none begins, whatever the windows say. */
	blackouts?: readonly DateRange[];
}

/** Times are `HH:mm`. A window that ends before it begins goes on into the next day. */
export interface DailyWindow {
	/** Those on which it begins; absent: every day. */
	days?: readonly Weekday[];
	from: string;
	/** Not included; "24:00" is the end of the day. */
	to: string;
}

/** Dates are `YYYY-MM-DD`, both included. */
export interface DateRange {
	from: string;
	to: string;
}

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof weekdays)[number];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export function isOpen(calendar: Calendar, instant: Date): boolean {
	const time = instant.getTime();
	return isOpenLocally(calendar, time + offsetAt(calendar.timeZone, time));
}

/** The instant itself, or the first one after it, at which the calendar is open. */
export function nextOpening(calendar: Calendar, instant: Date): Date {
	let from = instant.getTime();
	for (;;) {
		for (const { from: start, to, offset } of evenTimes(calendar.timeZone, from, from + dayMs)) {
			const opening = firstOpening(calendar, start + offset, to + offset);
			if (opening !== undefined) return new Date(opening - offset);
		}
		from = afterBlackout(calendar, from + dayMs);
	}
}

/** Spares the days of a long blackout: the instant itself, or a later one before which all is closed. */
function afterBlackout({ timeZone, blackouts = [] }: Calendar, time: number): number {
	const today = dateOf(time + offsetAt(timeZone, time));
	const ends = blackouts.filter(({ from, to }) => from <= today && today <= to).map(({ to }) => Date.parse(to));
	// The last day ends at least so long after it began anywhere.
	return Math.max(time, ...ends.map((lastDay) => lastDay + dayMs - furthestEastMs));
}

/** No zone is further ahead of UTC. */
const furthestEastMs = 15 * hourMs;

/**
 * What follows counts in local time: what the clocks show, as if it were UTC. In even time a calendar opens at the beginning of a
 * day, as a blackout ends, or where a window begins.
 */
function firstOpening(calendar: Calendar, from: number, to: number): number | undefined {
	const begins = [0, ...(calendar.windows ?? []).map((window) => minutesOf(window.from))];
	const candidates = [from];
	for (let midnight = midnightOf(from); midnight < to; midnight += dayMs)
		candidates.push(...begins.map((minutes) => midnight + minutes * minuteMs));
	return candidates
		.filter((time) => from <= time && time < to)
		.sort((left, right) => left - right)
		.find((time) => isOpenLocally(calendar, time));
}

function isOpenLocally({ windows, blackouts = [] }: Calendar, time: number): boolean {
	const date = dateOf(time);
	if (blackouts.some(({ from, to }) => from <= date && date <= to)) return false;
	return windows === undefined || windows.some((window) => isWithin(window, time));
}

function isWithin({ days = weekdays, from, to }: DailyWindow, time: number): boolean {
	const minutes = Math.floor((time - midnightOf(time)) / minuteMs);
	const [begin, end] = [minutesOf(from), minutesOf(to)];
	const beginsOn = (day: number) => days.includes(weekdays[new Date(day).getUTCDay()] as Weekday);
	if (begin < end) return begin <= minutes && minutes < end && beginsOn(time);
	return (begin <= minutes && beginsOn(time)) || (minutes < end && beginsOn(time - dayMs));
}

/** Of `HH:mm`. */
export function minutesOf(time: string): number {
	return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

const midnightOf = (time: number) => Math.floor(time / dayMs) * dayMs;
const dateOf = (time: number) => new Date(time).toISOString().slice(0, 'YYYY-MM-DD'.length);
