import type { TableClient } from '@azure/data-tables';
import { maxPageSize, quoted, type WithToken } from '../../table-pages.ts';
import { slices } from '../../transactions.ts';

export type ExistingRow = { rowKey: string; etag?: string } & Record<string, unknown>;

interface Key {
	partitionKey: string;
	rowKey: string;
}

/** A table's filter has at most 15 comparisons, and the range takes three. */
const keysPerQuery = 12;
/** If fewer of the rows in a range are wanted, they are asked for by their keys. */
const worthwhileShare = 0.25;

/**
 * The rows of a slice that exist; it is of one partition, and in order. Where most of what lies between is wanted, as when a roster is written
 * once more, one range query finds a hundred rows; where little is, as after a quiet day, most of it would come in vain.
 */
export async function readExisting(
	table: Pick<TableClient, 'listEntities'>,
	slice: readonly Key[],
): Promise<Map<string, ExistingRow>> {
	const wanted = new Set(slice.map(({ rowKey }) => rowKey));
	const existing = new Map<string, ExistingRow>();
	const pageSize = Math.min(2 * slice.length, maxPageSize);
	const pages = table.listEntities<ExistingRow>({ queryOptions: { filter: rangeOf(slice) } });
	for await (const page of pages.byPage({ maxPageSize: pageSize })) {
		const found = (page as ExistingRow[]).filter(({ rowKey }) => wanted.has(rowKey));
		for (const row of found) existing.set(row.rowKey, row);
		const last = page.at(-1)?.rowKey;
		const hasMore = (page as WithToken).continuationToken !== undefined;
		if (!hasMore || last === undefined || found.length >= page.length * worthwhileShare) continue;
		const rest = slice.filter(({ rowKey }) => rowKey > last);
		for (const row of await readByKeys(table, rest)) existing.set(row.rowKey, row);
		break;
	}
	return existing;
}

async function readByKeys(table: Pick<TableClient, 'listEntities'>, keys: readonly Key[]): Promise<ExistingRow[]> {
	const rows: ExistingRow[] = [];
	for (const some of slices(keys, keysPerQuery)) {
		const names = some.map(({ rowKey }) => `RowKey eq ${quoted(rowKey)}`).join(' or ');
		const filter = `${rangeOf(some)} and (${names})`;
		for await (const row of table.listEntities<ExistingRow>({ queryOptions: { filter } }))
			rows.push(row as ExistingRow);
	}
	return rows;
}

/** Storage looks at nothing outside of it. */
function rangeOf(slice: readonly Key[]): string {
	const [first, last] = [slice[0], slice.at(-1)] as [Key, Key];
	return `PartitionKey eq ${quoted(first.partitionKey)} and RowKey ge ${quoted(first.rowKey)} and RowKey le ${quoted(last.rowKey)}`;
}
