import type { SyncError } from '../domain/sync-error.ts';
import type { Page, PageRequest, ProfileRef, ProfileStore, SyncErrorStore } from '../ports.ts';
import { getProfile } from './profiles.ts';

export interface ErrorService {
	/** Throws `SyncApiError` (404) for an unknown profile. */
	list(ref: ProfileRef, page: PageRequest): Promise<Page<SyncError> & { total: number }>;
}

export function errorService(deps: { profiles: ProfileStore; errors: SyncErrorStore }): ErrorService {
	return {
		async list(ref, page) {
			await getProfile(deps.profiles, ref);
			const [errors, total] = await Promise.all([
				deps.errors.list(ref.profileId, page),
				deps.errors.count(ref.profileId),
			]);
			return { ...errors, total };
		},
	};
}
