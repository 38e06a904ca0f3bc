import { SyncApiError } from '../domain/errors.ts';
import { isBusy, isExpired } from '../domain/lifecycle.ts';
import type { Profile } from '../domain/profile.ts';
import type { Clock, Orchestrations, ProfileRef, ProfileStore, UploadStore } from '../ports.ts';
import type { StartService } from './start-service.ts';
import { isComplete, maxUploadsListed, sortUploads, type UploadSet, uploadSetId } from './upload-names.ts';

export interface DropDeps {
	profiles: ProfileStore;
	uploads: UploadStore;
	orchestrations: Orchestrations;
	starts: StartService;
	clock: Clock;
	/** How long uploads must rest before they count as complete. */
	quietMs: number;
}

/** `waitMs`: ask again then. Absent: there is nothing more to do for this set of uploads. */
export interface SettleResult {
	waitMs?: number;
}

export interface DropService {
	/** A file arrived in a container, perhaps not one of ours. */
	arrived(containerName: string): Promise<void>;
	/** Starts a sync with exactly this set of uploads, once it has rested. */
	settle(ref: ProfileRef, setId: string): Promise<SettleResult>;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Until a running sync or another verification may have ended. */
const busyWaitMs = 5_000;

export function dropService(deps: DropDeps): DropService {
	return {
		async arrived(containerName) {
			if (!guid.test(containerName)) return;
			const tenantId = await deps.uploads.tenantOf(containerName);
			if (!tenantId) return;
			const ref: ProfileRef = { tenantId, profileId: containerName };
			const set = await currentSet(deps, ref);
			// The event of the last file always finds all six; an earlier one has nothing to do.
			if (isComplete(set)) await deps.orchestrations.settleUploads(ref, uploadSetId(set));
		},
		settle: (ref, setId) => settle(deps, ref, setId),
	};
}

async function settle(deps: DropDeps, ref: ProfileRef, setId: string): Promise<SettleResult> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (profile?.state === 'provisioning') return { waitMs: busyWaitMs };
	if (!profile || !mayStart(deps, profile) || profile.refusedSet === setId) return {};
	const set = await currentSet(deps, ref);
	// Files that were written or taken since have events, or a run, of their own.
	if (!isComplete(set) || uploadSetId(set) !== setId) return {};
	const restedMs = deps.clock.now().getTime() - newestWrite(set);
	if (restedMs < deps.quietMs) return { waitMs: deps.quietMs - restedMs };
	if (isBusy(profile, deps.clock.now())) return { waitMs: busyWaitMs };
	try {
		await deps.starts.start(ref, { reason: 'drop' });
		return {};
	} catch (error) {
		if (error instanceof SyncApiError && error.code === 'Conflict') return { waitMs: busyWaitMs };
		if (error instanceof SyncApiError) return {};
		throw error;
	}
}

/** What was paused by a call waits for `resume`, which looks for uploads itself. */
function mayStart(deps: DropDeps, profile: Profile): boolean {
	const { state, pausedSince, dataProvider } = profile;
	const isOpen = state === 'provisioned' && pausedSince === undefined && dataProvider.kind === 'csv';
	return isOpen && !isExpired(profile, deps.clock.now());
}

async function currentSet(deps: DropDeps, ref: ProfileRef): Promise<UploadSet> {
	return sortUploads(await deps.uploads.list(ref.profileId, maxUploadsListed));
}

function newestWrite(set: UploadSet): number {
	return Math.max(...[...set.files.values()].map(({ lastModified }) => lastModified.getTime()));
}
