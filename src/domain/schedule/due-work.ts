import type { Profile } from '../profile.ts';
import { runStartTime } from '../run-id.ts';
import { isOpen, nextOpening } from './calendar.ts';

/**
 * What a profile will ask for by itself, and when: all of it follows from the profile, so that it can be worked out anew at any time.
 *
 * `provisioning`, `removal`: ask for it again, since an orchestration seems to be lost. `watch`: see whether a run, or what makes one
 * ready, was left by a crash. `uploads`: dropped files waited for the calendar. `enrollments`: the date until which they were
 * deferred has come. `retry`: what failed is tried again. The others are told: that the profile will expire, that it has, and that
 * removals still wait.
 */
export type DueReason = 'provisioning' | 'removal' | 'watch' | 'uploads' | 'enrollments' | 'retry' | Notice;

export const notices = ['expiryNotice', 'expiry', 'heldReminder'] as const;
/** What somebody is told, once each time. */
export type Notice = (typeof notices)[number];

export interface DueThing {
	reason: DueReason;
	at: Date;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Far longer than an orchestration takes that is not lost. */
const lostAfterMs = 10 * minuteMs;
/** Whoever looks after runs looks so often; a coarse grid, so that a run of some seconds needs one entry. */
const watchMs = 15 * minuteMs;
/** Clocks of instances may be so far apart; a run must not find a date that has not come yet. */
const clockMarginMs = minuteMs;
/** After a run whose records failed, after the second in a row, and so on. */
const retryHours = [6, 12, 24] as const;
const expiryNoticeDays = [14, 1] as const;
const reminderDays = [1, 3, 7] as const;
const weekMs = 7 * dayMs;

type Rule = (profile: Profile) => Date | undefined;

/** When each thing is due next; undefined: not at all. A provider that is asked for its roster every few hours becomes a rule here. */
const rules: Readonly<Record<DueReason, Rule>> = {
	provisioning: (profile) => (profile.state === 'provisioning' ? lostAt(profile) : undefined),
	removal: (profile) => (profile.state === 'deleting' ? lostAt(profile) : undefined),
	watch: watchAt,
	uploads: (profile) => (mayRunAlone(profile) ? opening(profile, waitingSince(profile)) : undefined),
	enrollments: (profile) => (isInStep(profile) ? opening(profile, enrollmentsAt(profile)) : undefined),
	retry: (profile) => (isInStep(profile) ? opening(profile, retryAt(profile)) : undefined),
	expiryNotice: (profile) => untold(profile, 'expiryNotice', expiryNotices(profile)),
	expiry: (profile) => untold(profile, 'expiry', expiryOf(profile)),
	heldReminder: (profile) => untold(profile, 'heldReminder', reminders(profile)),
};

const lostAt = ({ stateSince, createdDateTime }: Profile) =>
	new Date(Date.parse(stateSince ?? createdDateTime) + lostAfterMs);

function watchAt({ state, claim, status, latestRunId }: Profile): Date | undefined {
	if (state !== 'provisioned') return undefined;
	const begun = claim
		? Date.parse(claim.until)
		: status === 'inProgress' && latestRunId
			? runStart(latestRunId)
			: undefined;
	return begun === undefined ? undefined : new Date((Math.ceil(begun / watchMs) + 1) * watchMs);
}

const runStart = (runId: string) => runStartTime(runId).getTime();

/** Syncs went wrong so often, or so much, that nothing starts by itself any more. */
export function isStopped({ status, lastEnd }: Profile): boolean {
	return status === 'quarantined' && lastEnd?.stopped !== undefined;
}

/** Nobody has paused it, nothing is under way, and nothing has stopped it. */
function mayRunAlone(profile: Profile): boolean {
	const { state, claim, pausedSince, status } = profile;
	const isIdle = claim === undefined && pausedSince === undefined && status !== 'inProgress';
	return state === 'provisioned' && isIdle && !isStopped(profile);
}

/** The last files were synced, and nothing waits for somebody. */
const isInStep = (profile: Profile) =>
	mayRunAlone(profile) && profile.acceptedRunId !== undefined && ['success', 'error'].includes(profile.status);

/** Void once files were verified since, be it these or others. */
function waitingSince({ waitingUploads: waiting, verifiedRunId }: Profile): number | undefined {
	const since = waiting && Date.parse(waiting.since);
	return since !== undefined && (!verifiedRunId || runStart(verifiedRunId) <= since) ? since : undefined;
}

function enrollmentsAt({ dataProvider, latestRunId }: Profile): number | undefined {
	const { synchronizationStartDate: date, isSyncDeferred } = dataProvider.customizations.studentEnrollment ?? {};
	if (date === undefined || isSyncDeferred || !latestRunId) return undefined;
	const at = Date.parse(date) + clockMarginMs;
	return runStart(latestRunId) < at ? at : undefined;
}

function retryAt({ status, lastEnd, latestRunId }: Profile): number | undefined {
	if (status !== 'error' || !lastEnd?.isRetryable || lastEnd.runId !== latestRunId) return undefined;
	const hours = retryHours[Math.min(lastEnd.retries, retryHours.length - 1)] as number;
	return Date.parse(lastEnd.finishedDateTime) + hours * hourMs;
}

/** When a sync may begin that nobody asks for; never on or after the day on which the profile expires. */
function opening({ calendar, expirationDate }: Profile, from: number | undefined): Date | undefined {
	if (from === undefined) return undefined;
	const at = calendar ? nextOpening(calendar, new Date(from)) : new Date(from);
	return expirationDate !== undefined && at.getTime() >= Date.parse(expirationDate) ? undefined : at;
}

function expiryOf({ state, expirationDate }: Profile): readonly number[] {
	const isLeaving = state === 'deleting' || state === 'deletionFailed';
	return isLeaving || expirationDate === undefined ? [] : [Date.parse(expirationDate)];
}

const expiryNotices = (profile: Profile) =>
	expiryOf(profile).flatMap((at) => expiryNoticeDays.map((days) => at - days * dayMs));

/** After a day, three, a week, and then every week: as far as one is beyond what was told. */
function reminders(profile: Profile): readonly number[] {
	const { status, lastEnd, lastActivityDateTime, told } = profile;
	// Records of earlier versions do not say how the run ended: only what is held could quarantine then.
	const isHolding = status === 'quarantined' && (lastEnd === undefined || lastEnd.isHolding);
	const since = Date.parse(lastEnd?.finishedDateTime ?? lastActivityDateTime ?? '');
	if (!isHolding || Number.isNaN(since)) return [];
	const weeksTold = Math.max(1, Math.floor((toldUntil(told?.heldReminder) - since) / weekMs));
	return [...reminderDays.map((days) => since + days * dayMs), since + (weeksTold + 1) * weekMs];
}

const toldUntil = (told: string | undefined) => (told === undefined ? Number.NEGATIVE_INFINITY : Date.parse(told));

/** The first time that nobody was told of; while somebody is being told of it, when that is given up. */
function untold({ told, telling }: Profile, notice: Notice, times: readonly number[]): Date | undefined {
	const since = toldUntil(told?.[notice]);
	const next = times.filter((time) => time > since).sort((left, right) => left - right)[0];
	if (next === undefined) return undefined;
	const isTold = telling?.notice === notice && Date.parse(telling.at) >= next;
	return new Date(isTold ? Date.parse(telling.until) : next);
}

/** Everything that the profile asks for, the next thing first. What starts a sync waits for the calendar. */
export function planOf(profile: Profile): readonly DueThing[] {
	return (Object.entries(rules) as [DueReason, Rule][])
		.flatMap(([reason, rule]) => {
			const at = rule(profile);
			return at ? [{ reason, at }] : [];
		})
		.sort((left, right) => left.at.getTime() - right.at.getTime());
}

/** What is due by now. What starts a sync is not while the calendar is closed, however late it is. */
export function dueBy(profile: Profile, now: Date): readonly DueReason[] {
	const isClosed = profile.calendar !== undefined && !isOpen(profile.calendar, now);
	return planOf(profile)
		.filter(({ reason, at }) => at <= now && !(isClosed && isSync(reason)))
		.map(({ reason }) => reason);
}

/** When somebody should look at the profile again: not before `now`, as what is late must not wait for what comes. */
export function nextLook(profile: Profile, now?: Date): Date | undefined {
	const times = planOf(profile).map((thing) => (now ? notBefore(profile, thing, now) : thing.at));
	return times.sort((left, right) => left.getTime() - right.getTime())[0];
}

function notBefore({ calendar }: Profile, { reason, at }: DueThing, now: Date): Date {
	if (at > now) return at;
	return calendar && isSync(reason) ? nextOpening(calendar, now) : at;
}

const syncs: ReadonlySet<DueReason> = new Set(['uploads', 'enrollments', 'retry']);

const isSync = (reason: DueReason) => syncs.has(reason);

/** What clients are shown: what will change what they see. */
export const shownReasons = ['uploads', 'enrollments', 'retry', 'expiry'] as const;

/** What uploads wait for that have not started a sync, if there are any. */
export function waitingText(profile: Profile, now: Date): string | undefined {
	const waiting = planOf(profile).find(({ reason }) => reason === 'uploads');
	if (!waiting) return undefined;
	const time = `${notBefore(profile, waiting, now).toISOString().slice(0, 'YYYY-MM-DDTHH:mm:ss'.length)}Z`;
	return `The uploaded files wait for the calendar of the profile: their sync starts at ${time}. Call start, and it starts at once.`;
}

export function nextShown(profile: Profile, now: Date): DueThing | undefined {
	const shown: readonly DueReason[] = shownReasons;
	return planOf(profile)
		.filter(({ reason }) => shown.includes(reason))
		.map((thing) => ({ ...thing, at: notBefore(profile, thing, now) }))
		.sort((left, right) => left.at.getTime() - right.at.getTime())[0];
}
