import { describe, expect, test } from 'vitest';
import { defaultLimits, isTurnedOff, limitsOf } from '../../src/domain/safety.ts';

describe('the limits of a profile', () => {
	test('are the defaults, then what is said for all, then what is said for the kind', () => {
		expect(limitsOf(undefined, 'studentEnrollment')).toEqual(defaultLimits);
		const settings = { percent: 5, people: 9, studentEnrollment: { people: 3 }, teacherRoster: 'off' } as const;
		expect(limitsOf(settings, 'studentEnrollment')).toEqual({ ...defaultLimits, percent: 5, people: 3 });
		expect(limitsOf(settings, 'schoolStudent')).toEqual({ ...defaultLimits, percent: 5, people: 9 });
		expect(limitsOf(settings, 'teacherRoster')).toBe('off');
		expect(limitsOf('off', 'schoolTeacher')).toBe('off');
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
