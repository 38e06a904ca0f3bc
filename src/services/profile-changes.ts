import { requireTransition } from '../domain/lifecycle.ts';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRef, ProfileStore } from '../ports.ts';

/** Conflicts are other requests of the same profile; more than this in a row means something is wrong. */
const maxAttempts = 20;

/**
 * Reads, changes and writes a profile, again if somebody was faster. `change` answers undefined to leave it as it is.
 * Resolves to the profile as it is then, or undefined if there is none.
 */
export async function changeProfile(
	profiles: ProfileStore,
	{ tenantId, profileId }: ProfileRef,
	change: (profile: Profile) => Profile | undefined,
): Promise<Profile | undefined> {
	for (let attempt = 0; attempt < maxAttempts; attempt++) {
		const stored = await profiles.get(tenantId, profileId);
		if (!stored) return undefined;
		const next = change(stored.profile);
		if (!next) return stored.profile;
		requireTransition(stored.profile, next);
		if (await profiles.replace(stored, next)) return next;
	}
	throw new Error(`Cannot change profile "${profileId}": other writers were faster ${maxAttempts} times in a row.`);
}
