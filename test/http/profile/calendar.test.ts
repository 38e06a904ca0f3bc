import { describe, expect, test } from 'vitest';
import { applyProfilePatch, readProfile } from '../../../src/http/profile/profile-body.ts';
import { profileResource } from '../../../src/http/profile/profile-resource.ts';
import { refusal } from '../../support/requests/refusal.ts';
import { profile, profileBody } from '../../support/rosters/profile-builder.ts';

const view = { now: new Date('2026-03-02T10:00:00Z'), knowsAllEnumMembers: false };
const read = (calendar: unknown) => readProfile(profileBody({ calendar })).definition;
const faults = (calendar: unknown) =>
	refusal(() => read(calendar)).extras.details?.map(({ target, message }) => [target, message]);
const night = { from: '22:00', to: '05:00' };

describe('the calendar of a profile', () => {
	test('is kept as it was sent, in any case of names and days', () => {
		const sent = {
			TimeZone: 'Europe/Berlin',
			windows: [{ days: ['Friday', 'monday'], ...night }],
			blackouts: [{ from: '2026-12-20', to: '2027-01-03' }],
		};
		expect(read(sent).calendar).toEqual({
			timeZone: 'Europe/Berlin',
			windows: [{ days: ['friday', 'monday'], ...night }],
			blackouts: [{ from: '2026-12-20', to: '2027-01-03' }],
		});
	});

	test('shows what is left out as what it means, and means the same when that is sent back', () => {
		const stored = read({ timeZone: 'UTC' });
		expect(stored.calendar).toEqual({ timeZone: 'UTC' });
		const shown = profileResource({ ...profile(), ...stored }, view).calendar;
		expect(shown).toEqual({
			timeZone: 'UTC',
			windows: [
				{
					days: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
					from: '00:00',
					to: '24:00',
				},
			],
			blackouts: [],
		});
		expect(profileResource({ ...profile(), ...read(shown) }, view).calendar).toEqual(shown);
	});

	test('is nowhere where nobody set it, and can be taken away', () => {
		expect(profileResource(profile(), view)).not.toHaveProperty('calendar');
		expect(applyProfilePatch(read({ timeZone: 'UTC' }), { calendar: null }).definition).not.toHaveProperty('calendar');
	});

	test('is changed by PATCH member by member', () => {
		const current = read({ timeZone: 'UTC', windows: [night] });
		const patched = applyProfilePatch(current, { calendar: { timeZone: 'Asia/Kolkata' } }).definition;
		expect(patched.calendar).toMatchObject({ timeZone: 'Asia/Kolkata', windows: [night] });
		const always = applyProfilePatch(current, { calendar: { windows: null } }).definition;
		expect(always.calendar).not.toHaveProperty('windows');
	});

	test.each([
		[
			'an unknown zone',
			{ timeZone: 'Europe/Atlantis' },
			'timeZone',
			'is "Europe/Atlantis", and it must be a time zone',
		],
		['an offset', { timeZone: '+02:00' }, 'timeZone', 'must be a time zone of the IANA database'],
		['no zone', { windows: [night] }, 'timeZone', 'is missing, and it must be a text'],
		['no windows', { timeZone: 'UTC', windows: [] }, 'windows', 'must not be empty: leave it out for any time of day'],
		[
			'too many windows',
			{ timeZone: 'UTC', windows: Array(22).fill(night) },
			'windows',
			'must have at most 21 entries',
		],
		['no days', { timeZone: 'UTC', windows: [{ ...night, days: [] }] }, 'windows/0/days', 'leave it out for every day'],
		[
			'a strange day',
			{ timeZone: 'UTC', windows: [{ ...night, days: ['noday'] }] },
			'windows/0/days/0',
			'must be one of',
		],
		['no time', { timeZone: 'UTC', windows: [{ from: '22:00' }] }, 'windows/0/to', 'must be a time such as "05:00"'],
		['24:00 as beginning', { timeZone: 'UTC', windows: [{ from: '24:00', to: '05:00' }] }, 'windows/0/from', '"22:00"'],
		[
			'one time',
			{ timeZone: 'UTC', windows: [{ from: '05:00', to: '05:00' }] },
			'windows/0/to',
			'is "05:00", and it must be',
		],
		[
			'no date',
			{ timeZone: 'UTC', blackouts: [{ from: '2026-02-30', to: '2026-03-01' }] },
			'blackouts/0/from',
			'a date',
		],
		[
			'dates in disorder',
			{ timeZone: 'UTC', blackouts: [{ from: '2026-03-02', to: '2026-03-01' }] },
			'blackouts/0/to',
			'before',
		],
		[
			'too many blackouts',
			{ timeZone: 'UTC', blackouts: Array(51).fill({ from: '2026-01-01', to: '2026-01-01' }) },
			'blackouts',
			'50',
		],
	])('is refused with what is allowed: %s', (_, calendar, target, message) => {
		expect(faults(calendar)).toEqual([[`calendar/${target}`, expect.stringContaining(message)]]);
	});
});
