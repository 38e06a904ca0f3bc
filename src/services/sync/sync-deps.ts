import type { Profile } from '../../domain/profile.ts';
import type { RosterKind } from '../../domain/roster/kinds.ts';
import type {
	Clock,
	Directory,
	Events,
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
	clock: Clock;
	/** 32 random bits against files made to collide in hash tables. */
	hashSeed: () => number;
	maxRowsPerFile: number;
	/** When storage was last found to have lost something; absent where that never happened. */
	storageLostAt?: Date;
}

/** One slice of one kind, as the orchestration hands it to a step. */
export interface ShardRef extends SyncRef {
	kind: RosterKind;
	shard: number;
	/** How many shards the kind has in this run, and how many its snapshot had before. */
	shards: number;
	previousShards: number;
}

/** Thrown by a step whose profile is being deleted: the run is over, whatever it was doing. */
export class RunEndedError extends Error {
	constructor(profileId: string) {
		super(`The run is over: profile "${profileId}" is gone or being deleted.`);
		this.name = 'RunEndedError';
	}
}

export async function loadProfile(deps: Pick<SyncDeps, 'profiles'>, run: RunRef): Promise<Profile> {
	const profile = (await deps.profiles.get(run.tenantId, run.profileId))?.profile;
	if (!profile || profile.state === 'deleting') throw new RunEndedError(run.profileId);
	return profile;
}
