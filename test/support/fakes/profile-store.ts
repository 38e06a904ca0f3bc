import type { Profile } from '../../../src/domain/profile.ts';
import type { ProfileStore } from '../../../src/ports.ts';
import { pageOf } from './page-of.ts';
import { storedCopy } from './stored-copy.ts';

export interface FakeProfileStore extends ProfileStore {
	/** Called before each conditional write, so that a test can be the other request. */
	beforeReplace: (() => Promise<void>) | undefined;
}

export function fakeProfileStore(...profiles: readonly Profile[]): FakeProfileStore {
	const rows = new Map<string, { profile: Profile; version: string }>();
	let versions = 0;
	const keyOf = (tenantId: string, profileId: string) => `${tenantId}/${profileId}`;
	const write = (profile: Profile) =>
		rows.set(keyOf(profile.tenantId, profile.id), { profile: storedCopy(profile), version: String(++versions) });
	profiles.forEach(write);
	return {
		beforeReplace: undefined,

		async insert(profile) {
			if (rows.has(keyOf(profile.tenantId, profile.id))) throw new Error('The profile exists already.');
			write(profile);
		},

		async get(tenantId, profileId) {
			return storedCopy(rows.get(keyOf(tenantId, profileId)));
		},

		async list(tenantId, page) {
			const own = [...rows.values()].map(({ profile }) => profile).filter((profile) => profile.tenantId === tenantId);
			return storedCopy(
				pageOf(
					own.sort((a, b) => (a.id < b.id ? -1 : 1)),
					page,
				),
			);
		},

		async replace(stored, next) {
			await this.beforeReplace?.();
			if (rows.get(keyOf(next.tenantId, next.id))?.version !== stored.version) return false;
			write(next);
			return true;
		},

		async delete(tenantId, profileId) {
			rows.delete(keyOf(tenantId, profileId));
		},
	};
}
