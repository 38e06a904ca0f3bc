import { hasLiveClaim } from '../../domain/lifecycle.ts';
import type { ProfileRef, RunRef } from '../../ports.ts';
import { changeProfile } from '../sync/profile-changes.ts';
import type { EndedRun } from '../sync/run-end.ts';
import { closeLostRuns, cutShort } from './open-runs.ts';
import { followPause, type LaunchDeps } from './run-launch.ts';

/**
 * What a crash left of a run, or of what made one ready, is brought to an end: nobody else would before the next start. A pause that
 * did not get through is carried out. Harmless where nothing was left.
 */
export async function healRun(deps: LaunchDeps, ref: ProfileRef): Promise<void> {
	// The profile first: a run that ends shows its outcome before its orchestration is over.
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (!profile || hasLiveClaim(profile, deps.clock.now())) return;
	if ((await deps.orchestrations.syncState(ref)) !== 'none') return followPause(deps, ref);
	const { claim: left, latestRunId } = profile;
	await changeProfile(deps.profiles, ref, ({ claim, ...current }) =>
		claim && claim.runId === left?.runId && claim.until === left.until ? current : undefined,
	);
	const [newest] = [latestRunId, left?.runId].filter((runId) => runId !== undefined).sort();
	if (newest) await closeLostRuns(deps, ref, newest);
	if (profile.status === 'inProgress' && latestRunId) await showEnd(deps, { ...ref, runId: latestRunId });
}

/** Of a run whose record says how it ended, and whose profile does not. */
async function showEnd(deps: LaunchDeps, ref: RunRef): Promise<void> {
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run?.outcome) return;
	await changeProfile(deps.profiles, ref, (profile) =>
		profile.status === 'inProgress' && profile.latestRunId === run.id
			? { ...profile, ...cutShort(profile, run as EndedRun) }
			: undefined,
	);
}
