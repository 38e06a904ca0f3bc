import { addCounts, countProfiles, type ProfileCounts } from '../../domain/profile-counts.ts';
import type { Clock, ProfileStore } from '../../ports.ts';
import { everyProfile } from './every-profile.ts';

/** How the profiles of all these tenants stand. Reads a page at a time. */
export async function countAllProfiles(
	{ profiles, clock }: { profiles: ProfileStore; clock: Clock },
	tenantIds: readonly string[],
): Promise<ProfileCounts> {
	const now = clock.now();
	let counts = countProfiles([], now);
	for await (const some of everyProfile(profiles, tenantIds)) counts = addCounts(counts, countProfiles(some, now));
	return counts;
}
