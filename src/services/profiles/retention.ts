import type { Beginning, HistoryRecord } from '../../domain/sync/history/history.ts';
import type {
	Clock,
	HistoryStore,
	Orchestrations,
	ProfileRef,
	ProfileStore,
	RosterStore,
	RunStore,
} from '../../ports.ts';
import { sourceFolder } from '../sync/files/roster-paths.ts';
import { everyProfile } from './every-profile.ts';

export interface RetentionDeps {
	profiles: ProfileStore;
	runs: RunStore;
	histories: HistoryStore;
	rosters: RosterStore;
	orchestrations: Orchestrations;
	clock: Clock;
	/** How long ended runs and the platform's histories are kept. */
	retentionDays: number;
	/** How long the roster before the latest run is kept, for an undo. */
	undoDays: number;
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
		for (const { id, tenantId, latestRunId, acceptedRunId, verifiedRunId, claim } of some) {
			const named = [latestRunId, acceptedRunId, verifiedRunId, claim?.runId].filter((runId) => runId !== undefined);
			await deps.runs.deleteOlder(id, before, new Set(named));
			await forgetEarlierRoster(deps, { tenantId, profileId: id }, acceptedRunId);
		}
	}
}

/** From then on the latest run cannot be undone. The snapshots of before go with the next run. */
async function forgetEarlierRoster(
	{ histories, rosters, runs, clock, undoDays }: RetentionDeps,
	ref: ProfileRef,
	acceptedRunId: string | undefined,
): Promise<void> {
	const stored = await histories.get(ref.profileId);
	const { before, ...record } = stored?.record ?? {};
	if (!stored || !before || !isPast(before, { clock, undoDays })) return;
	const source = (await runs.get(ref.profileId, before.runId))?.sourceRunId;
	// Whoever is faster begins a run, and that one removes it.
	if (!(await histories.replace(ref.profileId, { record: record as HistoryRecord, version: stored.version }))) return;
	if (source && source !== acceptedRunId) await rosters.deleteAll(sourceFolder({ ...ref, runId: source }));
}

/** Whether a run began so long ago that what was before it is not kept any more. */
export function isPast(
	{ startedDateTime }: Beginning,
	{ clock, undoDays }: Pick<RetentionDeps, 'clock' | 'undoDays'>,
): boolean {
	return clock.now().getTime() - new Date(startedDateTime).getTime() > undoDays * dayMs;
}
