import type {
	AuditStore,
	Events,
	HistoryStore,
	Orchestrations,
	ProfileRef,
	ProfileStore,
	RosterStore,
	RunStore,
	SecretStore,
	SyncErrorStore,
	UploadStore,
} from '../../ports.ts';
import { profileFolder } from '../sync/files/roster-paths.ts';
import { changeProfile } from '../sync/profile-changes.ts';

export interface ProvisioningDeps {
	profiles: ProfileStore;
	uploads: UploadStore;
	rosters: RosterStore;
	errors: SyncErrorStore;
	runs: RunStore;
	histories: HistoryStore;
	secrets: SecretStore;
	events: Events;
	audit: AuditStore;
}

/** Makes what a profile needs. Idempotent: what exists already is left as it is. */
export async function provisionProfile(deps: ProvisioningDeps, ref: ProfileRef): Promise<void> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (profile?.state !== 'provisioning') return;
	if (profile.dataProvider.kind === 'csv') await deps.uploads.create(ref.tenantId, ref.profileId);
	await changeProfile(deps.profiles, ref, ({ stateReason: _, ...current }) =>
		current.state === 'provisioning' ? { ...current, state: 'provisioned' } : undefined,
	);
	deps.events.happened({ name: 'profile.provisioned', ...ref });
}

/** `state` is left alone if the profile is no longer in the state in which the failed step found it. */
export async function markFailed(
	deps: Pick<ProvisioningDeps, 'profiles' | 'events'>,
	ref: ProfileRef,
	during: 'provisioning' | 'deleting',
): Promise<void> {
	const failure =
		during === 'provisioning'
			? {
					state: 'provisioningFailed' as const,
					stateReason: 'The upload container could not be created. Update the profile to try again.',
				}
			: {
					state: 'deletionFailed' as const,
					stateReason: 'Not all data of the profile could be removed. Delete it again.',
				};
	await changeProfile(deps.profiles, ref, (profile) =>
		profile.state === during ? { ...profile, ...failure } : undefined,
	);
	const name = during === 'provisioning' ? 'profile.provisioningFailed' : 'profile.removalFailed';
	deps.events.happened({ name, tenantId: ref.tenantId, profileId: ref.profileId });
}

/**
 * Removes everything that we keep of a profile, itself last, so that an interrupted removal can be seen and repeated. The
 * directory is not touched. Idempotent: removing what is gone is no error.
 */
export async function removeProfile(
	deps: ProvisioningDeps,
	orchestrations: Orchestrations,
	ref: ProfileRef,
): Promise<void> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (profile?.state !== 'deleting') return;
	await orchestrations.endSync(ref);
	await deps.uploads.delete(ref.profileId);
	await deps.rosters.deleteAll(profileFolder(ref.profileId));
	await deps.errors.deleteAll(ref.profileId);
	await deps.runs.deleteAll(ref.profileId);
	await deps.histories.delete(ref.profileId);
	await deps.audit.deleteAll(ref.profileId);
	await deps.secrets.delete(ref);
	await deps.secrets.delete({ ...ref, name: 'notifications' });
	await deps.profiles.delete(ref.tenantId, ref.profileId);
	deps.events.happened({ name: 'profile.removed', tenantId: ref.tenantId, profileId: ref.profileId });
}
