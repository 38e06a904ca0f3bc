/** How far the clocks of time zones are from UTC. Whatever they do, `Intl` knows. */

const minuteMs = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
	const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
	formats.set(timeZone, format);
	return format;
}

/** A zone by its name, such as "Europe/Berlin" or "UTC"; an offset such as "+02:00" knows no daylight saving, and is none. */
export function isTimeZone(name: string): boolean {
	if (!/^[a-z]/i.test(name)) return false;
	try {
		formatOf(name);
		return true;
	} catch {
		return false;
	}
}

const offsetPattern = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** What is to be added to a time in UTC, in milliseconds, for what the clocks of the zone show. */
export function offsetAt(timeZone: string, time: number): number {
	const parts = formatOf(timeZone).formatToParts(time);
	const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
	const match = offsetPattern.exec(name);
	if (!match) throw new Error(`Cannot tell the offset of time zone "${timeZone}" from "${name}".`);
	const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] = match;
	const offset = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds) * 1000;
	return sign === '-' ? -offset : offset;
}

/** A stretch of time in which the clocks of a zone run evenly. */
export interface EvenTime {
	from: number;
	/** Not included. */
	to: number;
	offset: number;
}

/** Parts a stretch, at most a day long, where the clocks are put forward or back: that happens once a day at most. */
export function evenTimes(timeZone: string, from: number, to: number): readonly EvenTime[] {
	const offset = offsetAt(timeZone, from);
	const later = offsetAt(timeZone, to);
	if (offset === later) return [{ from, to, offset }];
	let [before, after] = [from, to];
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (offsetAt(timeZone, middle) === offset) before = middle;
		else after = middle;
	}
	return [
		{ from, to: after, offset },
		{ from: after, to, offset: later },
	];
}
