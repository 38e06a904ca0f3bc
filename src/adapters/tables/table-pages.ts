import type { TableClient } from '@azure/data-tables';
import type { Page, PageRequest } from '../../ports.ts';

/** A service page holds at most this many entities. */
const maxPageSize = 1000;

export interface TableQuery {
	filter: string;
	select?: string[];
}

/** One page of a query, as the service gives it: short only at its end, or at the end of a partition range. */
export async function readPage<T>(
	table: TableClient,
	query: TableQuery,
	{ page, read }: { page: PageRequest; read: (entity: object) => T },
): Promise<Page<T>> {
	const settings = {
		maxPageSize: Math.min(page.size, maxPageSize),
		...(page.continuation ? { continuationToken: page.continuation } : {}),
	};
	for await (const entities of table.listEntities({ queryOptions: query }).byPage(settings)) {
		// Other than the array itself, its continuation token is not in the typings.
		const { continuationToken } = entities as unknown as { continuationToken?: string };
		const items = [...entities].map(read);
		return continuationToken ? { items, continuation: continuationToken } : { items };
	}
	return { items: [] };
}

/** Quotes a value of an OData filter. */
export const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;

/** Every row of a partition whose key starts with `prefix`. */
export function rowsWithPrefix(partition: string, prefix: string): string {
	return `PartitionKey eq ${quoted(partition)} and RowKey ge ${quoted(prefix)} and RowKey lt ${quoted(`${prefix}\u{7f}`)}`;
}
