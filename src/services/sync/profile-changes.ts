import { apiErrors } from '../../domain/errors.ts';
import { requireTransition } from '../../domain/lifecycle.ts';
import type { Profile } from '../../domain/profile.ts';
import type { ProfileRef, ProfileStore } from '../../ports.ts';
import { disturbed, untilUndisturbed } from '../../undisturbed.ts';

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

/** Throws `SyncApiError` (404) if the tenant has no such profile. */
export async function getProfile(profiles: ProfileStore, { tenantId, profileId }: ProfileRef): Promise<Profile> {
	const stored = await profiles.get(tenantId, profileId);
	if (!stored) throw apiErrors.profileNotFound(profileId);
	return stored.profile;
}
