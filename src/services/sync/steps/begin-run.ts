import type { Run } from '../../../domain/run.ts';
import type { RunRef } from '../../../ports.ts';
import { changeProfile } from '../profile-changes.ts';
import { loadProfile, RunEndedError, type SyncDeps } from '../sync-deps.ts';

/**
 * First step of a run: the profile shows it, and the accepted uploads leave the upload container. A dry run shows on its own record alone.
 * Idempotent: an upload that was overwritten since is another file and stays.
 */
export async function beginRun(deps: SyncDeps, ref: RunRef): Promise<{ isDryRun?: true }> {
	await loadProfile(deps, ref);
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run || run.outcome) throw new RunEndedError(ref.profileId);
	await changeProfile(deps.profiles, ref, ({ claim, ...profile }) => {
		// Whoever holds the profile now is making a later run ready.
		if (claim && claim.runId !== ref.runId) throw new RunEndedError(ref.profileId);
		return { ...profile, ...shownState(run), lastActivityDateTime: deps.clock.now().toISOString() };
	});
	for (const file of run.acceptedFiles) await deps.uploads.remove(ref.profileId, file);
	return run.isDryRun ? { isDryRun: true } : {};
}

/** What a profile shows from the first step of a run on. */
export function shownState({ id, sourceRunId, isDryRun }: Run) {
	if (isDryRun) return {};
	return { status: 'inProgress', statusMessage: '', latestRunId: id, acceptedRunId: sourceRunId } as const;
}
