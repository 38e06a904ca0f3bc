import type { ProfileRef, RunRef } from '../../ports.ts';
import { profileFolder } from './files/roster-paths.ts';
import type { SyncDeps } from './sync-deps.ts';

type LeftoverDeps = Pick<SyncDeps, 'profiles' | 'rosters' | 'errors' | 'runs' | 'histories'>;

/**
 * Does a step of a run. One that is under way when its profile is removed goes on, and what it writes after the removal nobody
 * else would remove. It looks only when it has written everything, so whoever is last removes all.
 */
export async function withoutLeftovers<T>(deps: LeftoverDeps, run: RunRef, step: () => Promise<T>): Promise<T> {
	try {
		return await step();
	} finally {
		await removeIfDeleted(deps, run);
	}
}

/** Everything that was written for a profile that is gone, or is going. */
export async function removeIfDeleted(deps: LeftoverDeps, { tenantId, profileId }: ProfileRef): Promise<void> {
	const profile = (await deps.profiles.get(tenantId, profileId))?.profile;
	if (profile && profile.state !== 'deleting') return;
	await deps.rosters.deleteAll(profileFolder(profileId));
	await deps.errors.deleteAll(profileId);
	await deps.runs.deleteAll(profileId);
	await deps.histories.delete(profileId);
}
