import { CannotRunError } from '../cannot-run.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { Profile } from '../client/api-shapes.ts';
import type { Clock } from '../clock.ts';
import type { SyncOptions } from '../options.ts';

export interface ReadyProfile {
	profile: Profile;
	isNew: boolean;
	/** What the user asked for and does not get, in sentences. */
	notes: string[];
}

export interface ProfileContext {
	client: ApiClient;
	clock: Clock;
	signal: AbortSignal;
}

/** The profile of that name, created if there is none, once it is provisioned. */
export async function ensureProfile(options: SyncOptions, context: ProfileContext): Promise<ReadyProfile> {
	const { profileName } = options;
	const twins = (await context.client.listProfiles()).filter(
		({ displayName, state }) => displayName === profileName && !state.startsWith('delet'),
	);
	const found = twins[0];
	if (!found) {
		const created = await context.client.createProfile(newProfile(options));
		return { profile: await waitUntilProvisioned(created, context), isNew: true, notes: [] };
	}
	requireCsv(found);
	const notes = twins.length > 1 ? [`${twins.length} profiles are called "${profileName}"; this is the oldest.`] : [];
	return {
		profile: await waitUntilProvisioned(found, context),
		isNew: false,
		notes: [...notes, ...unusedDomains(found, options)],
	};
}

function newProfile({ profileName, domains }: SyncOptions): Record<string, unknown> {
	return {
		displayName: profileName,
		dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
		identitySynchronizationConfiguration: {
			'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
			userDomains: [
				{ appliesTo: 'student', name: domains.student },
				{ appliesTo: 'teacher', name: domains.teacher },
			],
		},
	};
}

function requireCsv({ displayName, dataProvider }: Profile): void {
	if (!dataProvider || /csv/i.test(dataProvider['@odata.type'])) return;
	throw new CannotRunError(
		`Cannot upload files to profile "${displayName}": it reads from another source, and must be a CSV profile. Choose another --name.`,
	);
}

/** This client never changes a profile, because accounts that exist keep their domain. */
function unusedDomains({ identitySynchronizationConfiguration }: Profile, { namedDomains }: SyncOptions): string[] {
	const present = identitySynchronizationConfiguration?.userDomains ?? [];
	return (['student', 'teacher'] as const).flatMap((role) => {
		const wanted = namedDomains[role];
		const has = present.find(({ appliesTo }) => appliesTo.toLowerCase() === role)?.name;
		if (wanted === undefined || wanted.toLowerCase() === has?.toLowerCase()) return [];
		const kept = has ? `keeps its ${role} domain ${has}` : `creates no ${role} accounts`;
		return [`The profile exists and ${kept}; --${role}-domain has no effect.`];
	});
}

const pollMs = 500;
const maxProvisioningMs = 120_000;

async function waitUntilProvisioned(profile: Profile, { client, clock, signal }: ProfileContext): Promise<Profile> {
	const deadlineMs = clock.nowMs() + maxProvisioningMs;
	let current = profile;
	while (current.state !== 'provisioned') {
		if (current.state === 'provisioningFailed') throw await provisioningFailed(current, client);
		if (clock.nowMs() > deadlineMs) {
			throw new CannotRunError(
				`Cannot use profile "${profile.displayName}": after two minutes its state is "${current.state}", and it must be "provisioned". Run the command again later.`,
			);
		}
		await clock.sleep(pollMs, signal);
		current = await client.getProfile(profile.id);
	}
	return current;
}

async function provisioningFailed(profile: Profile, client: ApiClient): Promise<CannotRunError> {
	const { statusMessage } = await client.getStatus(profile.id);
	const reason = statusMessage?.trim().replace(/\.$/, '') || 'the service gives no reason';
	return new CannotRunError(
		`Cannot use profile "${profile.displayName}": setting it up failed: ${reason}. Correct that and delete the profile, or choose another --name.`,
	);
}
