import { SyncApiError } from '../../domain/errors.ts';
import { isBusy, isExpired } from '../../domain/lifecycle.ts';
import type { Profile } from '../../domain/profile.ts';
import { mayStartByItself } from '../../domain/refusal.ts';
import { isOpen } from '../../domain/schedule/calendar.ts';
import { isStopped } from '../../domain/schedule/due-work.ts';
import type { Clock, Orchestrations, ProfileRef } from '../../ports.ts';
import { changeProfile } from '../sync/profile-changes.ts';
import { filesOfSameUpload, type GatherDeps, lastDrop, withTaken } from './gather-uploads.ts';
import type { StartService } from './start-service.ts';
import { isComplete, maxUploadsListed, sortUploads, type UploadSet, uploadSetId } from './upload-names.ts';

export interface DropDeps extends GatherDeps {
	orchestrations: Orchestrations;
	starts: StartService;
	clock: Clock;
	/** How long uploads must rest before they count as complete. */
	quietMs: number;
	/** Whether uploads that have rested start a sync; otherwise only a client's `start` does. */
	isAutomatic: boolean;
}

/** `waitMs`: ask again then. Absent: there is nothing more to do for this set of uploads. */
export interface SettleResult {
	waitMs?: number;
}

export interface DropService {
	/** A file arrived in a container, perhaps not one of ours. */
	arrived(containerName: string): Promise<void>;
	/** Starts a sync with exactly this set of uploads, once it has rested; `waitedMs` says how long this was waited for already. */
	settle(ref: ProfileRef, setId: string, waitedMs?: number): Promise<SettleResult>;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Until a running sync or another verification may have ended: what has taken long will take longer. */
const busyWaitMs = (waitedMs: number) => Math.min(60_000, Math.max(5_000, waitedMs / 2));

export function dropService(deps: DropDeps): DropService {
	return {
		async arrived(containerName) {
			if (!deps.isAutomatic || !guid.test(containerName)) return;
			const tenantId = await deps.uploads.tenantOf(containerName);
			if (!tenantId) return;
			const ref: ProfileRef = { tenantId, profileId: containerName };
			const profile = (await deps.profiles.get(tenantId, containerName))?.profile;
			const set = profile && (await completeSet(deps, profile));
			// The event of the last file always finds all of them; an earlier one has nothing to do.
			if (set) await deps.orchestrations.settleUploads(ref, uploadSetId(set));
		},
		settle: (ref, setId, waitedMs = 0) => settle(deps, ref, { setId, waitedMs }),
	};
}

interface Settling {
	setId: string;
	waitedMs: number;
}

async function settle(deps: DropDeps, ref: ProfileRef, { setId, waitedMs }: Settling): Promise<SettleResult> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (profile?.state === 'provisioning') return { waitMs: busyWaitMs(waitedMs) };
	if (!profile || !mayStart(deps, profile)) return {};
	const set = await completeSet(deps, profile);
	// Files that were written or taken since have events, or a run, of their own.
	if (!set || uploadSetId(set) !== setId || !mayStartByItself(set.files, profile.refusal)) return {};
	// What this waited for has rested, whatever the clocks say: one that was set back makes uploads come from the future.
	const restedMs = Math.max(waitedMs, deps.clock.now().getTime() - newestWrite(set));
	if (restedMs < deps.quietMs) return { waitMs: Math.min(deps.quietMs, deps.quietMs - restedMs) };
	if (isBusy(profile, deps.clock.now())) return { waitMs: busyWaitMs(waitedMs) };
	if (profile.calendar && !isOpen(profile.calendar, deps.clock.now())) return waitForOpening(deps, ref, setId);
	try {
		await deps.starts.start(ref, { reason: 'drop', setId });
		return {};
	} catch (error) {
		if (error instanceof SyncApiError && error.code === 'Conflict') return { waitMs: busyWaitMs(waitedMs) };
		if (error instanceof SyncApiError && error.code !== 'ServiceUnavailable') return {};
		throw error;
	}
}

/** The profile says from now on that the set waits, and whoever looks after what is due settles it. */
async function waitForOpening(deps: DropDeps, ref: ProfileRef, setId: string): Promise<SettleResult> {
	const since = deps.clock.now().toISOString();
	await changeProfile(deps.profiles, ref, (profile) => ({ ...profile, waitingUploads: { setId, since } }));
	return {};
}

/** What was paused by a call, or stopped since syncs went wrong, waits for `resume`, which looks for uploads itself. */
function mayStart(deps: DropDeps, profile: Profile): boolean {
	const { state, pausedSince, dataProvider } = profile;
	const isThere = state === 'provisioned' && dataProvider.kind === 'csv';
	return isThere && pausedSince === undefined && !isStopped(profile) && !isExpired(profile, deps.clock.now());
}

/** All six files, with those that an automatic start took of the same upload; undefined if some are missing. */
async function completeSet(deps: DropDeps, profile: Profile): Promise<UploadSet | undefined> {
	const set = sortUploads(await deps.uploads.list(profile.id, maxUploadsListed));
	if (isComplete(set)) return set;
	if (set.files.size === 0) return undefined;
	const drop = await lastDrop(deps, profile);
	const whole = withTaken(set, drop ? filesOfSameUpload(set, drop, 'drop') : []);
	return isComplete(whole) ? whole : undefined;
}

function newestWrite(set: UploadSet): number {
	return Math.max(...[...set.files.values()].map(({ lastModified }) => lastModified.getTime()));
}
