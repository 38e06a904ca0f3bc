import type { Profile } from '../../domain/profile.ts';
import { addCounts, countProfiles, type ProfileCounts } from '../../domain/profile-counts.ts';
import type { Clock, Page, PageRequest, ProfileStore } from '../../ports.ts';

const pageSize = 200;

/** How the profiles of all these tenants stand. Reads a page at a time. */
export async function countAllProfiles(
	{ profiles, clock }: { profiles: ProfileStore; clock: Clock },
	tenantIds: readonly string[],
): Promise<ProfileCounts> {
	const now = clock.now();
	let counts = countProfiles([], now);
	for (const tenantId of new Set(tenantIds)) {
		for (let request: PageRequest | undefined = { size: pageSize }; request; ) {
			const { items, continuation }: Page<Profile> = await profiles.list(tenantId, request);
			counts = addCounts(counts, countProfiles(items, now));
			request = continuation === undefined ? undefined : { size: pageSize, continuation };
		}
	}
	return counts;
}
