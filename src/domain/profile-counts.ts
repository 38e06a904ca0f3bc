import { effectiveStatus, isExpired } from './lifecycle.ts';
import { type Profile, type SyncStatus, syncStatuses } from './profile.ts';

/** How the profiles of a deployment stand; those that are being deleted apart. */
export interface ProfileCounts {
	byStatus: Readonly<Record<SyncStatus, number>>;
	/** Will cease to sync within `expiryNoticeDays`. */
	expiring: number;
	/** Have synced before, and not for `overdueDays`, though nobody has paused them. */
	overdue: number;
}

const expiryNoticeDays = 14;
const overdueDays = 2;

const dayMs = 24 * 60 * 60 * 1000;

/** `now` as the moment at which they stand so. */
export function countProfiles(profiles: readonly Profile[], now: Date): ProfileCounts {
	const byStatus = Object.fromEntries(syncStatuses.map((status) => [status, 0])) as Record<SyncStatus, number>;
	const kept = profiles.filter(({ state }) => state !== 'deleting');
	for (const profile of kept) byStatus[effectiveStatus(profile, now)]++;
	return {
		byStatus,
		expiring: kept.filter((profile) => isExpiring(profile, now)).length,
		overdue: kept.filter((profile) => isOverdue(profile, now)).length,
	};
}

/** Will cease to sync within `expiryNoticeDays`. */
export function isExpiring(profile: Profile, now: Date): boolean {
	return !isExpired(profile, now) && isExpired(profile, new Date(now.getTime() + expiryNoticeDays * dayMs));
}

function isOverdue(profile: Profile, now: Date): boolean {
	const { lastSynchronizationDateTime: last, pausedSince } = profile;
	if (last === undefined || pausedSince !== undefined || isExpired(profile, now)) return false;
	return now.getTime() - Date.parse(last) > overdueDays * dayMs;
}

export function addCounts(left: ProfileCounts, right: ProfileCounts): ProfileCounts {
	const byStatus = { ...left.byStatus };
	for (const status of syncStatuses) byStatus[status] += right.byStatus[status];
	return { byStatus, expiring: left.expiring + right.expiring, overdue: left.overdue + right.overdue };
}
