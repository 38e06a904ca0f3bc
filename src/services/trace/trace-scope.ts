import type { DirectoryReader } from '../../directory-ports.ts';
import { isExpired } from '../../domain/lifecycle.ts';
import type { Profile } from '../../domain/profile.ts';
import { type RosterKind, rosterKinds } from '../../domain/roster/format/kinds.ts';
import type { Run } from '../../domain/run.ts';
import type { HistoryRecord } from '../../domain/sync/history/history.ts';
import { isDeferred } from '../../domain/sync/records/mapping.ts';
import type { TraceContext } from '../../domain/trace/traced-facts.ts';
import type { ProfileRef, RunRef } from '../../ports.ts';
import { getProfile } from '../sync/profile-changes.ts';
import type { SyncDeps } from '../sync/sync-deps.ts';

export type TraceDeps = Pick<
	SyncDeps,
	'profiles' | 'runs' | 'rosters' | 'errors' | 'histories' | 'directory' | 'events' | 'clock' | 'hashSeed'
> & { directoryReader: DirectoryReader };

/** What every part of a trace starts from. */
export interface TraceScope {
	deps: TraceDeps;
	ref: ProfileRef;
	/** With the settings by which the accepted files were judged. */
	profile: Profile;
	/** Whose files count. */
	source: RunRef | undefined;
	/** Whose report is kept. */
	report: RunRef | undefined;
	latestRun: RunRef | undefined;
	history: HistoryRecord['files'];
	context: TraceContext;
}

/** Throws `SyncApiError` (404) for an unknown profile. */
export async function openScope(deps: TraceDeps, ref: ProfileRef): Promise<TraceScope> {
	const current = await getProfile(deps.profiles, ref);
	const { acceptedRunId, verifiedRunId, latestRunId } = current;
	const runOf = async (runId: string | undefined) => (runId ? deps.runs.get(ref.profileId, runId) : undefined);
	const [accepted, latest] = [await runOf(acceptedRunId), await runOf(latestRunId)];
	const profile = { ...current, ...accepted?.settings };
	const refOf = (runId: string | undefined) => (runId ? { ...ref, runId } : undefined);
	const sourceRunId = accepted?.sourceRunId;
	const record = (await deps.histories.get(ref.profileId))?.record;
	const now = deps.clock.now();
	const context: TraceContext = {
		...(sourceRunId ? { acceptedRunId: sourceRunId } : {}),
		...(latest ? { latestRun: shownRun(latest) } : {}),
		...(verifiedRunId ? { report: reportOf(verifiedRunId, accepted) } : {}),
		skippedRows: accepted?.skippedRows ?? {},
		deferred: deferredOf(profile, now),
		...(current.pausedSince ? { pausedSince: current.pausedSince } : {}),
		...(isExpired(current, now) && current.expirationDate ? { expiredOn: current.expirationDate } : {}),
	};
	return {
		deps,
		ref,
		profile,
		source: refOf(sourceRunId),
		report: refOf(verifiedRunId),
		latestRun: refOf(latestRunId),
		// What went before a reset does not count.
		history: record?.generation === current.snapshotGeneration ? record.files : {},
		context,
	};
}

function reportOf(runId: string, accepted: Run | undefined): NonNullable<TraceContext['report']> {
	const isOfAcceptedFiles = runId === accepted?.sourceRunId;
	return { runId, isOfAcceptedFiles, isWhole: isOfAcceptedFiles && accepted?.unlistedFindings === undefined };
}

type LatestRun = NonNullable<TraceContext['latestRun']>;

function shownRun({ id, phase, outcome, failure }: LatestRun): LatestRun {
	return { id, phase, ...(outcome ? { outcome } : {}), ...(failure ? { failure } : {}) };
}

function deferredOf(profile: Profile, now: Date): TraceContext['deferred'] {
	const deferred: Partial<Record<RosterKind, { until?: string }>> = {};
	for (const kind of rosterKinds) {
		if (!isDeferred(profile, kind, now)) continue;
		const { isSyncDeferred, synchronizationStartDate: until } = profile.dataProvider.customizations[kind] ?? {};
		deferred[kind] = until && !isSyncDeferred ? { until } : {};
	}
	return deferred;
}
