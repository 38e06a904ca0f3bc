import { requireTransition } from '../domain/lifecycle.ts';
import type { Profile } from '../domain/profile.ts';
import type { ProfileRef, ProfileStore } from '../ports.ts';
import { disturbed, untilUndisturbed } from '../undisturbed.ts';

/**
 * Reads, changes and writes a profile, again if somebody was faster. `change` answers undefined to leave it as it is.
 * Resolves to the profile as it is then, or undefined if there is none.
 */
export async function changeProfile(
	profiles: ProfileStore,
	{ tenantId, profileId }: ProfileRef,
	change: (profile: Profile) => Profile | undefined,
): Promise<Profile | undefined> {
	return untilUndisturbed(`change profile "${profileId}"`, async () => {
		const stored = await profiles.get(tenantId, profileId);
		if (!stored) return undefined;
		const next = change(stored.profile);
		if (!next) return stored.profile;
		requireTransition(stored.profile, next);
		return (await profiles.replace(stored, next)) ? next : disturbed;
	});
}
