import { SyncApiError } from '../../domain/errors.ts';
import { requireLegal } from '../../domain/lifecycle.ts';
import type { Profile } from '../../domain/profile.ts';
import type { Clock, Events, ProfileRef, ProfileStore, UploadStore } from '../../ports.ts';
import { getProfile } from '../sync/profile-changes.ts';

export interface UploadService {
	/**
	 * A URL that lets its holder write files for one hour, and do nothing else.
	 * Throws `SyncApiError`: 404, 400 for a profile that reads from a server, and 409 while it is not provisioned or busy.
	 */
	getUploadUrl(ref: ProfileRef): Promise<string>;
}

export interface UploadDeps {
	profiles: ProfileStore;
	uploads: UploadStore;
	clock: Clock;
	events: Events;
}

export function uploadService(deps: UploadDeps): UploadService {
	return {
		async getUploadUrl(ref) {
			const profile = await getProfile(deps.profiles, ref);
			requireCsv(profile, 'get an upload URL for');
			requireLegal(profile, 'getUploadUrl', deps.clock.now());
			const url = await deps.uploads.signUrl(ref.profileId);
			deps.events.happened({ name: 'upload.allowed', ...ref });
			return url;
		},
	};
}

/** Throws `SyncApiError` (400) for a profile that reads from a server of the school's. */
export function requireCsv(profile: Profile, verb: string): void {
	if (profile.dataProvider.kind === 'csv') return;
	throw new SyncApiError(
		'BadRequest',
		`Cannot ${verb} profile "${profile.id}": its data provider is "${profile.dataProvider.kind}", and it must be "csv". Other providers take no files.`,
	);
}
