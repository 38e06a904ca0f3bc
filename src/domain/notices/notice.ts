import { createHash } from 'node:crypto';
import type { RunFinished } from '../events.ts';
import type { Profile } from '../profile.ts';

/** What a profile's receiver may be told. Of the end of a run there is one notice, by the first of these names that fits. */
export const noticeTypes = ['run.refused', 'run.failed', 'run.held', 'run.finished', 'profile.expiring'] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** Where notices of a profile go. The secret that signs them is kept apart. */
export interface NotificationSettings {
	url: string;
	/** All, where this is absent. */
	events?: readonly NoticeType[];
}

/** A notice as it waits for its delivery. The body stays the same, however often it is sent. */
export interface Notice {
	/** The same for the same event, so that a receiver knows one that comes twice. */
	id: string;
	tenantId: string;
	profileId: string;
	type: NoticeType;
	body: string;
}

export function typeOfRun({ outcome, heldRemovals }: RunFinished): NoticeType {
	if (outcome === 'refused') return 'run.refused';
	if (outcome === 'failed') return 'run.failed';
	return heldRemovals > 0 ? 'run.held' : 'run.finished';
}

/** Ids, outcome and counts, and nothing that a school or a person wrote. */
export function noticeOfRun(event: RunFinished, link: string): Notice {
	const { tenantId, profileId, runId, trigger, outcome, startedDateTime, finishedDateTime } = event;
	const { tallies, directoryWrites, heldRemovals, errorCount } = event;
	const counts = { tallies, directoryWrites, heldRemovals, errorCount };
	const times = { startedDateTime, finishedDateTime };
	return noticeOf({ tenantId, profileId }, typeOfRun(event), {
		subject: runId,
		timestamp: finishedDateTime,
		data: { runId, reason: trigger, outcome, ...times, ...counts, link },
	});
}

/** Once for each date. */
export function noticeOfExpiry(
	{ tenantId, id: profileId, expirationDate = '' }: Profile,
	now: Date,
	link: string,
): Notice {
	return noticeOf({ tenantId, profileId }, 'profile.expiring', {
		subject: expirationDate,
		timestamp: now.toISOString(),
		data: { expirationDate, link },
	});
}

interface Content {
	/** What tells two notices of a profile apart. */
	subject: string;
	timestamp: string;
	data: object;
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function noticeOf(
	profile: { tenantId: string; profileId: string },
	type: NoticeType,
	{ subject, timestamp, data }: Content,
): Notice {
	const digest = createHash('sha256')
		.update(JSON.stringify([profile.profileId, type, subject]))
		.digest('hex');
	return {
		id: `msg_${digest.slice(0, 32)}`,
		...profile,
		type,
		body: JSON.stringify({ type, timestamp, data: { ...profile, ...data } }),
	};
}

export function isWanted({ events }: NotificationSettings, type: NoticeType): boolean {
	return events === undefined || events.includes(type);
}
