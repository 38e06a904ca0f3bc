import { apiErrors } from '../../domain/errors.ts';
import type { Actor } from '../../domain/events.ts';
import type { Profile } from '../../domain/profile.ts';
import type { Run } from '../../domain/run.ts';
import { newRunId } from '../../domain/run-id.ts';
import type { ProfileRef, RunRef, SyncRef } from '../../ports.ts';
import { removeIfDeleted } from '../sync/leftovers.ts';
import { changeProfile } from '../sync/profile-changes.ts';
import { saveEnd } from '../sync/run-end.ts';
import { shownState } from '../sync/steps/begin-run.ts';
import type { SyncDeps } from '../sync/sync-deps.ts';
import { closeLostRuns, closeRuns, openRuns } from './open-runs.ts';
import type { Claim, ClaimDeps } from './start-claim.ts';

export type LaunchDeps = SyncDeps &
	ClaimDeps & {
		randomHex: () => string;
		/** Who asks; absent where something happens by itself. */
		actor?: Actor;
	};

/** The run, with the delta history that the profile has now. */
const syncRefOf = (run: RunRef, { snapshotGeneration: generation }: Profile): SyncRef => ({
	...run,
	generation,
});

const busyState = {
	property: 'status',
	present: 'inProgress',
	wanted: 'idle. Wait until the running sync has finished',
} as const;

const endPollMs = 250;
const endPolls = 40;

/** The last step of a run shows its outcome a moment before its orchestration has ended. */
export async function untilEnded(deps: LaunchDeps, ref: ProfileRef): Promise<void> {
	// A dry run has nothing to lose, and gives way.
	if ((await openRuns(deps, ref))[0]?.isDryRun) return;
	for (let poll = 0; (await deps.orchestrations.syncState(ref)) === 'running'; poll++) {
		if (poll === endPolls) throw apiErrors.wrongState('start', ref.profileId, busyState);
		await deps.clock.sleep(endPollMs);
	}
}

/** The id of a run that comes after all that the profile knows of. */
export function nextRunId({ clock, randomHex }: Pick<LaunchDeps, 'clock' | 'randomHex'>, profile: Profile): string {
	const { latestRunId, acceptedRunId, verifiedRunId, dryRunId, claim } = profile;
	return newRunId(clock.now(), randomHex(), [latestRunId, acceptedRunId, verifiedRunId, dryRunId, claim?.runId]);
}

/** A run as it begins: what it syncs, and nothing done yet. */
export function newRunRecord(
	{ clock, actor }: Pick<LaunchDeps, 'clock' | 'actor'>,
	{ runId, tenantId, profileId }: RunRef,
	basis: Omit<Run, 'id' | 'tenantId' | 'profileId' | 'phase' | 'startedDateTime' | 'tallies' | 'directoryWrites'>,
): Run {
	return {
		id: runId,
		tenantId,
		profileId,
		phase: 'shard',
		startedDateTime: clock.now().toISOString(),
		tallies: {},
		directoryWrites: 0,
		...(actor ? { actorId: actor.id } : {}),
		...(actor?.appId ? { appId: actor.appId } : {}),
		...basis,
	};
}

/**
 * Hands a run over to its orchestration; a suspended one gives way. The claim must be held, and is let go. The profile shows the
 * run only once it has begun, so that a crash before leaves nothing that would wait for it.
 */
export async function launchRun(deps: LaunchDeps, { record, claim }: { record: Run; claim: Claim }): Promise<void> {
	const run: RunRef = { tenantId: record.tenantId, profileId: record.profileId, runId: record.id };
	try {
		await handOver(deps, { record, claim });
		// A courtesy to a client that asks at once: the run's first step does the same, and may have been faster.
		const shown = await changeProfile(deps.profiles, run, ({ claim: held, ...current }) =>
			held?.runId === run.runId ? { ...current, ...shownState(record) } : undefined,
		);
		// Somebody took the claim between its last change and the start: theirs is the run to come.
		if (shown?.claim && shown.latestRunId !== run.runId) throw apiErrors.changedMeanwhile('start', run.profileId);
		if (shown?.pausedSince && !record.isDryRun) await followPause(deps, run);
		const name = record.isDryRun ? 'dryRun.started' : 'run.started';
		deps.events.happened({ name, ...run, trigger: record.reason });
	} catch (error) {
		await closeUnlessEnded(deps, run);
		throw error;
	}
}

