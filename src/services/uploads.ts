import { SyncApiError } from '../domain/errors.ts';
import { requireIdle, requireState } from '../domain/lifecycle.ts';
import type { Clock, ProfileRef, ProfileStore, UploadStore } from '../ports.ts';
import { getProfile } from './profiles.ts';

export interface UploadService {
	/**
	 * A URL that lets its holder write files for one hour, and do nothing else.
	 * Throws `SyncApiError`: 404, and 409 while the profile is not provisioned or a sync is running.
	 */
	getUploadUrl(ref: ProfileRef): Promise<string>;
}

export function uploadService(deps: { profiles: ProfileStore; uploads: UploadStore; clock: Clock }): UploadService {
	return {
		async getUploadUrl(ref) {
			const profile = await getProfile(deps.profiles, ref);
			if (profile.dataProvider.kind !== 'csv') {
				throw new SyncApiError('BadRequest', 'Only a profile with the CSV data provider takes uploads.');
			}
			requireState(profile, 'getUploadUrl');
			requireIdle(profile, 'get an upload URL for', deps.clock.now());
			return deps.uploads.signUrl(ref.profileId);
		},
	};
}
