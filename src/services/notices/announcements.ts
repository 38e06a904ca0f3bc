import type { RunFinished } from '../../domain/events.ts';
import { isWanted, type Notice, noticeOfExpiry, noticeOfRun } from '../../domain/notices/notice.ts';
import type { Profile } from '../../domain/profile.ts';
import { isExpiring } from '../../domain/profile-counts.ts';
import type { Clock, NoticeQueue, ProfileRef, ProfileStore } from '../../ports.ts';

export interface AnnouncementDeps {
	profiles: ProfileStore;
	queue: NoticeQueue;
	clock: Clock;
	/** Where clients reach the API, without a slash at the end. */
	address: string;
}

const linkTo = (address: string, profileId: string, below = '') =>
	`${address}/beta/education/synchronizationProfiles/${profileId}${below}`;

/** Queues a notice of a run that ended, if the profile wants one. May be told again of the same run: it is queued once. */
export async function announceRun(deps: AnnouncementDeps, event: RunFinished): Promise<void> {
	const { tenantId, profileId, runId } = event;
	const profile = (await deps.profiles.get(tenantId, profileId))?.profile;
	if (profile) await queue(deps, profile, noticeOfRun(event, linkTo(deps.address, profileId, `/runs/${runId}`)));
}

/** Queues a notice that a profile will soon cease to sync; once for each date, however often it is told. */
export async function announceExpiry(deps: AnnouncementDeps, { tenantId, profileId }: ProfileRef): Promise<void> {
	const profile = (await deps.profiles.get(tenantId, profileId))?.profile;
	const now = deps.clock.now();
	if (profile && isExpiring(profile, now))
		await queue(deps, profile, noticeOfExpiry(profile, now, linkTo(deps.address, profileId)));
}

async function queue(deps: AnnouncementDeps, profile: Profile, notice: Notice): Promise<void> {
	const { notifications, noticeTrouble, state } = profile;
	if (!notifications || state === 'deleting' || noticeTrouble?.state === 'stopped') return;
	if (isWanted(notifications, notice.type)) await deps.queue.deliver(notice);
}
