import { apiErrors } from '../../domain/errors.ts';
import { type ProfileAction, requireLegal } from '../../domain/lifecycle.ts';
import type { Profile, ProfileClaim } from '../../domain/profile.ts';
import type { Clock, Orchestrations, ProfileStore, RunRef } from '../../ports.ts';
import { changeProfile } from '../sync/profile-changes.ts';

/** How long a claim outlives the process that holds it. */
const claimMs = 30_000;
/** A holder renews it well before that. */
const renewAfterMs = 10_000;

export interface ClaimDeps {
	profiles: ProfileStore;
	orchestrations: Orchestrations;
	clock: Clock;
}

export type Claim = ReturnType<typeof claimHolder>;

interface ClaimPurpose {
	run: RunRef;
	action: ProfileAction;
	/** See `ProfileClaim`. */
	byDrop?: boolean;
}

/** Holds a profile while a run is made ready. Whoever dies holding it lets go by dying. */
export function claimHolder(deps: ClaimDeps, { run, action, byDrop = false }: ClaimPurpose) {
	let renewedAt = 0;
	const claimUntil = (): ProfileClaim => {
		renewedAt = deps.clock.now().getTime();
		const until = new Date(renewedAt + claimMs).toISOString();
		return { runId: run.runId, until, ...(byDrop ? { byDrop } : {}) };
	};
	const isOurs = (profile: Profile | undefined) => profile?.claim?.runId === run.runId && profile.state !== 'deleting';
	const lost = () => apiErrors.changedMeanwhile(action, run.profileId);
	return {
		/**
		 * Takes the place of an earlier claim if the action is legal while the profile is busy. Throws `SyncApiError` if the
		 * profile does not exist or its state forbids the action.
		 */
		async take(): Promise<Profile> {
			const lostRunId = await lostRun(deps, run);
			const profile = await changeProfile(deps.profiles, run, (stored) => {
				const current: Profile = isLost(stored, lostRunId) ? { ...stored, status: 'error' } : stored;
				requireLegal(current, action, deps.clock.now());
				return { ...current, claim: claimUntil() };
			});
			if (!profile) throw apiErrors.profileNotFound(run.profileId);
			return profile;
		},

		/** Changes the profile, if the claim still holds. Throws `SyncApiError` (409) if not. */
		async change(edit: (profile: Profile) => Profile): Promise<Profile> {
			const profile = await changeProfile(deps.profiles, run, (current) => {
				if (!isOurs(current)) throw lost();
				return { ...edit(current), claim: claimUntil() };
			});
			if (!profile) throw lost();
			return profile;
		},

		/** Cheap to call often. Throws `SyncApiError` if the profile was deleted, paused or claimed by somebody else meanwhile. */
		async renew(): Promise<void> {
			// A clock that was set back must not make the claim outlive its holder.
			if (Math.abs(deps.clock.now().getTime() - renewedAt) < renewAfterMs) return;
			const profile = await changeProfile(deps.profiles, run, (current) =>
				isOurs(current) ? { ...current, claim: claimUntil() } : undefined,
			);
			if (!isOurs(profile)) throw lost();
		},

		/** Leaves the status as it was before. */
		async release(): Promise<void> {
			await changeProfile(deps.profiles, run, ({ claim, ...profile }) =>
				claim?.runId === run.runId ? profile : undefined,
			);
		},
	};
}

/**
 * The run that a profile shows as in progress although no orchestration carries it: a crash between the two must not lock the
 * profile for ever. The profile is read first, since a run that ends shows its outcome before its orchestration is over.
 */
async function lostRun(deps: ClaimDeps, ref: RunRef): Promise<string | undefined> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (profile?.status !== 'inProgress') return undefined;
	return (await deps.orchestrations.syncState(ref)) === 'none' ? profile.latestRunId : undefined;
}

const isLost = (profile: Profile, lostRunId: string | undefined) =>
	profile.status === 'inProgress' && lostRunId !== undefined && profile.latestRunId === lostRunId;
