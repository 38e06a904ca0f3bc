import type { Directory } from '../../directory-ports.ts';
import type { Profile } from '../../domain/profile.ts';
import type { Run } from '../../domain/run.ts';
import type { SyncKind } from '../../domain/sync/sync-kinds.ts';
import type {
	Clock,
	Events,
	HistoryStore,
	ProfileStore,
	RosterStore,
	RunRef,
	RunStore,
	SyncErrorStore,
	SyncRef,
	UploadStore,
} from '../../ports.ts';

/** What the steps of a run work with. */
export interface SyncDeps {
	profiles: ProfileStore;
	runs: RunStore;
	errors: SyncErrorStore;
	uploads: UploadStore;
	rosters: RosterStore;
	directory: Directory;
	events: Events;
	histories: HistoryStore;
	clock: Clock;
	/** 32 random bits against files made to collide in hash tables. */
	hashSeed: () => number;
	maxRowsPerFile: number;
	/** About so many records of a plan are carried out in one step. */
	recordsPerSlice: number;
	/** When storage was last found to have lost something; absent where that never happened. */
	storageLostAt?: Date;
}

/** One shard of one kind, as the orchestration hands it to a step. */
export interface ShardRef extends SyncRef {
	kind: SyncKind;
	shard: number;
}

/** Thrown by a step whose profile is being deleted, or whose run has a successor: the run is over, whatever it was doing. */
export class RunEndedError extends Error {
	constructor(profileId: string) {
		super(`The run is over: profile "${profileId}" is gone, is being deleted, or has a newer run.`);
		this.name = 'RunEndedError';
	}
}

/** The run, and its profile with the settings by which the run's files were accepted. */
export async function loadRun(
	deps: Pick<SyncDeps, 'profiles' | 'runs'>,
	ref: RunRef,
): Promise<{ profile: Profile; run: Run }> {
	const current = await loadProfile(deps, ref);
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run || run.outcome) throw new RunEndedError(ref.profileId);
	return { profile: { ...current, ...run.settings }, run };
}

export async function loadProfile(deps: Pick<SyncDeps, 'profiles'>, run: RunRef): Promise<Profile> {
	const profile = (await deps.profiles.get(run.tenantId, run.profileId))?.profile;
	if (!profile || profile.state === 'deleting') throw new RunEndedError(run.profileId);
	return profile;
}
