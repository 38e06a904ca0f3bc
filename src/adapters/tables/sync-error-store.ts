import type { SyncError } from '../../domain/sync-error.ts';
import type { SyncErrorStore } from '../../ports.ts';
import type { StorageAccount } from '../storage-account.ts';
import { jsonColumns, readJsonColumns } from './json-entity.ts';
import { quoted, readPage } from './table-pages.ts';
import { deleteRows, inParallel, slices } from './transactions.ts';

/** Table `SyncErrors`: partition = profile, row = error id, whose order is the order of the files. */
export function tableSyncErrorStore(account: StorageAccount): SyncErrorStore {
	const open = () => account.table('SyncErrors');
	return {
		async save(profileId, errors) {
			const table = await open();
			await inParallel(slices(errors), async (batch) => {
				await table.submitTransaction(
					batch.map((error) => [
						'upsert',
						{ partitionKey: profileId, rowKey: error.id, ...jsonColumns(error) },
						'Replace',
					]),
				);
			});
		},

		async list(profileId, page) {
			return readPage(await open(), { filter: ofProfile(profileId) }, { page, read: readJsonColumns<SyncError> });
		},

		async count(profileId) {
			const keys = (await open()).listEntities({ queryOptions: { filter: ofProfile(profileId), select: ['RowKey'] } });
			let count = 0;
			for await (const page of keys.byPage({ maxPageSize: 1000 })) count += page.length;
			return count;
		},

		async deleteAll(profileId) {
			await deleteRows(await open(), ofProfile(profileId));
		},
	};
}

const ofProfile = (profileId: string) => `PartitionKey eq ${quoted(profileId)}`;
