import { SyncApiError } from '../../domain/errors.ts';
import type { SyncError } from '../../domain/sync-error.ts';
import type { Page, PageRequest, ProfileRef, ProfileStore, SyncErrorStore } from '../../ports.ts';
import { getProfile } from '../sync/profile-changes.ts';

/** The errors of one profile, which is known to exist. */
export interface ProfileErrors {
	page(request: PageRequest): Promise<Page<SyncError>>;
	count(): Promise<number>;
	find(errorId: string): Promise<SyncError | undefined>;
	/** Throws `SyncApiError` (404) for an unknown error. */
	get(errorId: string): Promise<SyncError>;
}

export interface ErrorService {
	/** Throws `SyncApiError` (404) for an unknown profile. */
	of(ref: ProfileRef): Promise<ProfileErrors>;
}

export function errorService(deps: { profiles: ProfileStore; errors: SyncErrorStore }): ErrorService {
	return {
		async of(ref) {
			const { id } = await getProfile(deps.profiles, ref);
			return {
				page: (request) => deps.errors.list(id, request),
				count: () => deps.errors.count(id),
				find: (errorId) => deps.errors.get(id, errorId),
				async get(errorId) {
					const error = await deps.errors.get(id, errorId);
					if (error) return error;
					throw new SyncApiError(
						'ResourceNotFound',
						`Error "${errorId}" does not exist. List the profile's errors for valid ids.`,
					);
				},
			};
		},
	};
}
