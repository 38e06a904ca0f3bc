import { apiErrors, OvertakenError, SyncApiError } from '../domain/errors.ts';
import { isBusy, requireLegal, resumeStep } from '../domain/lifecycle.ts';
import type { Profile } from '../domain/profile.ts';
import type { RunReason } from '../domain/run.ts';
import { isStopped } from '../domain/schedule/due-work.ts';
import type { RunEnd } from '../domain/schedule/run-end.ts';
import type { ProfileRef, RunRef } from '../ports.ts';
import { judgement, keepFindings, refuse, tellVerdict } from './intake/acceptance.ts';
import type { StartResult, StartService } from './intake/start-service.ts';
import { isComplete, maxUploadsListed, sortUploads } from './intake/upload-names.ts';
import { verifyAccepted } from './intake/verification.ts';
import {
	followPause,
	goOnWithRun,
	type LaunchDeps,
	launchRun,
	letGo,
	newRunRecord,
	nextRunId,
	terminateRun,
} from './runs/run-launch.ts';
import { type Claim, claimHolder } from './runs/start-claim.ts';
import { readHolds } from './sync/files/holds.ts';
import { historyFolder } from './sync/files/roster-paths.ts';
import { changeProfile, getProfile } from './sync/profile-changes.ts';

export type LifecycleDeps = LaunchDeps & { starts: StartService };

export interface LifecycleService {
	/** Steps under way finish, and nothing new begins until `resume`, a start or a reset. May be repeated. */
	pause(ref: ProfileRef): Promise<void>;
	/**
	 * Goes on with what was paused. After verification errors it syncs the rows without one, and answers what was found: files
	 * that cannot be read at all are not accepted. Of a profile that is neither, nothing happens.
	 */
	resume(ref: ProfileRef): Promise<StartResult | undefined>;
	/**
	 * Syncs the files of a run once more, and carries out what that one left out. Throws `SyncApiError`: 409 if it is not the latest run
	 * or holds nothing, 400 without an ETag, 412 if what it holds goes by another one.
	 */
	approveHolds(ref: RunRef, etag: string): Promise<void>;
	/** Leaves the directory as it is; the next sync of the same files holds the same again. Throws as `approveHolds`. */
	discardHolds(ref: RunRef, etag: string): Promise<void>;
	/** Syncs the last accepted files again, since it is time; if `isWanted` still says so once nobody else can start one. */
	syncAgain(ref: ProfileRef, isWanted: (profile: Profile) => boolean): Promise<void>;
	/** Ends the run, forgets errors and delta history, and syncs the last accepted files anew. The directory is left as it is. */
	reset(ref: ProfileRef): Promise<void>;
}

