import { apiErrors, OvertakenError, SyncApiError } from '../domain/errors.ts';
import { isBusy, requireLegal, resumeStep } from '../domain/lifecycle.ts';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRef, RunRef } from '../ports.ts';
import { approveHolds, discardHolds, type HoldDecision } from './holds.ts';
import type { StartResult, StartService } from './intake/start-service.ts';
import { isComplete, maxUploadsListed, sortUploads } from './intake/upload-names.ts';
import { rerun, withClaim } from './reruns.ts';
import { followPause, goOnWithRun, type LaunchDeps, terminateRun } from './runs/run-launch.ts';
import { historyFolder } from './sync/files/roster-paths.ts';
import { changeProfile, getProfile } from './sync/profile-changes.ts';
import { undoRun } from './undo.ts';

export type LifecycleDeps = LaunchDeps & { starts: StartService; undoDays: number };

export interface LifecycleService {
	/** Steps under way finish, and nothing new begins until `resume`, a start or a reset. May be repeated. */
	pause(ref: ProfileRef): Promise<void>;
	/**
	 * Goes on with what was paused. After verification errors it syncs the rows without one, and answers what was found: files
	 * that cannot be read at all are not accepted. Of a profile that is neither, nothing happens.
	 */
	resume(ref: ProfileRef): Promise<StartResult | undefined>;
	/**
	 * Syncs the files of a run once more, and carries out what that one left out, or one hold of it; the rest stays held. Throws
	 * `SyncApiError`: 409 if it is not the latest run, holds nothing or was discarded, 404 for an unknown hold, 400 without an ETag, 412 if what
	 * it holds goes by another one.
	 */
	approveHolds(decision: HoldDecision): Promise<void>;
	/** Leaves the directory as it is; the next sync of the same files holds the same again. Throws as `approveHolds`. */
	discardHolds(decision: HoldDecision): Promise<void>;
	/** Syncs the last accepted files again, since it is time; if `isWanted` still says so once nobody else can start one. */
	syncAgain(ref: ProfileRef, isWanted: (profile: Profile) => boolean): Promise<void>;
	/**
	 * Undoes what the latest run did. Without an ETag it only plans that, and answers the dry run whose plan is to be looked at; with the ETag
	 * of that plan it carries it out, and answers the run. Throws `SyncApiError`: 404, 409 if it cannot be undone, 412 if the plan is another.
	 */
	undo(run: RunRef, etag?: string): Promise<{ runId: string }>;
	/** Ends the run, forgets errors and delta history, and syncs the last accepted files anew. The directory is left as it is. */
	reset(ref: ProfileRef): Promise<void>;
}

export function lifecycleService(deps: LifecycleDeps): LifecycleService {
	return {
		pause: (ref) => pause(deps, ref),
		resume: (ref) => resume(deps, ref),
		approveHolds: (decision) => approveHolds(deps, decision),
		discardHolds: (decision) => discardHolds(deps, decision),
		syncAgain: (ref, isWanted) => syncAgain(deps, ref, isWanted),
		undo: (run, etag) => undoRun(deps, run, etag),
		reset: (ref) => reset(deps, ref),
	};
}

async function pause(deps: LifecycleDeps, ref: ProfileRef): Promise<void> {
	const now = deps.clock.now();
	// Without its claim a verification stops after the chunk that it is at; the files stay.
	const profile = await changeProfile(deps.profiles, ref, ({ claim: _, ...current }) => {
		requireLegal(current, 'pause', now);
		return { ...current, pausedSince: current.pausedSince ?? now.toISOString() };
	});
	if (!profile) throw apiErrors.profileNotFound(ref.profileId);
	deps.events.happened({ name: 'profile.paused', ...ref });
	await followPause(deps, ref);
}

