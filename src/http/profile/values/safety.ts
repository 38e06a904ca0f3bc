import { z } from 'zod';
import { type SafetySettings, safetyOff } from '../../../domain/safety.ts';
import { type MembershipKind, membershipKinds } from '../../../domain/sync/sync-kinds.ts';
import { oncePerDirection } from '../../openapi/described-shapes.ts';
import { ruleOf } from '../profile-faults.ts';
import type { Setting } from '../property.ts';
import { shape, withoutAbsent } from '../schema-shapes.ts';
import { dateRange } from './date-range.ts';

/** Numbers that would hold nothing are no limits: whoever wants none writes "off". */
const share = numberWithin('0 to 99', { least: 0, most: 99 });
const people = wholeNumberWithin('1 to 1000', { least: 1, most: 1000 });
const members = wholeNumberWithin('1 to 100', { least: 1, most: 100 });

interface Bounds {
	least: number;
	most: number;
}

function numberWithin(words: string, { least, most }: Bounds) {
	const error = `must be a number from ${words}`;
	return z.number({ error }).min(least, error).max(most, error).optional();
}

function wholeNumberWithin(words: string, { least, most }: Bounds) {
	const error = `must be a whole number from ${words}`;
	return z.int({ error }).min(least, error).max(most, error).optional();
}

const limits = { percent: share, people, classPercent: share, classSize: members };

/** A union of a word and an object says only that none of them fits; this says what is wrong with the object. */
function offOr<T extends z.ZodType>(schema: T) {
	return z.unknown().transform((value, context): z.infer<T> | typeof safetyOff => {
		if (value === safetyOff) return safetyOff;
		const parsed = schema.safeParse(value, { reportInput: true, error: ruleOf });
		if (parsed.success) return parsed.data;
		for (const { path, message, input } of parsed.error.issues) {
			const words = path.length === 0 ? `must be an object with limits, or the word "${safetyOff}"` : message;
			context.issues.push({ code: 'custom', message: words, path, input });
		}
		return z.NEVER;
	});
}

const ofKind = offOr(shape(limits).transform(withoutAbsent));
const kinds = Object.fromEntries(membershipKinds.map((kind) => [kind, ofKind.optional()])) as Record<
	MembershipKind,
	z.ZodOptional<typeof ofKind>
>;

/** Long enough for any summer, and too short to be forgotten. */
const maxNewYearDays = 92;
const dayMs = 24 * 60 * 60 * 1000;

const newSchoolYear = dateRange
	.superRefine(({ from, to }, { addIssue }) => {
		if (Date.parse(to) - Date.parse(from) < maxNewYearDays * dayMs) return;
		const message = `must be within ${maxNewYearDays} days, the first one, "${from}", included`;
		addIssue({ code: 'custom', path: ['to'], input: to, message });
	})
	.optional();

const described = {
	limits: 'percent (0 to 99), people (1 to 1000), classPercent (0 to 99) and classSize (1 to 100)',
	kinds: membershipKinds.join(', '),
};

/** How much a run may remove without anybody looking at it. It is ours. */
export const safety = {
	whenAbsent: 'hidden',
	input: offOr(shape({ ...limits, ...kinds, newSchoolYear }).transform(withoutAbsent)) as z.ZodType<SafetySettings>,
	described: oncePerDirection(() =>
		z.unknown().meta({
			description: `An object with ${described.limits}, all optional; the same, or the word "off", for each of ${described.kinds}; and newSchoolYear, an object with the first and the last day (from, to) on which half of a school may leave; or the word "off".`,
		}),
	),
} satisfies Setting<SafetySettings>;
