import type { Clock, Orchestrations, ProfileStore, RunStore } from '../../ports.ts';
import { everyProfile } from './every-profile.ts';

export interface RetentionDeps {
	profiles: ProfileStore;
	runs: RunStore;
	orchestrations: Orchestrations;
	clock: Clock;
	/** How long ended runs and the platform's histories are kept. */
	retentionDays: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Deletes what is older than it is to be kept: run records with their progress, and the histories of ended orchestrations. The runs that
 * a profile names stay, however old. Repeatable; what fails is done the next time.
 */
export async function forgetOldRuns(deps: RetentionDeps, tenantIds: readonly string[]): Promise<void> {
	const before = new Date(deps.clock.now().getTime() - deps.retentionDays * dayMs);
	await deps.orchestrations.forgetBefore(before);
	for await (const some of everyProfile(deps.profiles, tenantIds)) {
		for (const { id, latestRunId, acceptedRunId, verifiedRunId, claim } of some) {
			const named = [latestRunId, acceptedRunId, verifiedRunId, claim?.runId].filter((runId) => runId !== undefined);
			await deps.runs.deleteOlder(id, before, new Set(named));
		}
	}
}
