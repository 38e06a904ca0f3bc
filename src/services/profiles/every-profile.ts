import type { Profile } from '../../domain/profile.ts';
import type { Page, PageRequest, ProfileStore } from '../../ports.ts';

const pageSize = 200;

/** The profiles of all these tenants, a page at a time. */
export async function* everyProfile(
	profiles: ProfileStore,
	tenantIds: readonly string[],
): AsyncGenerator<readonly Profile[]> {
	for (const tenantId of new Set(tenantIds)) {
		for (let request: PageRequest | undefined = { size: pageSize }; request; ) {
			const { items, continuation }: Page<Profile> = await profiles.list(tenantId, request);
			yield items;
			request = continuation === undefined ? undefined : { size: pageSize, continuation };
		}
	}
}
