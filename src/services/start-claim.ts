import { apiErrors } from '../domain/errors.ts';
import { requireStartable } from '../domain/lifecycle.ts';
import type { Profile } from '../domain/profile.ts';
import type { Clock, ProfileStore, RunRef } from '../ports.ts';
import { changeProfile } from './profile-changes.ts';

/** How long a claim outlives the process that holds it. */
const claimMs = 30_000;
/** A holder renews it well before that. */
const renewAfterMs = 10_000;

/** Holds a profile for one verification. Whoever dies holding it lets go by dying. */
export function claimHolder(deps: { profiles: ProfileStore; clock: Clock }, run: RunRef) {
	let renewedAt = 0;
	const claimUntil = () => {
		renewedAt = deps.clock.now().getTime();
		return { runId: run.runId, until: new Date(renewedAt + claimMs).toISOString() };
	};
	return {
		/** Throws `SyncApiError` if the profile does not exist or cannot be started now. */
		async take(): Promise<Profile> {
			const profile = await changeProfile(deps.profiles, run, (current) => {
				requireStartable(current, deps.clock.now());
				return { ...current, claim: claimUntil() };
			});
			if (!profile) throw apiErrors.profileNotFound(run.profileId);
			return profile;
		},

		/** Cheap to call often. Throws `SyncApiError` if the profile was deleted or claimed by somebody else meanwhile. */
		async renew(): Promise<void> {
			if (deps.clock.now().getTime() - renewedAt < renewAfterMs) return;
			const profile = await changeProfile(deps.profiles, run, (current) =>
				current.claim?.runId === run.runId ? { ...current, claim: claimUntil() } : undefined,
			);
			if (profile?.claim?.runId !== run.runId) throw apiErrors.changedMeanwhile('start', run.profileId);
		},

		/** Leaves the status as it was before. */
		async release(): Promise<void> {
			await changeProfile(deps.profiles, run, ({ claim, ...profile }) =>
				claim?.runId === run.runId ? profile : undefined,
			);
		},
	};
}
