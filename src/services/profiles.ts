import { apiErrors, SyncApiError } from '../domain/errors.ts';
import { requireState } from '../domain/lifecycle.ts';
import type { Profile, ProfileDefinition } from '../domain/profile.ts';
import type { Clock, Orchestrations, Page, PageRequest, ProfileRef, ProfileStore } from '../ports.ts';
import { changeProfile } from './profile-changes.ts';
import { markFailed } from './provisioning.ts';

export interface ProfileDeps {
	profiles: ProfileStore;
	orchestrations: Orchestrations;
	clock: Clock;
	newId: () => string;
}

export interface ProfileService {
	list(tenantId: string, page: PageRequest): Promise<Page<Profile>>;
	get(ref: ProfileRef): Promise<Profile>;
	create(tenantId: string, definition: ProfileDefinition): Promise<Profile>;
	/** `edit` makes the new definition out of the present one. A running sync goes on; the next one takes it up. */
	update(ref: ProfileRef, edit: (current: ProfileDefinition) => ProfileDefinition): Promise<Profile>;
	/** Ends a running sync and removes all that we keep. The directory is left as it is. May be repeated. */
	delete(ref: ProfileRef): Promise<void>;
}

export function profileService(deps: ProfileDeps): ProfileService {
	return {
		list: (tenantId, page) => deps.profiles.list(tenantId, page),
		get: (ref) => getProfile(deps.profiles, ref),
		create: (tenantId, definition) => createProfile(deps, tenantId, definition),
		update: (ref, edit) => updateProfile(deps, ref, edit),
		delete: (ref) => deleteProfile(deps, ref),
	};
}

/** Throws `SyncApiError` (404) if the tenant has no such profile. */
export async function getProfile(profiles: ProfileStore, { tenantId, profileId }: ProfileRef): Promise<Profile> {
	const stored = await profiles.get(tenantId, profileId);
	if (!stored) throw apiErrors.profileNotFound(profileId);
	return stored.profile;
}

async function createProfile(deps: ProfileDeps, tenantId: string, definition: ProfileDefinition): Promise<Profile> {
	requireFutureExpiration(deps, definition);
	const profile: Profile = {
		...definition,
		id: deps.newId(),
		tenantId,
		state: 'provisioning',
		// Until the first start, as clients of the old service expect.
		status: 'paused',
		statusMessage: '',
		errorCount: 0,
		createdDateTime: deps.clock.now().toISOString(),
	};
	await deps.profiles.insert(profile);
	try {
		await deps.orchestrations.provision({ tenantId, profileId: profile.id });
	} catch (error) {
		// The client is told that it failed and will send the same again: there must be no twin that waits forever.
		await deps.profiles.delete(tenantId, profile.id);
		throw error;
	}
	return profile;
}

async function updateProfile(
	deps: ProfileDeps,
	ref: ProfileRef,
	edit: (current: ProfileDefinition) => ProfileDefinition,
): Promise<Profile> {
	const profile = await changeProfile(deps.profiles, ref, (current) => {
		requireState(current, 'update');
		const definition = edit(current);
		if (definition.expirationDate !== current.expirationDate) requireFutureExpiration(deps, definition);
		// What was refused under the old settings may be fine under the new ones.
		const { refusedSet: _, stateReason: __, expirationDate: ___, ...kept } = current;
		return { ...kept, ...definition, state: 'provisioning' };
	});
	if (!profile) throw apiErrors.profileNotFound(ref.profileId);
	try {
		await deps.orchestrations.provision(ref);
	} catch (error) {
		// From this state the client may update again; from "provisioning" nobody would lead it out.
		await markFailed(deps, ref, 'provisioning');
		throw error;
	}
	return profile;
}

async function deleteProfile(deps: ProfileDeps, ref: ProfileRef): Promise<void> {
	const profile = await changeProfile(deps.profiles, ref, ({ stateReason: _, ...current }) => {
		requireState(current, 'delete');
		return { ...current, state: 'deleting' };
	});
	if (!profile) throw apiErrors.profileNotFound(ref.profileId);
	await deps.orchestrations.remove(ref);
}

function requireFutureExpiration({ clock }: ProfileDeps, { expirationDate }: ProfileDefinition): void {
	const today = clock.now().toISOString().slice(0, 10);
	if (expirationDate === undefined || expirationDate > today) return;
	const message = `The expiration date is "${expirationDate}", and it must be later than today (${today}, UTC).`;
	throw new SyncApiError('BadRequest', message, {
		details: [{ code: 'InvalidValue', message, target: 'expirationDate' }],
	});
}