/** Nobody else would close the record; its orchestration, if it was started all the same, ends with its first step. */
async function closeUnlessEnded(deps: LaunchDeps, { profileId, runId }: RunRef): Promise<void> {
	const run = await deps.runs.get(profileId, runId);
	if (!run || run.outcome) return;
	await saveEnd(deps, { ...run, outcome: 'terminated', finishedDateTime: deps.clock.now().toISOString() });
}

/** Those whose claim was taken may start one more run each; it gives way. */
const handOverAttempts = 5;

async function handOver(deps: LaunchDeps, { record, claim }: { record: Run; claim: Claim }): Promise<void> {
	const run: RunRef = { tenantId: record.tenantId, profileId: record.profileId, runId: record.id };
	const takesUploads = record.acceptedFiles.length > 0;
	for (let attempt = 0; attempt < handOverAttempts; attempt++) {
		// First of all: whoever has lost the claim must not end the run of whoever has it.
		const profile = await claim.change((current) => (record.isDryRun ? current : begun(current, takesUploads)));
		await terminateRun(deps, run);
		await deps.runs.save(record);
		if (await deps.orchestrations.startSync(syncRefOf(run, profile))) return;
	}
	throw apiErrors.wrongState('start', run.profileId, busyState);
}

/** Whoever starts a paused profile wants it to go on; and files that are taken are refused no more. */
function begun({ pausedSince: _, refusal, ...profile }: Profile, takesUploads: boolean): Profile {
	return takesUploads || !refusal ? profile : { ...profile, refusal };
}

/** Throws `SyncApiError` (409) if a run stands still: whatever begins would take its place. */
export async function requireNoneSuspended(deps: LaunchDeps, ref: ProfileRef): Promise<void> {
	const [run] = await openRuns(deps, ref);
	if (run?.isDryRun || (await deps.orchestrations.syncState(ref)) !== 'suspended') return;
	throw apiErrors.wrongState('start a dry run of', ref.profileId, {
		property: 'status',
		present: 'paused',
		wanted: 'idle. A run is suspended: resume it, and try again when it has finished',
	});
}

/**
 * Lets go of the claim. What was written for a profile that was deleted meanwhile, perhaps after its data had been removed, is
 * removed too: nobody else would.
 */
export async function letGo(deps: LaunchDeps, claim: Claim, ref: ProfileRef): Promise<void> {
	await claim.release();
	await removeIfDeleted(deps, ref);
}

/**
 * Suspends or resumes the sync as the profile says. Repeated until both agree: a pause and a resume at the same moment, on two
 * instances, must leave neither a run that stands still and does not say so, nor one that goes on in a paused profile.
 */
export async function followPause(deps: LaunchDeps, ref: ProfileRef): Promise<void> {
	for (let attempt = 0; attempt < followAttempts; attempt++) {
		const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
		const wanted = profile?.pausedSince === undefined ? 'running' : 'suspended';
		const state = await deps.orchestrations.syncState(ref);
		if (!profile || state === 'none' || state === wanted) return;
		if (wanted === 'suspended') await deps.orchestrations.suspendSync(ref);
		else await deps.orchestrations.resumeSync(ref);
	}
}

/** More turns than two people take at once. */
const followAttempts = 10;

/** Lets a suspended run go on, and shows it again, whatever was refused while it stood still. */
export async function goOnWithRun(deps: LaunchDeps, ref: ProfileRef): Promise<void> {
	const [run] = await openRuns(deps, ref);
	await changeProfile(deps.profiles, ref, ({ pausedSince: _, ...profile }) => ({
		...profile,
		...(run ? shownState(run) : {}),
	}));
	await followPause(deps, ref);
}

/** Ends the run that is under way or suspended, and says so in its record. */
export async function terminateRun(deps: LaunchDeps, ref: ProfileRef): Promise<void> {
	if ((await deps.orchestrations.syncState(ref)) === 'none') return closeLostRuns(deps, ref);
	await deps.orchestrations.endSync(ref);
	await closeRuns(deps, ref, { outcome: 'terminated' });
}
