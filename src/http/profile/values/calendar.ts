import { z } from 'zod';
import { type Calendar, minutesOf, type Weekday, weekdays } from '../../../domain/schedule/calendar.ts';
import { isTimeZone } from '../../../domain/schedule/time-zone.ts';
import { namedObject, oncePerDirection } from '../../openapi/described-shapes.ts';
import type { Setting } from '../property.ts';
import { name, optional, shape, withoutAbsent } from '../schema-shapes.ts';
import { dateRange } from './date-range.ts';

/** More than a school year has holidays, few enough to look at each in no time. */
const maxBlackouts = 50;
const maxWindows = 21;

const timeZone = name.refine(isTimeZone, {
	error: 'must be a time zone of the IANA database, such as "Europe/Berlin" or "America/New_York"',
	when: ({ value }) => typeof value === 'string' && value !== '',
});

const clockTime = (pattern: RegExp, example: string) =>
	z
		.string({ error: `must be a time such as ${example}` })
		.trim()
		.regex(pattern, `must be a time such as ${example}`);
const beginning = clockTime(/^([01]\d|2[0-3]):[0-5]\d$/, '"22:00"');
const end = clockTime(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, '"05:00", or "24:00" for the end of the day');

/** In any case. */
const weekday = z.preprocess(
	(value) => (typeof value === 'string' ? value.trim().toLowerCase() : value),
	z.enum(weekdays, { error: `must be one of ${weekdays.join(', ')}` }),
);

const nothing = 'must not be empty: leave it out';
const window = shape({
	days: optional(z.array(weekday).min(1, `${nothing} for every day`).max(weekdays.length)),
	from: beginning,
	to: end,
}).superRefine(({ from, to }, { addIssue }) => {
	if (minutesOf(from) !== minutesOf(to)) return;
	const message = `must be another time than "from". For whole days it is "00:00" to "24:00", or no windows at all`;
	addIssue({ code: 'custom', path: ['to'], input: to, message });
});

const sentCalendar = shape({
	timeZone,
	windows: optional(z.array(window).min(1, `${nothing} for any time of day`).max(maxWindows)),
	blackouts: optional(z.array(dateRange).max(maxBlackouts)),
}).transform(({ windows, ...others }) =>
	withoutAbsent<Calendar>({ ...others, windows: windows?.map((each) => withoutAbsent(each)) }),
);

const shownDays = (days: readonly Weekday[]) => weekdays.filter((day) => days.includes(day));

const described = oncePerDirection((direction) => {
	const time = z.string().meta({ examples: ['22:00'] });
	const day = z.string().meta({ format: 'date' });
	const windows = z
		.array(
			namedObject(
				{ direction, type: 'synchronizationWindow' },
				{ from: time, to: time.meta({ description: 'Earlier than `from`: of the next day.' }) },
				{ days: z.array(z.enum(weekdays)) },
			),
		)
		.meta({ description: 'When a sync may begin by itself. Absent: at any time of day.' });
	const blackouts = z
		.array(namedObject({ direction, type: 'synchronizationBlackout' }, { from: day, to: day }, {}))
		.meta({ description: 'Days on which none begins by itself, the last one included.' });
	return namedObject(
		{ direction, type: 'synchronizationCalendar' },
		{ timeZone: z.string().meta({ examples: ['Europe/Berlin'] }) },
		{ windows, blackouts },
	);
});

/** Ours. What may be left out is shown as what it means. */
export const calendar = {
	whenAbsent: 'hidden',
	input: sentCalendar,
	shown: (stored: Calendar | undefined) =>
		stored && {
			timeZone: stored.timeZone,
			windows: (stored.windows ?? wholeDay).map(({ days = weekdays, ...times }) => ({
				days: shownDays(days),
				...times,
			})),
			blackouts: stored.blackouts ?? [],
		},
	described,
	query: { timeZone: 'string' },
} as const satisfies Setting<Calendar | undefined>;

const wholeDay: NonNullable<Calendar['windows']> = [{ from: '00:00', to: '24:00' }];
