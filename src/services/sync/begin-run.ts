import type { RunRef } from '../../ports.ts';
import { changeProfile } from '../profile-changes.ts';
import { loadProfile, RunEndedError, type SyncDeps } from './sync-deps.ts';

/**
 * First step of a run: the profile shows it, and the accepted uploads leave the upload container.
 * Idempotent: an upload that was overwritten since is another file and stays.
 */
export async function beginRun(deps: SyncDeps, ref: RunRef): Promise<void> {
	await loadProfile(deps, ref);
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run) throw new RunEndedError(ref.profileId);
	await changeProfile(deps.profiles, ref, ({ claim, ...profile }) => ({
		...profile,
		...(claim && claim.runId !== ref.runId ? { claim } : {}),
		status: 'inProgress',
		statusMessage: '',
		latestRunId: ref.runId,
		lastActivityDateTime: deps.clock.now().toISOString(),
	}));
	for (const file of run.acceptedFiles) await deps.uploads.remove(ref.profileId, file);
}
