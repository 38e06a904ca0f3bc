import { z } from 'zod';
import { nextShown, shownReasons } from '../../../domain/schedule/due-work.ts';
import { namedObject, time } from '../../openapi/described-shapes.ts';
import type { ServiceProperty } from '../property.ts';

const nextDueShape = namedObject(
	{ direction: 'shown', type: 'synchronizationProfileNextDue' },
	{
		dateTime: time,
		reason: z.enum(shownReasons).meta({
			description:
				'`uploads` that wait for the calendar, deferred `enrollments`, a `retry` of what failed, or its `expiry`.',
		}),
	},
	{},
);

/** Ours: what the profile does next without being asked, if there is anything. */
export const nextDue = {
	whenAbsent: 'hidden',
	shownOf(profile, { now }) {
		const next = nextShown(profile, now);
		return next && { dateTime: next.at.toISOString(), reason: next.reason };
	},
	described: () => nextDueShape,
	query: { dateTime: 'dateTimeOffset', reason: 'string' },
} as const satisfies ServiceProperty;
