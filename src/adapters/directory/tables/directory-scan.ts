import type { TableClient } from '@azure/data-tables';
import { maxPageSize, type WithToken } from '../../table-pages.ts';
import { endOfTenant, type KeyRange } from './directory-keys.ts';

export type DirectoryRow = { rowKey: string } & Readonly<Record<string, unknown>>;

/** What was looked at since the batch before. */
export interface Batch {
	/** In order of their keys. */
	rows: readonly DirectoryRow[];
	/** The key up to which everything has been looked at. */
	place: string;
	/** In requests as large as storage answers them at once. */
	cost: number;
}

/** An answer is given when so many requests have been made, however little they found: clients go on by the link. */
const maxCost = 20;

/** Reads ranges to their ends. A page that is empty although there are more, as a filter makes them, has no place to stop at. */
export async function* scanRanges(
	table: TableClient,
	ranges: readonly KeyRange[],
	{ pageSize, clauses = [], select }: { pageSize: number; clauses?: readonly string[]; select?: string[] },
): AsyncGenerator<Batch> {
	for (const range of ranges) {
		const filter = [range.filter, ...clauses].join(' and ');
		const queryOptions = select ? { filter, select } : { filter };
		const pages = table.listEntities<DirectoryRow>({ queryOptions });
		let cost = 0;
		for await (const page of pages.byPage({ maxPageSize: Math.min(pageSize, maxPageSize) })) {
			const rows: readonly DirectoryRow[] = page as DirectoryRow[];
			const hasMore = (page as WithToken).continuationToken !== undefined;
			cost += 1;
			const place = hasMore ? rows.at(-1)?.rowKey : range.end;
			if (place === undefined) continue;
			yield { rows, place, cost };
			cost = 0;
		}
	}
}

export interface Taken {
	rows: readonly DirectoryRow[];
	/** The key after which to go on; absent at the end. */
	continuation?: string;
	/** Of all that is wanted, if it was to be counted. */
	count?: number;
}

export interface Wanted {
	size: number;
	/** Goes through all batches. */
	wantsCount: boolean;
	matches(row: DirectoryRow): boolean;
}

/** One page of what is wanted. One row more is looked for, so that a full page has a link only if there is something behind it. */
export async function takePage(batches: AsyncIterable<Batch>, { size, wantsCount, matches }: Wanted): Promise<Taken> {
	const rows: DirectoryRow[] = [];
	let [count, spent] = [0, 0];
	for await (const batch of batches) {
		const found = batch.rows.filter(matches);
		count += found.length;
		spent += batch.cost;
		rows.push(...found.slice(0, size + 1 - rows.length));
		if (wantsCount) continue;
		if (rows.length > size) break;
		if (spent >= maxCost && batch.place !== endOfTenant) return { rows, continuation: batch.place };
	}
	const page = rows.slice(0, size);
	const last = page.at(-1);
	return {
		rows: page,
		...(last && rows.length > size ? { continuation: last.rowKey } : {}),
		...(wantsCount ? { count } : {}),
	};
}