async function resume(deps: LifecycleDeps, ref: ProfileRef): Promise<StartResult | undefined> {
	let before = await getProfile(deps.profiles, ref);
	const profile = await changeProfile(deps.profiles, ref, (current) => {
		requireLegal(current, 'resume', deps.clock.now());
		before = current;
		const { pausedSince: _, ...resumed } = current;
		return resumed;
	});
	if (!profile) throw apiErrors.profileNotFound(ref.profileId);
	const sync = await deps.orchestrations.syncState(ref);
	switch (resumeStep(before, sync, deps.clock.now())) {
		case 'nothing':
			// A pause that is just taking effect gives way. So does one that took effect: whoever makes another run ready ends this one
			// first, and may have died before.
			if (sync !== 'none') await followPause(deps, ref);
			return undefined;
		case 'runOn':
			deps.events.happened({ name: 'profile.resumed', ...ref });
			await goOnWithRun(deps, ref);
			return undefined;
		case 'skipFaulty':
			deps.events.happened({ name: 'profile.resumed', ...ref });
			return unlessOthersAct(deps, ref, () => deps.starts.start(ref, { reason: 'resume', skipsFaultyRows: true }));
		case 'startAnew':
			deps.events.happened({ name: 'profile.resumed', ...ref });
			await unlessOthersAct(deps, ref, () => syncWhatIsThere(deps, profile));
			return undefined;
	}
}

/** A resume that another request got ahead of has nothing left to do: that one goes on, or has paused the profile again. */
async function unlessOthersAct<T>(
	deps: LifecycleDeps,
	ref: ProfileRef,
	work: () => Promise<T>,
): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof OvertakenError) return undefined;
		if (!(error instanceof SyncApiError && error.code === 'Conflict')) throw error;
		const profile = await getProfile(deps.profiles, ref);
		if (profile.pausedSince === undefined && !isBusy(profile, deps.clock.now())) throw error;
		return undefined;
	}
}

/** Complete uploads come first; without them the last accepted files; a profile that never had any goes on waiting. */
async function syncWhatIsThere(
	deps: LifecycleDeps,
	{ tenantId, id: profileId, acceptedRunId }: Profile,
): Promise<void> {
	const ref: ProfileRef = { tenantId, profileId };
	const set = sortUploads(await deps.uploads.list(profileId, maxUploadsListed));
	if (isComplete(set)) await deps.starts.start(ref, { reason: 'resume' });
	else if (acceptedRunId) await withClaim(deps, ref, 'start', (claim) => rerun(deps, { claim, reason: 'resume' }));
}

async function syncAgain(deps: LifecycleDeps, ref: ProfileRef, isWanted: (profile: Profile) => boolean): Promise<void> {
	await withClaim(deps, ref, 'start', async (claim) => {
		const { claim: _, ...profile } = claim.profile;
		if (isWanted(profile)) await rerun(deps, { claim, reason: 'schedule' });
	});
}

async function reset(deps: LifecycleDeps, ref: ProfileRef): Promise<void> {
	let isReset = false;
	try {
		await withClaim(deps, ref, 'reset', async (claim) => {
			// Before anything is ended: whoever loses the claim here has changed nothing.
			await claim.change(({ latestRunId: _, pausedSince: __, lastEnd: ___, ...profile }) => ({
				...profile,
				status: 'paused',
				statusMessage: '',
				errorCount: 0,
				snapshotGeneration: claim.run.runId,
			}));
			isReset = true;
			deps.events.happened({ name: 'profile.reset', ...ref });
			await terminateRun(deps, ref);
			await deps.errors.deleteAll(ref.profileId);
			// In-flight steps of the ended run may still write; they write what nobody will read.
			await deps.rosters.deleteAll(historyFolder(ref.profileId));
			await rerun(deps, { claim, reason: 'reset' });
		});
	} catch (error) {
		// It was paused in the middle: all is reset, and the resume will sync anew.
		if (!isReset || (await getProfile(deps.profiles, ref)).pausedSince === undefined) throw error;
	}
}
