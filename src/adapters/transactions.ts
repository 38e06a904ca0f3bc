import type { TableClient, TransactionAction } from '@azure/data-tables';
import { statusOf } from './storage-account.ts';

/** Table transactions hold at most 100 entities. */
export const maxTransactionActions = 100;

/** Enough to keep the service busy, few enough to stay below its limits per partition. */
const parallelTransactions = 6;

/** Runs `work` on every item, a few at a time, and keeps the order of the results. */
export async function inParallel<I, O>(
	items: readonly I[],
	work: (item: I, at: number) => Promise<O>,
	width = parallelTransactions,
): Promise<O[]> {
	const results = new Array<O>(items.length);
	let next = 0;
	const lanes = Array.from({ length: Math.min(width, items.length) }, async () => {
		for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as I, at);
	});
	await Promise.all(lanes);
	return results;
}

/** Slices of one partition's actions, each small enough for one transaction. */
export function slices<T>(items: readonly T[], size = maxTransactionActions): T[][] {
	return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Deletes a row; deleting what is gone is no error. */
export async function deleteRow(table: TableClient, partitionKey: string, rowKey: string): Promise<void> {
	try {
		await table.deleteEntity(partitionKey, rowKey);
	} catch (error) {
		if (statusOf(error) !== 404) throw error;
	}
}

/** Deletes every row that a query finds, partition by partition. Rows that are gone already are no error. */
export async function deleteRows(table: TableClient, filter: string): Promise<void> {
	const rows = table.listEntities<{ partitionKey: string; rowKey: string }>({
		queryOptions: { filter, select: ['PartitionKey', 'RowKey'] },
	});
	for await (const page of rows.byPage({ maxPageSize: 1000 })) {
		const keys = [...page].map(({ partitionKey, rowKey }) => ({ partitionKey, rowKey }));
		const byPartition = Map.groupBy(keys, ({ partitionKey }) => partitionKey);
		const batches = [...byPartition.values()].flatMap((partition) => slices(partition));
		await inParallel(batches, (batch) => deleteBatch(table, batch));
	}
}

async function deleteBatch(
	table: TableClient,
	keys: readonly { partitionKey: string; rowKey: string }[],
): Promise<void> {
	try {
		await table.submitTransaction(keys.map((key): TransactionAction => ['delete', key]));
	} catch (error) {
		if (statusOf(error) !== 404) throw error;
		// Somebody else deletes too; one by one, each row that is still there goes.
		for (const { partitionKey, rowKey } of keys) await deleteRow(table, partitionKey, rowKey);
	}
}
