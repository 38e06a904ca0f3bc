import type { Orchestrations, ProfileRef } from '../../../src/ports.ts';
import { provisionProfile, removeProfile } from '../../../src/services/profiles/provisioning.ts';
import { type ApiUnderTest, profilesUrl } from '../hosts/api-under-test.ts';
import { profileBody } from '../rosters/profile-builder.ts';
import { appDeps } from './stores.ts';

/** Does what the orchestrations that were started would do. */
export async function settleProfiles({ durable }: ApiUnderTest): Promise<void> {
	const nothingRuns = { endSync: async () => {} } as unknown as Orchestrations;
	for (const { name, input } of durable.started.splice(0)) {
		if (name === 'provisionProfile') await provisionProfile(appDeps(), input as ProfileRef);
		else await removeProfile(appDeps(), nothingRuns, input as ProfileRef);
	}
}

/** Answers the URL of a profile that is provisioned. */
export async function newProfileIn(api: ApiUnderTest, changes: Record<string, unknown> = {}): Promise<string> {
	const { body } = await api.call(profilesUrl, { method: 'POST', body: profileBody(changes) });
	await settleProfiles(api);
	return `${profilesUrl}/${body.id}`;
}
