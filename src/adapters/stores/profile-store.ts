import type { Profile } from '../../domain/profile.ts';
import type { ProfileStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { readKeyPage } from '../table-pages.ts';
import { deleteRow } from '../transactions.ts';
import { jsonColumns, readJsonColumns } from './json-entity.ts';

/**
 * Table `Profiles`: partition = tenant, row = profile id. Profile ids are UUIDs of version 7, so the order of the keys is the
 * order of creation, and a page of the list is a page of the table.
 */
export function tableProfileStore(account: StorageAccount): ProfileStore {
	const open = () => account.table('Profiles');
	return {
		async insert(profile) {
			await (await open()).createEntity(entityOf(profile));
		},

		async get(tenantId, profileId) {
			try {
				const entity = await (await open()).getEntity(tenantId, profileId);
				return { profile: readJsonColumns<Profile>(entity), version: entity.etag };
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async list(tenantId, page) {
			return readKeyPage(await open(), tenantId, { page, read: readJsonColumns<Profile> });
		},

		async replace(stored, next) {
			try {
				await (await open()).updateEntity(entityOf(next), 'Replace', { etag: stored.version });
				return true;
			} catch (error) {
				// 412: changed since. 404: deleted since.
				if (statusOf(error) === 412 || statusOf(error) === 404) return false;
				throw error;
			}
		},

		async delete(tenantId, profileId) {
			await deleteRow(await open(), tenantId, profileId);
		},
	};
}

const entityOf = (profile: Profile) => ({
	partitionKey: profile.tenantId,
	rowKey: profile.id,
	...jsonColumns(profile),
});
