import { describe, expect, test } from 'vitest';
import { defaultLimits, isTurnedOff, limitsOf, type SafetySettings } from '../../src/domain/safety.ts';

const day = new Date('2026-08-01T00:00:00Z');

describe('the limits of a profile', () => {
	test('are the defaults, then what is said for all, then what is said for the kind', () => {
		expect(limitsOf(undefined, 'studentEnrollment', day)).toEqual(defaultLimits);
		const settings = { percent: 5, people: 9, studentEnrollment: { people: 3 }, teacherRoster: 'off' } as const;
		expect(limitsOf(settings, 'studentEnrollment', day)).toEqual({ ...defaultLimits, percent: 5, people: 3 });
		expect(limitsOf(settings, 'schoolStudent', day)).toEqual({ ...defaultLimits, percent: 5, people: 9 });
		expect(limitsOf(settings, 'teacherRoster', day)).toBe('off');
		expect(limitsOf('off', 'schoolTeacher', day)).toBe('off');
	});

	test('are wide on the days of a new school year, and only on those', () => {
		const newSchoolYear = { from: '2026-08-01', to: '2026-08-31' };
		const at = (text: string, settings: SafetySettings) => limitsOf(settings, 'studentEnrollment', new Date(text));
		const wide = { ...defaultLimits, percent: 50, classPercent: 100 };
		for (const text of ['2026-08-01T00:00:00Z', '2026-08-31T23:59:59.999Z'])
			expect(at(text, { newSchoolYear }), text).toEqual(wide);
		for (const text of ['2026-07-31T23:59:59.999Z', '2026-09-01T00:00:00Z'])
			expect(at(text, { newSchoolYear }), text).toEqual(defaultLimits);
		expect(at('2026-08-02T00:00:00Z', { newSchoolYear, percent: 70, people: 3 })).toEqual({
			...wide,
			percent: 70,
			people: 3,
		});
		expect(at('2026-08-02T00:00:00Z', { newSchoolYear, studentEnrollment: 'off' })).toBe('off');
	});

	test('are turned off where a kind had some before', () => {
		const one = { teacherRoster: 'off' } as const;
		expect([isTurnedOff(undefined, one), isTurnedOff(one, 'off')]).toEqual([true, true]);
		expect([isTurnedOff(one, one), isTurnedOff('off', one), isTurnedOff(one, undefined)]).toEqual([
			false,
			false,
			false,
		]);
	});
});
