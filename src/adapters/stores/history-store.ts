import type { TableClient } from '@azure/data-tables';
import type { HistoryRecord } from '../../domain/sync/history/history.ts';
import type { HistoryStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { deleteRow } from '../transactions.ts';
import { readZippedColumns, zippedColumns } from './zipped-entity.ts';

const rowKey = 'history';

/** Table `Histories`: one row a profile. */
export function tableHistoryStore(account: StorageAccount): HistoryStore {
	const open = () => account.table('Histories');
	return {
		async get(profileId) {
			try {
				const entity = await (await open()).getEntity(profileId, rowKey);
				return { record: readZippedColumns<HistoryRecord>(entity), version: entity.etag };
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async replace(profileId, { record, version }) {
			const entity = { partitionKey: profileId, rowKey, ...zippedColumns(record) };
			return wasUndisturbed(await open(), (table) =>
				version === undefined ? table.createEntity(entity) : table.updateEntity(entity, 'Replace', { etag: version }),
			);
		},

		async delete(profileId) {
			await deleteRow(await open(), profileId, rowKey);
		},
	};
}

/** False if the row is no longer as it was read, or there is one where there was none. */
async function wasUndisturbed(table: TableClient, write: (table: TableClient) => Promise<unknown>): Promise<boolean> {
	try {
		await write(table);
		return true;
	} catch (error) {
		if ([404, 409, 412].includes(statusOf(error) ?? 0)) return false;
		throw error;
	}
}
