import { apiErrors, SyncApiError } from '../../domain/errors.ts';
import { isExpired, requireLegal } from '../../domain/lifecycle.ts';
import { type DataProvider, type Profile, type ProfileDefinition, redefined } from '../../domain/profile.ts';
import { isTurnedOff } from '../../domain/safety.ts';
import type {
	Clock,
	Events,
	Orchestrations,
	Page,
	PageRequest,
	ProfileRef,
	ProfileStore,
	RosterStore,
	SecretStore,
} from '../../ports.ts';
import { historyFolder } from '../sync/files/roster-paths.ts';
import { changeProfile, getProfile } from '../sync/profile-changes.ts';
import { markFailed } from './provisioning.ts';

export interface ProfileDeps {
	profiles: ProfileStore;
	rosters: RosterStore;
	secrets: SecretStore;
	orchestrations: Orchestrations;
	clock: Clock;
	events: Events;
	newId: () => string;
	/** Per tenant; absent means no limit. */
	maxProfiles?: number;
}

/** What a client sends: secrets go their own way and never come back. */
interface ProfileInput {
	definition: ProfileDefinition;
	clientSecret?: string;
	/** Signs notices. */
	notificationSecret?: string;
}

export interface ProfileService {
	list(tenantId: string, page: PageRequest): Promise<Page<Profile>>;
	get(ref: ProfileRef): Promise<Profile>;
	create(tenantId: string, input: ProfileInput): Promise<Profile>;
	/** `edit` makes the new definition out of the present one. A running sync goes on; the next one takes it up. */
	update(ref: ProfileRef, edit: (current: ProfileDefinition) => ProfileInput): Promise<Profile>;
	/** Ends a running sync and removes all that we keep. The directory is left as it is. May be repeated. */
	delete(ref: ProfileRef): Promise<void>;
}

export function profileService(deps: ProfileDeps): ProfileService {
	return {
		list: (tenantId, page) => deps.profiles.list(tenantId, page),
		get: (ref) => getProfile(deps.profiles, ref),
		create: (tenantId, input) => createProfile(deps, tenantId, input),
		update: (ref, edit) => updateProfile(deps, ref, edit),
		delete: (ref) => deleteProfile(deps, ref),
	};
}

async function createProfile(deps: ProfileDeps, tenantId: string, input: ProfileInput): Promise<Profile> {
	const { definition } = input;
	requireFutureExpiration(deps, definition);
	requireSignature(undefined, input);
	await requireRoomForOne(deps, tenantId);
	const id = deps.newId();
	const profile: Profile = {
		...definition,
		id,
		tenantId,
		state: 'provisioning',
		stateSince: deps.clock.now().toISOString(),
		// Until the first start, as clients of the old service expect.
		status: 'paused',
		statusMessage: waitingMessages[definition.dataProvider.kind],
		errorCount: 0,
		snapshotGeneration: id,
		createdDateTime: deps.clock.now().toISOString(),
	};
	const ref: ProfileRef = { tenantId, profileId: id };
	await putSecrets(deps, ref, input);
	await deps.profiles.insert(profile);
	try {
		await deps.orchestrations.provision(ref);
	} catch (error) {
		// The client is told that it failed and will send the same again: there must be no twin that waits forever.
		await deps.profiles.delete(tenantId, id);
		await deps.secrets.delete(ref);
		await deps.secrets.delete({ ...ref, name: 'notifications' });
		throw error;
	}
	deps.events.happened({ name: 'profile.created', ...ref });
	if (isTurnedOff(undefined, definition.safety)) deps.events.happened({ name: 'safety.turnedOff', ...ref });
	return profile;
}

/** What the status of a profile says before its first sync. */
const waitingMessages: Readonly<Record<DataProvider['kind'], string>> = {
	csv: '',
	powerSchool: 'No sync yet: this version of the service does not read from PowerSchool servers.',
	oneRoster: 'No sync yet: this version of the service does not read from OneRoster servers.',
};

async function requireRoomForOne({ profiles, maxProfiles }: ProfileDeps, tenantId: string): Promise<void> {
	if (maxProfiles === undefined) return;
	const { items } = await profiles.list(tenantId, { size: maxProfiles });
	if (items.length < maxProfiles) return;
	throw new SyncApiError(
		'Conflict',
		`Cannot create another profile: the tenant has ${items.length}, and at most ${maxProfiles} are allowed. Delete one first.`,
	);
}

