import type { TableClient, TransactionAction } from '@azure/data-tables';
import { disturbed, untilUndisturbed } from '../../../undisturbed.ts';
import { statusOf } from '../../storage-account.ts';
import { inParallel, slices } from '../../transactions.ts';
import { type ExistingRow, readExisting } from './existing-rows.ts';

/** A row to create, or to merge into the one that is there. */
export interface RowPut {
	partitionKey: string;
	rowKey: string;
	columns: Readonly<Record<string, unknown>>;
	/** Written only when the row is created. */
	columnsOnCreate: Readonly<Record<string, unknown>>;
}

/** What a put is to a row that is there already. */
export interface Merging {
	/** Rows that were read a moment ago, by key: nobody tries to create them, or reads them again. */
	known?: ReadonlyMap<string, ExistingRow>;
	/** Called with the rows that exist already, before they are merged into. */
	before?: (existing: ReadonlyMap<string, ExistingRow>) => void;
}

/**
 * Puts rows in transactions of one partition each; one that is there twice is as the last of them says. It first tries to create
 * all of a slice: on a first sync they are new, and looking before every write would cost more than the writes. Repeatable at any
 * point.
 */
export async function putRows(table: TableClient, puts: readonly RowPut[], merging: Merging = {}): Promise<void> {
	await inParallel(partitionSlices(onePerRow(puts)), async (slice) => {
		let known = knownOf(slice, merging.known);
		if (known.size === 0 && (await tryCreate(table, slice))) return;
		await untilUndisturbed('write to the directory', async () => {
			const existing = known.size === slice.length ? known : await readExisting(table, slice);
			known = new Map();
			merging.before?.(existing);
			const actions = slice.map((put) => (existing.has(put.rowKey) ? mergeAction(put) : createAction(put)));
			return (await trySubmit(table, actions)) ? undefined : disturbed;
		});
	});
}

function knownOf(slice: readonly RowPut[], rows: Merging['known']): ReadonlyMap<string, ExistingRow> {
	const known = new Map<string, ExistingRow>();
	for (const { rowKey } of slice) {
		const row = rows?.get(rowKey);
		if (row) known.set(rowKey, row);
	}
	return known;
}

/** Merges into the rows that are there, and makes none. Repeatable at any point. */
export async function mergeExisting(table: TableClient, puts: readonly RowPut[]): Promise<void> {
	await inParallel(partitionSlices(puts), async (slice) => {
		const existing = await readExisting(table, slice);
		const actions = slice.filter(({ rowKey }) => existing.has(rowKey)).map(mergeAction);
		if (actions.length > 0) await table.submitTransaction(actions);
	});
}

/** False if a row is no longer as it was read: another sync wrote it meanwhile. */
export async function trySubmit(table: TableClient, actions: readonly TransactionAction[]): Promise<boolean> {
	if (actions.length === 0) return true;
	try {
		await table.submitTransaction([...actions]);
		return true;
	} catch (error) {
		if ([404, 409, 412].includes(statusOf(error) ?? 0)) return false;
		throw error;
	}
}

/** Those of the rows that exist, by key, which no two of them share. */
export async function readRows(
	table: TableClient,
	keys: readonly { partitionKey: string; rowKey: string }[],
): Promise<Map<string, ExistingRow>> {
	const found = await inParallel(partitionSlices(keys), (slice) => readExisting(table, slice));
	return new Map(found.flatMap((rows) => [...rows]));
}

/** A transaction has a row once. */
function onePerRow(puts: readonly RowPut[]): RowPut[] {
	const rows = new Map<string, RowPut>();
	for (const put of puts) {
		const earlier = rows.get(put.rowKey);
		rows.set(put.rowKey, earlier ? mergedPut(earlier, put) : put);
	}
	return [...rows.values()];
}

const mergedPut = (earlier: RowPut, put: RowPut): RowPut => ({
	...put,
	columns: { ...earlier.columns, ...put.columns },
	columnsOnCreate: { ...put.columnsOnCreate, ...earlier.columnsOnCreate },
});

const mergeAction = ({ partitionKey, rowKey, columns }: RowPut): TransactionAction => [
	'upsert',
	{ partitionKey, rowKey, ...columns },
	'Merge',
];

/** Slices of rows of the same partition, in order of their keys, as `readExisting` wants them. */
export function partitionSlices<T extends { partitionKey: string; rowKey: string }>(items: readonly T[]): T[][] {
	const byPartition = Map.groupBy(items, ({ partitionKey }) => partitionKey);
	return [...byPartition.values()].flatMap((rows) => slices(rows.sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1))));
}

async function tryCreate(table: TableClient, slice: readonly RowPut[]): Promise<boolean> {
	try {
		await table.submitTransaction(slice.map(createAction));
		return true;
	} catch (error) {
		if (statusOf(error) === 409) return false;
		throw error;
	}
}

const createAction = ({ partitionKey, rowKey, columns, columnsOnCreate }: RowPut): TransactionAction => [
	'create',
	{ partitionKey, rowKey, ...columnsOnCreate, ...columns },
];
