import type { DateRange } from './schedule/calendar.ts';
import { type MembershipKind, membershipKinds } from './sync/sync-kinds.ts';

/** How much may be removed without anybody looking at it. */
export interface SafetyLimits {
	/** Of the memberships of a school, or of all; and at least so many people must lose one. */
	percent: number;
	people: number;
	/** Of a class that has at least so many members. */
	classPercent: number;
	classSize: number;
}

export const defaultLimits: SafetyLimits = { percent: 10, people: 20, classPercent: 50, classSize: 6 };

/** Only the word turns it off, so that no number does by mistake. */
export const safetyOff = 'off';
export type SafetyOff = typeof safetyOff;

/** What a profile says of it: for all memberships, and for single kinds beside that. */
export type SafetySettings =
	| SafetyOff
	| (Partial<SafetyLimits> &
			Readonly<Partial<Record<MembershipKind, Partial<SafetyLimits> | SafetyOff>>> & {
				/** The days, in UTC, on which one school year gives way to the next. */
				newSchoolYear?: DateRange;
			});

/** Whole years leave a school then, and the classes of those who leave empty. */
const newYearPercent = 50;
const anyShare = 100;

/** Those that count on a day. */
export function limitsOf(
	settings: SafetySettings | undefined,
	kind: MembershipKind,
	now: Date,
): SafetyLimits | SafetyOff {
	const limits = ownLimits(settings, kind);
	if (limits === safetyOff || settings === safetyOff || !isWithin(settings?.newSchoolYear, now)) return limits;
	return { ...limits, percent: Math.max(limits.percent, newYearPercent), classPercent: anyShare };
}

function ownLimits(settings: SafetySettings | undefined, kind: MembershipKind): SafetyLimits | SafetyOff {
	if (settings === safetyOff || settings?.[kind] === safetyOff) return safetyOff;
	const { percent, people, classPercent, classSize } = { ...defaultLimits, ...settings, ...settings?.[kind] };
	return { percent, people, classPercent, classSize };
}

function isWithin(days: DateRange | undefined, now: Date): boolean {
	const today = now.toISOString().slice(0, 10);
	return days !== undefined && days.from <= today && today <= days.to;
}

/** Whether some kind is not looked after any more that was before. */
export function isTurnedOff(before: SafetySettings | undefined, after: SafetySettings | undefined): boolean {
	return membershipKinds.some((kind) => ownLimits(before, kind) !== safetyOff && ownLimits(after, kind) === safetyOff);
}
