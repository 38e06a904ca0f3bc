/** A schedule of six fields, each the set of its allowed values. */
export interface Schedule {
	seconds: ReadonlySet<number>;
	minutes: ReadonlySet<number>;
	hours: ReadonlySet<number>;
	days: ReadonlySet<number>;
	months: ReadonlySet<number>;
	/** Sunday is 0. */
	weekdays: ReadonlySet<number>;
}

interface Field {
	key: keyof Schedule;
	label: string;
	min: number;
	max: number;
	names: readonly string[];
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
	{ key: 'seconds', label: 'second', min: 0, max: 59, names: [] },
	{ key: 'minutes', label: 'minute', min: 0, max: 59, names: [] },
	{ key: 'hours', label: 'hour', min: 0, max: 23, names: [] },
	{ key: 'days', label: 'day', min: 1, max: 31, names: [] },
	{ key: 'months', label: 'month', min: 1, max: 12, names: monthNames },
	{ key: 'weekdays', label: 'day of week', min: 0, max: 6, names: weekdayNames },
];

/**
 * Reads an NCRONTAB expression, `{second} {minute} {hour} {day} {month} {day of week}`; five fields get second 0
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions).
 */
export function parseSchedule(expression: string): Schedule {
	const texts = expression.trim().split(/\s+/);
	if (texts.length === 5) texts.unshift('0');
	if (texts.length !== fields.length) {
		const hint = /^\d+(?:\.\d+)?:\d\d/.test(expression) ? '; a TimeSpan works on Dedicated plans only' : '';
		throw new Error(`Cannot read the schedule "${expression}": it must have five or six fields${hint}`);
	}
	const sets = fields.map((field, index) => [field.key, parseField(texts[index] ?? '', field, expression)]);
	return Object.fromEntries(sets) as Schedule;
}

function parseField(text: string, field: Field, expression: string): Set<number> {
	const values = new Set<number>();
	for (const part of text.split(',')) {
		const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
		const bounds = readRange(range, step !== undefined, field);
		const size = Number(step ?? 1);
		if (!bounds || size < 1) {
			throw new Error(`Cannot read the schedule "${expression}": "${part}" is not a valid ${field.label}`);
		}
		for (let value = bounds.from; value <= bounds.to; value += size) values.add(value);
	}
	return values;
}

function readRange(text: string, stepped: boolean, field: Field): { from: number; to: number } | undefined {
	if (text === '*') return { from: field.min, to: field.max };
	const [first = '', last] = text.split('-', 2);
	const from = readValue(first, field);
	// "5/15" means from 5 to the end in steps of 15.
	const to = last === undefined ? (stepped ? field.max : from) : readValue(last, field);
	return from === undefined || to === undefined || from > to ? undefined : { from, to };
}

function readValue(text: string, { min, max, names }: Field): number | undefined {
	const named = names.indexOf(text.toLowerCase().slice(0, 3));
	if (named >= 0 && text.length >= 3) return named + min;
	const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	return value >= min && value <= max ? value : undefined;
}

/** Every date from now on repeats within this span: a 29 February on a given weekday can be 40 years away (2100 is no leap year). */
const maxDaysAhead = 41 * 366;
const dayMs = 86_400_000;

/** The first moment strictly after `after`, in UTC; day AND day of week must fit. `undefined`: never (30 February). */
export function nextOccurrence(schedule: Schedule, after: Date): Date | undefined {
	const earliest = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000);
	let midnight = Date.UTC(earliest.getUTCFullYear(), earliest.getUTCMonth(), earliest.getUTCDate());
	for (let day = 0; day <= maxDaysAhead; day += 1, midnight += dayMs) {
		if (!fitsDay(schedule, new Date(midnight))) continue;
		const fromSecond = Math.max(0, (earliest.getTime() - midnight) / 1000);
		const second = firstSecondOfDay(schedule, fromSecond);
		if (second !== undefined) return new Date(midnight + second * 1000);
	}
	return undefined;
}

function fitsDay({ days, months, weekdays }: Schedule, date: Date): boolean {
	return days.has(date.getUTCDate()) && months.has(date.getUTCMonth() + 1) && weekdays.has(date.getUTCDay());
}

function firstSecondOfDay({ hours, minutes, seconds }: Schedule, from: number): number | undefined {
	for (let hour = Math.floor(from / 3600); hour < 24; hour += 1) {
		if (!hours.has(hour)) continue;
		for (let minute = 0; minute < 60; minute += 1) {
			if (!minutes.has(minute) || hour * 3600 + minute * 60 + 59 < from) continue;
			for (let second = 0; second < 60; second += 1) {
				const ofDay = hour * 3600 + minute * 60 + second;
				if (seconds.has(second) && ofDay >= from) return ofDay;
			}
		}
	}
	return undefined;
}
