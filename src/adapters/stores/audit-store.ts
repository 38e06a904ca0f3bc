import type { AuditEntry } from '../../domain/events.ts';
import type { AuditStore } from '../../ports.ts';
import type { StorageAccount } from '../storage-account.ts';
import { quoted, readKeyPage } from '../table-pages.ts';
import { deleteRows } from '../transactions.ts';
import { jsonColumns, readJsonColumns } from './json-entity.ts';

/** Table `Audit`: partition = profile, row = id of the entry, whose order is newest first. */
export function tableAuditStore(account: StorageAccount): AuditStore {
	const open = () => account.table('Audit');
	return {
		async append(profileId, entry) {
			await (await open()).upsertEntity(
				{ partitionKey: profileId, rowKey: entry.id, ...jsonColumns(entry) },
				'Replace',
			);
		},

		async list(profileId, page) {
			return readKeyPage(await open(), profileId, { page, read: readJsonColumns<AuditEntry> });
		},

		async deleteAll(profileId) {
			await deleteRows(await open(), `PartitionKey eq ${quoted(profileId)}`);
		},
	};
}
