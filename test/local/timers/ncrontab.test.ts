import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextOccurrence, parseSchedule } from '../../../src/local/timers/ncrontab.ts';

const next = (expression: string, after: string) =>
	nextOccurrence(parseSchedule(expression), new Date(after))?.toISOString();

describe('nextOccurrence()', () => {
	test.each([
		['0 */5 * * * *', '2026-03-01T10:02:30Z', '2026-03-01T10:05:00.000Z'],
		['*/5 * * * *', '2026-03-01T10:02:30Z', '2026-03-01T10:05:00.000Z'],
		['30 4 * * *', '2026-03-01T10:00:00Z', '2026-03-02T04:30:00.000Z'],
		['0 0 9-17 * * MON-FRI', '2026-03-06T17:00:00Z', '2026-03-09T09:00:00.000Z'],
		['0 0 0 1 JAN,Jul *', '2026-01-01T00:00:00Z', '2026-07-01T00:00:00.000Z'],
		['15,45 10/20 * * * *', '2026-03-01T10:50:45Z', '2026-03-01T11:10:15.000Z'],
		['0 0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
		['59 59 23 31 12 *', '2026-12-31T23:59:59Z', '2027-12-31T23:59:59.000Z'],
	])('of "%s" after %s is %s', (expression, after, expected) => {
		expect(next(expression, after)).toBe(expected);
	});

	test('demands the day and the day of week together', () => {
		expect(next('0 0 0 13 * FRI', '2026-03-14T00:00:00Z')).toBe('2026-11-13T00:00:00.000Z');
	});

	test('is undefined for a date that no year has', () => {
		expect(next('0 0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeUndefined();
	});

	test('is the first moment that fits: no second between fits as well', () => {
		const every = (max: number) => fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String));
		const start = fc.date({ min: new Date('2026-01-01'), max: new Date('2029-12-31'), noInvalidDate: true });
		fc.assert(
			fc.property(every(59), every(59), every(23), start, (second, minute, hour, after) => {
				const schedule = parseSchedule(`${second} ${minute} ${hour} * * *`);
				const fits = (date: Date) =>
					schedule.seconds.has(date.getUTCSeconds()) &&
					schedule.minutes.has(date.getUTCMinutes()) &&
					schedule.hours.has(date.getUTCHours());
				const candidate = new Date(Math.floor(after.getTime() / 1000) * 1000);
				do candidate.setTime(candidate.getTime() + 1000);
				while (!fits(candidate));
				expect(nextOccurrence(schedule, after)).toEqual(candidate);
			}),
			{ seed: 20_260_301, numRuns: 40 },
		);
	});
});

describe('parseSchedule()', () => {
	test.each(['* * *', '60 * * * * *', '0 0 0 0 * *', '0 0 0 * * 7', '5-3 * * * * *', '*/0 * * * * *', 'x * * * * *'])(
		'refuses "%s" and quotes it',
		(expression) => {
			expect(() => parseSchedule(expression)).toThrow(`Cannot read the schedule "${expression}"`);
		},
	);

	test('says of a TimeSpan where it would work', () => {
		expect(() => parseSchedule('24:00:00')).toThrow('Dedicated plans only');
	});
});
