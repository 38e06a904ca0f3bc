import { storageAccount } from '../../../src/adapters/storage-account.ts';
import { tableDueWorkStore } from '../../../src/adapters/stores/due-work-store.ts';
import { tableProfileStore } from '../../../src/adapters/stores/profile-store.ts';
import type { Profile } from '../../../src/domain/profile.ts';
import { plannedProfiles } from '../../../src/services/due/planned-profiles.ts';
import type { TestHost } from '../hosts/test-host.ts';
import { poll } from '../requests/graph-client.ts';

type Host = Pick<TestHost, 'url' | 'connectionString'>;

const accountOf = ({ connectionString }: Host) => storageAccount({ kind: 'connectionString', connectionString });

/** Has the timer of a host look at something, and waits until it has. */
export async function doDueNow(host: Host, owner: string, subject: string): Promise<void> {
	const due = tableDueWorkStore(accountOf(host));
	const at = new Date();
	await due.put({ owner, subject, at });
	await fetch(`${host.url}/admin/functions/dueWork`, { method: 'POST', body: '{}' });
	const later = new Date(at.getTime() + 24 * 60 * 60 * 1000);
	await poll(
		() => due.due(owner, later, 1_000),
		(rows) => !rows.some(({ work }) => work.subject === subject && work.at.getTime() === at.getTime()),
	);
}

/** Changes a stored profile as the service would, so that what is due is planned anew. */
export async function changeStored(
	host: Host,
	{ tenantId, profileId }: { tenantId: string; profileId: string },
	edit: (profile: Profile) => Profile,
): Promise<void> {
	const account = accountOf(host);
	const profiles = plannedProfiles(tableProfileStore(account), tableDueWorkStore(account));
	const stored = await profiles.get(tenantId, profileId);
	if (!stored || !(await profiles.replace(stored, edit(stored.profile))))
		throw new Error('The profile changed meanwhile.');
}
