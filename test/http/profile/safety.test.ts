import { describe, expect, test } from 'vitest';
import { applyProfilePatch, readProfile } from '../../../src/http/profile/profile-body.ts';
import { definitionResource } from '../../../src/http/profile/profile-resource.ts';
import { refusal } from '../../support/requests/refusal.ts';
import { profileBody } from '../../support/rosters/profile-builder.ts';

const safetyOf = (safety: unknown) => readProfile(profileBody({ safety })).definition.safety;

describe('what a profile says of safety', () => {
	test('is hidden where nobody said anything', () => {
		const { definition } = readProfile(profileBody());
		expect(['safety' in definition, 'safety' in definitionResource(definition)]).toEqual([false, false]);
	});

	test.each([
		['off', 'off'],
		[{}, {}],
		[
			{ percent: 5, STUDENTENROLLMENT: 'off', teacherRoster: { classSize: 3 } },
			{ percent: 5, studentEnrollment: 'off', teacherRoster: { classSize: 3 } },
		],
		[{ people: null, percent: 0.5, unknown: 1 }, { percent: 0.5 }],
	])('is read, and shown as it was read: %j', (sent, kept) => {
		expect(safetyOf(sent)).toEqual(kept);
		expect(definitionResource(readProfile(profileBody({ safety: sent })).definition).safety).toEqual(kept);
	});

	test.each([
		['none', 'safety', 'must be an object with limits, or the word "off"'],
		[false, 'safety', 'must be an object with limits, or the word "off"'],
		[{ percent: 100 }, 'safety/percent', 'must be a number from 0 to 99'],
		[{ newSchoolYear: { from: '2026-08-01' } }, 'safety/newSchoolYear/to', 'must be a date such as "2026-12-20"'],
		[
			{ newSchoolYear: { from: '2026-08-02', to: '2026-08-01' } },
			'safety/newSchoolYear/to',
			'must not be before "from", which is "2026-08-02"',
		],
		[
			{ newSchoolYear: { from: '2026-01-01', to: '2026-12-31' } },
			'safety/newSchoolYear/to',
			'must be within 92 days, the first one, "2026-01-01", included',
		],
		[{ people: 5000 }, 'safety/people', 'must be a whole number from 1 to 1000'],
		[{ classSize: 2.5 }, 'safety/classSize', 'must be a whole number from 1 to 100'],
		[{ studentEnrollment: 0 }, 'safety/studentEnrollment', 'must be an object with limits, or the word "off"'],
		[{ schoolTeacher: { classPercent: '5' } }, 'safety/schoolTeacher/classPercent', 'must be a number from 0 to 99'],
	])('is refused with what is wrong: %j', (sent, target, rule) => {
		const { details } = refusal(() => safetyOf(sent)).extras;
		expect(details).toMatchObject([{ target, message: expect.stringContaining(`and it ${rule}.`) }]);
	});

	test('is changed limit by limit by PATCH, and cleared by null', () => {
		const { definition } = readProfile(profileBody({ safety: { percent: 5, studentEnrollment: 'off' } }));
		const patched = (safety: unknown) => applyProfilePatch(definition, { safety }).definition.safety;
		expect(patched({ people: 9, studentEnrollment: null })).toEqual({ percent: 5, people: 9 });
		expect(patched('off')).toBe('off');
		expect(patched(null)).toBeUndefined();
	});
});