export function lifecycleService(deps: LifecycleDeps): LifecycleService {
	return {
		pause: (ref) => pause(deps, ref),
		resume: (ref) => resume(deps, ref),
		approveHolds: (ref, etag) => approveHolds(deps, ref, etag),
		discardHolds: (ref, etag) => discardHolds(deps, ref, etag),
		syncAgain: (ref, isWanted) => syncAgain(deps, ref, isWanted),
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
			// A pause that is just taking effect gives way; what somebody else makes ready is left to them.
			if (sync === 'running') await followPause(deps, ref);
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

async function approveHolds(deps: LifecycleDeps, { runId, ...ref }: RunRef, etag: string): Promise<void> {
	await withClaim(deps, ref, 'start', async (claim) => {
		await requireSeen(deps, { ...ref, runId }, { profile: claim.profile, etag, action: 'approve' });
		deps.events.happened({ name: 'holds.approved', ...ref, runId });
		await rerun(deps, { claim, reason: 'approval', approvedRunId: runId });
	});
}

async function discardHolds(deps: LifecycleDeps, { runId, ...ref }: RunRef, etag: string): Promise<void> {
	const before = await getProfile(deps.profiles, ref);
	await requireSeen(deps, { ...ref, runId }, { profile: before, etag, action: 'discard' });
	if (isDecided(before)) return;
	const run = await deps.runs.get(ref.profileId, runId);
	await changeProfile(deps.profiles, ref, (profile) => {
		if (isDecided(profile) || profile.latestRunId !== runId) return undefined;
		const [, ...rest] = profile.statusMessage.split('\r\n');
		const status = isStopped(profile) ? 'quarantined' : run?.outcome === 'success' ? 'success' : 'error';
		return { ...withoutHolds(profile), status, statusMessage: rest.join('\r\n') };
	});
	deps.events.happened({ name: 'holds.discarded', ...ref, runId });
}

/** Nothing is held any more, though the profile may be stopped. */
const isDecided = (profile: Profile) =>
	profile.status !== 'quarantined' || (isStopped(profile) && !profile.lastEnd?.isHolding);

function withoutHolds({ lastEnd, ...profile }: Profile): Profile {
	const { isHolding: _, ...end } = lastEnd ?? {};
	return lastEnd ? { ...profile, lastEnd: end as RunEnd } : profile;
}

/** Whoever decides has looked at just what is held now. */
async function requireSeen(
	deps: LifecycleDeps,
	run: RunRef,
	{ profile, etag, action }: { profile: Profile; etag: string; action: 'approve' | 'discard' },
): Promise<void> {
	const held = await readHolds(deps, run);
	const cannot = `Cannot ${action} what run "${run.runId}" holds`;
	if (held.holds.length === 0 || profile.latestRunId !== run.runId) {
		const why = held.holds.length === 0 ? 'it holds nothing' : 'it is not the latest of the profile';
		throw new SyncApiError('Conflict', `${cannot}: ${why}. List the runs of the profile.`);
	}
	if (etag === '')
		throw new SyncApiError(
			'BadRequest',
			`${cannot} without looking at it: send the ETag of its holds as the header If-Match.`,
		);
	if (etag !== '*' && etag !== held.etag)
		throw new SyncApiError(
			'PreconditionFailed',
			`${cannot}: it is something else than what If-Match names. List its holds again, and look at them.`,
		);
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

type HeldClaim = Claim & { run: RunRef; profile: Profile };

async function withClaim(
	deps: LifecycleDeps,
	ref: ProfileRef,
	action: 'start' | 'reset',
	work: (claim: HeldClaim) => Promise<void>,
): Promise<void> {
	const run: RunRef = { ...ref, runId: nextRunId(deps, await getProfile(deps.profiles, ref)) };
	const claim = claimHolder(deps, { run, action });
	const profile = await claim.take();
	try {
		await work({ ...claim, run, profile });
	} finally {
		// A run that was launched has let go of it already.
		await letGo(deps, claim, ref);
	}
}

/**
 * Syncs the last accepted files again, if there are any and they still pass: the settings may be others than when they were accepted.
 * Rows that were skipped then may be skipped now.
 */
async function rerun(
	deps: LifecycleDeps,
	{ claim, reason, approvedRunId }: { claim: HeldClaim; reason: RunReason; approvedRunId?: string },
): Promise<void> {
	const { run, profile } = claim;
	const source = profile.acceptedRunId && (await deps.runs.get(run.profileId, profile.acceptedRunId));
	if (!source) return;
	const { sourceRunId } = source;
	const files: RunRef = { ...run, runId: sourceRunId };
	const verdict = await verifyAccepted(deps, { profile, files, renew: claim.renew });
	const skipsFaultyRows = source.skipsFaultyRows === true;
	const approval = approvedRunId ? { approvedRunId } : {};
	const judged = judgement({ profile, verdict, skipsFaultyRows });
	const basis = { reason, sourceRunId, acceptedFiles: [], ...approval, ...judged };
	const record = newRunRecord(deps, run, basis);
	if (!tellVerdict(deps, record, verdict)) await refuse(deps, { claim, record, verdict });
	else {
		await keepFindings(deps, { claim, record, verdict });
		await launchRun(deps, { record, claim });
	}
}
