import { errorChunkId, errorIndex, errorPlaceId, lastErrorId } from '../../domain/run-id.ts';
import type { SyncError } from '../../domain/sync-error.ts';
import type { Page, PageRequest, SyncErrorStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { quoted } from '../table-pages.ts';
import { deleteRows, inParallel } from '../transactions.ts';
import { readZippedColumns, zippedColumns } from './zipped-entity.ts';

/** A chunk's entity stays below the 1 MiB that the service allows, even if every value in it is as long as it may be. */
const chunkSize = 250;

/**
 * Table `SyncErrors`: partition = profile, row = id of a chunk of up to 250 errors, compressed, whose order is the order of
 * the files. Beside it a partition with one counter for each place that records errors, so that counting reads a few rows,
 * whatever it counts.
 */
export function tableSyncErrorStore(account: StorageAccount): SyncErrorStore {
	const open = () => account.table('SyncErrors');
	return {
		async save(profileId, errors) {
			const table = await open();
			const chunks = Map.groupBy(errors, ({ id }) => errorChunkId(id, chunkSize));
			await inParallel([...chunks], async ([rowKey, chunk]) => {
				await table.upsertEntity({ partitionKey: profileId, rowKey, ...zippedColumns(chunk) }, 'Replace');
			});
			const lastIds = new Map(errors.map(({ id }) => [errorPlaceId(id), id]));
			await inParallel([...lastIds], async ([rowKey, lastId]) => {
				await deleteRows(table, rowsBehind(profileId, lastId));
				const count = errorIndex(lastId) + 1;
				await table.upsertEntity({ partitionKey: counterPartition(profileId), rowKey, count }, 'Replace');
			});
		},

		async list(profileId, page) {
			const from = page.continuation ? errorChunkId(page.continuation, chunkSize) : '';
			const filter = `PartitionKey eq ${quoted(profileId)} and RowKey ge ${quoted(from)}`;
			const maxPageSize = Math.ceil(page.size / chunkSize) + 1;
			const chunks = (await open()).listEntities({ queryOptions: { filter } }).byPage({ maxPageSize });
			return pageOfChunks(chunks, page);
		},

		async get(profileId, errorId) {
			const id = errorId.toUpperCase();
			try {
				const chunk = await (await open()).getEntity(profileId, errorChunkId(id, chunkSize));
				return readZippedColumns<SyncError[]>(chunk).find((error) => error.id === id);
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async count(profileId) {
			const filter = `PartitionKey eq ${quoted(counterPartition(profileId))}`;
			let sum = 0;
			for await (const row of (await open()).listEntities<{ count: number }>({ queryOptions: { filter } }))
				sum += row.count;
			return sum;
		},

		async deleteAll(profileId) {
			for (const partition of [profileId, counterPartition(profileId)])
				await deleteRows(await open(), `PartitionKey eq ${quoted(partition)}`);
		},
	};
}

/** Chunks of the same place that an earlier attempt of its step has left. */
function rowsBehind(profileId: string, errorId: string): string {
	const [after, last] = [errorChunkId(errorId, chunkSize), lastErrorId(errorId)];
	return `PartitionKey eq ${quoted(profileId)} and RowKey gt ${quoted(after)} and RowKey le ${quoted(last)}`;
}

const counterPartition = (profileId: string) => `${profileId}|counts`;

async function pageOfChunks(
	pages: AsyncIterable<readonly object[]>,
	{ size, continuation = '' }: PageRequest,
): Promise<Page<SyncError>> {
	const errors: SyncError[] = [];
	for await (const entities of pages) {
		for (const entity of entities)
			errors.push(...readZippedColumns<SyncError[]>(entity).filter(({ id }) => id > continuation));
		// One more than the page tells whether there is another.
		if (errors.length > size) break;
	}
	const items = errors.slice(0, size);
	return errors.length > size ? { items, continuation: items.at(-1)?.id as string } : { items };
}