async function updateProfile(
	deps: ProfileDeps,
	ref: ProfileRef,
	edit: (current: ProfileDefinition) => ProfileInput,
): Promise<Profile> {
	const before = await getProfile(deps.profiles, ref);
	const input = checkedEdit(deps, before, edit);
	await putSecrets(deps, ref, input);
	const profile = await changeProfile(deps.profiles, ref, (current) => {
		const { definition } = checkedEdit(deps, current, edit);
		const { stateReason: _, refusal, noticeTrouble, ...kept } = redefined(current, definition);
		return {
			...kept,
			...renewal(deps, current, definition),
			// What was refused under the old settings may be fine under the new ones.
			...(refusal ? { refusal: { ...refusal, isOutdated: true } } : {}),
			// Other settings deserve another try.
			...(noticeTrouble && isSameReceiver(current, input) ? { noticeTrouble } : {}),
			state: 'provisioning',
			stateSince: deps.clock.now().toISOString(),
		};
	});
	if (!profile) throw apiErrors.profileNotFound(ref.profileId);
	deps.events.happened({ name: 'profile.changed', ...ref });
	if (isTurnedOff(before.safety, profile.safety)) deps.events.happened({ name: 'safety.turnedOff', ...ref });
	if (before.notifications && !profile.notifications) await deps.secrets.delete({ ...ref, name: 'notifications' });
	if (profile.snapshotGeneration !== before.snapshotGeneration)
		await deps.rosters.deleteAll(historyFolder(ref.profileId));
	try {
		await deps.orchestrations.provision(ref);
	} catch (error) {
		// From this state the client may update again; from "provisioning" nobody would lead it out.
		await markFailed(deps, ref, 'provisioning');
		throw error;
	}
	return profile;
}

function checkedEdit(
	deps: ProfileDeps,
	current: Profile,
	edit: (current: ProfileDefinition) => ProfileInput,
): ProfileInput {
	requireLegal(current, 'update', deps.clock.now());
	const input = edit(current);
	if (input.definition.expirationDate !== current.expirationDate) requireFutureExpiration(deps, input.definition);
	requireSameProvider(current, input.definition);
	requireSignature(current, input);
	return input;
}

async function putSecrets({ secrets }: ProfileDeps, ref: ProfileRef, input: ProfileInput): Promise<void> {
	const { clientSecret, notificationSecret } = input;
	if (clientSecret !== undefined) await secrets.put(ref, clientSecret);
	if (notificationSecret !== undefined) await secrets.put({ ...ref, name: 'notifications' }, notificationSecret);
}

/** Whoever is told must be able to know that it is us. */
function requireSignature(current: ProfileDefinition | undefined, input: ProfileInput): void {
	const { definition, notificationSecret } = input;
	if (!definition.notifications || notificationSecret !== undefined || current?.notifications) return;
	const message =
		'The notifications have no secret, and they must have one to be signed with: 24 to 64 random bytes in base64.';
	throw apiErrors.badRequest(message, [{ code: 'InvalidValue', message, target: 'notifications/secret' }]);
}

const isSameReceiver = (current: Profile, { definition, notificationSecret }: ProfileInput) =>
	notificationSecret === undefined &&
	JSON.stringify(definition.notifications) === JSON.stringify(current.notifications);

/**
 * An expired profile that gets a later date, or none, begins anew: whoever left meanwhile is not removed from last year's classes.
 * https://learn.microsoft.com/schooldatasync/term-transition
 */
function renewal(deps: ProfileDeps, current: Profile, next: ProfileDefinition): Partial<Profile> {
	const now = deps.clock.now();
	return isExpired(current, now) && !isExpired(next, now) ? { snapshotGeneration: deps.newId() } : {};
}

function requireSameProvider(current: Profile, { dataProvider }: ProfileDefinition): void {
	if (dataProvider.kind === current.dataProvider.kind) return;
	const message = `The data provider is "${dataProvider.kind}", and it must stay "${current.dataProvider.kind}". Create another profile for another source.`;
	throw apiErrors.badRequest(message, [{ code: 'InvalidValue', message, target: 'dataProvider/@odata.type' }]);
}

async function deleteProfile(deps: ProfileDeps, ref: ProfileRef): Promise<void> {
	const profile = await changeProfile(deps.profiles, ref, ({ stateReason: _, ...current }) => {
		requireLegal(current, 'delete', deps.clock.now());
		return { ...current, state: 'deleting', stateSince: deps.clock.now().toISOString() };
	});
	if (!profile) throw apiErrors.profileNotFound(ref.profileId);
	deps.events.happened({ name: 'profile.deleted', ...ref });
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
