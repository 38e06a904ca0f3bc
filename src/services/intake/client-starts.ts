import { SyncApiError } from '../../domain/errors.ts';
import { hasLiveClaim, requireLegal } from '../../domain/lifecycle.ts';
import type { Profile } from '../../domain/profile.ts';
import type { ProfileRef, RunRef } from '../../ports.ts';
import { goOnWithRun, type LaunchDeps } from '../runs/run-launch.ts';
import { getProfile } from '../sync/profile-changes.ts';
import { type Drop, type GatherDeps, hasFailed, lastDrop, newUploads } from './gather-uploads.ts';
import { readMessages } from './run-reports.ts';
import type { StartOptions, StartResult } from './start-service.ts';
import { maxUploadsListed, sortUploads, type UploadSet, uploadSetId } from './upload-names.ts';

type ClientStartDeps = LaunchDeps & GatherDeps;

const pollMs = 500;
/** Azure cuts an answer after 230 s, and a verification of our own may have to follow. */
const maxPolls = 240;

/**
 * The start that a client asks for. It never loses against the automatic one: where that has taken the client's files, this
 * answers as if it had started them itself, after waiting for the verification, or for a run that does not have the newest files.
 */
export async function startForClient(
	deps: ClientStartDeps,
	ref: ProfileRef,
	startUploads: (ref: ProfileRef, options: StartOptions) => Promise<StartResult>,
): Promise<StartResult> {
	for (let polls = 0; ; polls++) {
		const answer = await answerOfDrop(deps, ref);
		if (typeof answer === 'object') return answer;
		if (answer === 'startNow' || polls >= maxPolls) {
			try {
				return await startUploads(ref, { reason: 'start' });
			} catch (error) {
				const isConflict = error instanceof SyncApiError && error.code === 'Conflict';
				// Between the question and the claim the uploads may have come to rest.
				if (!isConflict || polls >= maxPolls || !(await isDropAtWork(deps, ref))) throw error;
			}
		}
		await deps.clock.sleep(pollMs);
	}
}

async function isDropAtWork(deps: ClientStartDeps, ref: ProfileRef): Promise<boolean> {
	const profile = await getProfile(deps.profiles, ref);
	if (profile.claim?.byDrop && hasLiveClaim(profile, deps.clock.now())) return true;
	const drop = await lastDrop(deps, profile);
	return drop !== undefined && drop.latest.outcome === undefined;
}

/** `startNow`: no automatic start stands in the way. `wait`: one does, for a while. */
async function answerOfDrop(deps: ClientStartDeps, ref: ProfileRef): Promise<StartResult | 'startNow' | 'wait'> {
	const profile = await getProfile(deps.profiles, ref);
	const now = deps.clock.now();
	const { claim: _, ...idle } = profile;
	requireLegal({ ...idle, status: 'paused' }, 'start', now);
	if (profile.dataProvider.kind !== 'csv') return 'startNow';
	if (hasLiveClaim(profile, now)) return profile.claim?.byDrop ? 'wait' : 'startNow';
	const set = sortUploads(await deps.uploads.list(ref.profileId, maxUploadsListed));
	const refusedRun = refusedByDrop(profile, set);
	if (refusedRun) return { accepted: false, messages: await readMessages(deps, refusedRun) };
	const drop = await lastDrop(deps, profile);
	return drop ? answerOf(deps, ref, { drop, set, isPaused: profile.pausedSince !== undefined }) : 'startNow';
}

/** The run, if an automatic start has refused just these files under just these settings. */
function refusedByDrop({ tenantId, id: profileId, status, refusal }: Profile, set: UploadSet): RunRef | undefined {
	const isSame = status === 'validationError' && refusal?.setId === uploadSetId(set) && !refusal.isOutdated;
	return isSame && refusal.byDrop ? { tenantId, profileId, runId: refusal.runId } : undefined;
}

async function answerOf(
	deps: ClientStartDeps,
	ref: ProfileRef,
	{ drop, set, isPaused }: { drop: Drop; set: UploadSet; isPaused: boolean },
): Promise<StartResult | 'startNow' | 'wait'> {
	const { latest } = drop;
	const isNewer = set.ambiguous.size > 0 || newUploads(set.files, drop.run.acceptedFiles).size > 0;
	const accepted = async () => {
		// Whoever starts a paused profile wants it to go on.
		if (isPaused || (await deps.orchestrations.syncState(ref)) === 'suspended') await goOnWithRun(deps, ref);
		return { accepted: true, messages: await readMessages(deps, { ...ref, runId: drop.run.id }) };
	};
	if (latest.outcome !== undefined) return isNewer || hasFailed(latest) ? 'startNow' : accepted();
	const state = await deps.orchestrations.syncState(ref);
	if (state === 'none') {
		// It ended between the two questions, or was lost in a crash.
		const read = await deps.runs.get(ref.profileId, latest.id);
		return read?.outcome === undefined ? 'startNow' : 'wait';
	}
	if (!isNewer) return accepted();
	return state === 'running' ? 'wait' : 'startNow';
}
