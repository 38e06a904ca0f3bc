import type { TableClient } from '@azure/data-tables';
import type { Page, PageRequest } from '../ports.ts';

/** A service page holds at most this many entities. */
export const maxPageSize = 1000;

/** Other than the array itself, its continuation token is not in the typings. */
export type WithToken = { continuationToken?: string };

/**
 * One page of a partition whose rows are items, in order of their keys. The continuation is the key of the last item, so that it
 * holds whatever is inserted or deleted meanwhile.
 */
export async function readKeyPage<T>(
	table: TableClient,
	partition: string,
	{ page: { size, continuation }, read }: { page: PageRequest; read: (entity: object) => T },
): Promise<Page<T>> {
	const after = continuation ? ` and RowKey gt ${quoted(continuation)}` : '';
	const filter = `PartitionKey eq ${quoted(partition)}${after}`;
	const rows: { rowKey?: string }[] = [];
	let hasMore = false;
	const settings = { maxPageSize: Math.min(size, maxPageSize) };
	for await (const entities of table.listEntities<{ rowKey?: string }>({ queryOptions: { filter } }).byPage(settings)) {
		rows.push(...entities);
		hasMore = (entities as WithToken).continuationToken !== undefined;
		// The service may give an empty page and a token.
		if (rows.length >= size) break;
	}
	const items = rows.slice(0, size).map(read);
	const last = rows[size - 1]?.rowKey;
	return last !== undefined && (hasMore || rows.length > size) ? { items, continuation: last } : { items };
}

/** Quotes a value of an OData filter. */
export const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;

/** Every row of a partition whose key starts with `prefix`. */
export function rowsWithPrefix(partition: string, prefix: string): string {
	return `PartitionKey eq ${quoted(partition)} and RowKey ge ${quoted(prefix)} and RowKey lt ${quoted(`${prefix}\u{7f}`)}`;
}
