import { randomUUID } from 'node:crypto';
import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { RekeyedObject } from '../../../domain/directory.ts';
import { quoted } from '../../table-pages.ts';
import { inParallel } from '../../transactions.ts';
import { anchorOf, directoryId, partitionOf } from './directory-keys.ts';
import { partitionSlices } from './put-rows.ts';

/**
 * Table `DirectoryAnchors`: which object a SIS id means, where that is not the one whose id was made of it. The row of an anchor counts for
 * whoever has none of its own: a source that gave an object another id may give the old one to somebody else, while another source
 * has not changed its ids yet. Row keys are the id that would be made of the anchor, then perhaps the source.
 */
export interface DirectoryAnchors {
	/** The id of the object that each record means, be it there or not. */
	idsOf(tenantId: string, records: readonly AnchoredRecord[]): Promise<readonly string[]>;
	/** Repeatable at any point. */
	move(tenantId: string, source: string, objects: readonly RekeyedObject[]): Promise<void>;
}

interface AnchoredRecord {
	anchor: string;
	/** The profile's id. */
	source: string;
}

type Rows = Map<string, string>;

interface AnchorRow {
	partitionKey: string;
	rowKey: string;
	objectId: string;
}

const ownKey = (id: string, source: string) => `${id}|${encodeURIComponent(source)}`;

/** What the source means by an anchor, given by the id that would be made of it. */
const meant = (rows: Rows, id: string, source: string) => rows.get(ownKey(id, source)) ?? rows.get(id) ?? id;

export function directoryAnchors(open: () => Promise<TableClient>): DirectoryAnchors {
	/** Tenants that have rows: they never lose the last one. */
	const known = new Set<string>();

	async function hasRows(table: TableClient, tenantId: string): Promise<boolean> {
		if (known.has(tenantId)) return true;
		const found = await rowsIn(table, `PartitionKey eq ${quoted(markPartition(tenantId))}`);
		if (found.size > 0) known.add(tenantId);
		return found.size > 0;
	}

	return {
		async idsOf(tenantId, records) {
			const ids = records.map(({ anchor }) => directoryId(tenantId, anchor));
			const table = await open();
			if (!(await hasRows(table, tenantId))) return ids;
			const rows = await rowsOf(table, tenantId, ids);
			return records.map(({ source }, at) => meant(rows, ids[at] as string, source));
		},

		async move(tenantId, source, objects) {
			const table = await open();
			const mark = { partitionKey: markPartition(tenantId), rowKey: 'rows', objectId: '' };
			// Before the rows, so that nobody who sees none misses them.
			if (!(await hasRows(table, tenantId))) await table.upsertEntity(mark, 'Replace');
			const moves = objects.map(({ kind, id, from, to }) => ({
				id,
				from: directoryId(tenantId, anchorOf(kind, from)),
				to: directoryId(tenantId, anchorOf(kind, to)),
			}));
			const rows = await rowsOf(
				table,
				tenantId,
				moves.flatMap(({ from, to }) => [from, to]),
			);
			await writeRows(table, tenantId, rowsToWrite(rows, source, moves));
		},
	};
}

/** No other key of a partition begins like that. */
const markPartition = (tenantId: string) => `${tenantId}|any`;

interface Move {
	id: string;
	from: string;
	to: string;
}

function rowsToWrite(rows: Rows, source: string, moves: readonly Move[]): Rows {
	const written: Rows = new Map();
	const taken = new Set(moves.map(({ to }) => to));
	for (const { id, from, to } of moves) {
		if (meant(rows, to, source) !== id) {
			written.set(to, id);
			if (rows.has(ownKey(to, source))) written.set(ownKey(to, source), id);
		}
		// Of no record, so that it cannot be the id of an object that had the anchor before.
		if (!taken.has(from) && meant(rows, from, source) === id) written.set(ownKey(from, source), randomUUID());
	}
	return written;
}

async function rowsOf(table: TableClient, tenantId: string, ids: readonly string[]): Promise<Rows> {
	const wanted = [...new Set(ids)].map((id) => ({ partitionKey: partitionOf(tenantId, id), rowKey: id }));
	const rows: Rows = new Map();
	await inParallel(partitionSlices(wanted), async (slice) => {
		const [first, last] = [slice[0], slice.at(-1)];
		if (!first || !last) return;
		const keys = `RowKey ge ${quoted(first.rowKey)} and RowKey lt ${quoted(`${last.rowKey}|~`)}`;
		const found = await rowsIn(table, `PartitionKey eq ${quoted(first.partitionKey)} and ${keys}`);
		for (const [key, objectId] of found) rows.set(key, objectId);
	});
	return rows;
}

async function rowsIn(table: TableClient, filter: string): Promise<Rows> {
	const rows: Rows = new Map();
	for await (const { rowKey, objectId } of table.listEntities<AnchorRow>({ queryOptions: { filter } }))
		rows.set(rowKey as string, objectId);
	return rows;
}

async function writeRows(table: TableClient, tenantId: string, rows: Rows): Promise<void> {
	const written = [...rows].map(([rowKey, objectId]) => ({
		partitionKey: partitionOf(tenantId, rowKey),
		rowKey,
		objectId,
	}));
	await inParallel(partitionSlices(written), async (slice) => {
		await table.submitTransaction(slice.map((row): TransactionAction => ['upsert', row, 'Replace']));
	});
}
