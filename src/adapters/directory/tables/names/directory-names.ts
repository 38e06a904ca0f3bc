import type { TableClient, TransactionAction } from '@azure/data-tables';
import { statusOf } from '../../../storage-account.ts';
import { quoted } from '../../../table-pages.ts';
import { inParallel } from '../../../transactions.ts';
import { nameKey, namePartition } from '../directory-keys.ts';
import { readExisting } from '../existing-rows.ts';
import { partitionSlices, readRows, trySubmit } from '../put-rows.ts';

/** Parallel requests for single names. */
const parallelRequests = 16;

/** Table `DirectoryNames`: one row per user principal name, which belongs to one user of the tenant. */
export interface DirectoryNames {
	/** Makes each name that is free that of the first who wants it, and reserves it until then; answers who owns each, by its key. */
	claim(tenantId: string, claims: readonly NameClaim[], until: Date): Promise<ReadonlyMap<string, OwnedName>>;
	/** Makes names another user's, reserved until then; answers whether all of them were still as they had been read. */
	handOver(tenantId: string, given: readonly Handover[], until: Date): Promise<boolean>;
	/** Frees those names that are still their user's. */
	release(tenantId: string, claims: readonly NameClaim[]): Promise<void>;
	/** For each name, the ids of the users that own it; a nickname is a name without its domain, whatever that is. */
	find(tenantId: string, names: readonly string[], by: 'name' | 'nickname'): Promise<readonly (readonly string[])[]>;
	/** Of many names at once: who owns each. */
	holders(tenantId: string, names: readonly string[]): Promise<readonly (string | undefined)[]>;
}

interface NameClaim {
	name: string;
	userId: string;
}

export interface OwnedName {
	userId: string;
	/** Whoever owns it and does not go by it may be about to, until then; later nobody will. */
	until: Date;
	/** Undefined if this very claim has made it that user's. */
	etag?: string;
}

interface Handover {
	name: string;
	to: string;
	/** As it was read. */
	etag: string;
}

type NameRow = { partitionKey: string; rowKey: string; userId: string; until: string };

export function directoryNames(open: () => Promise<TableClient>): DirectoryNames {
	return {
		async claim(tenantId, claims, until) {
			const table = await open();
			const rows = claims.map(
				({ name, userId }): NameRow => ({ ...keyOf(tenantId, name), userId, until: until.toISOString() }),
			);
			const firsts = [...Map.groupBy(rows, ({ rowKey }) => rowKey).values()].map(([first]) => first as NameRow);
			const owned = await inParallel(partitionSlices(firsts), (slice) => claimSlice(table, slice));
			return new Map(owned.flat());
		},

		async handOver(tenantId, given, until) {
			const table = await open();
			const rows = given.map(({ name, to, etag }) => ({ ...keyOf(tenantId, name), to, etag }));
			const isDone = await inParallel(partitionSlices(rows), (slice) =>
				trySubmit(
					table,
					slice.map(({ partitionKey, rowKey, to, etag }): TransactionAction => {
						const row: NameRow = { partitionKey, rowKey, userId: to, until: until.toISOString() };
						return ['update', row, 'Replace', { etag }];
					}),
				),
			);
			return isDone.every((each) => each);
		},

		async release(tenantId, claims) {
			const table = await open();
			const rows = claims.map(({ name, userId }) => ({ ...keyOf(tenantId, name), userId }));
			const existing = await readRows(table, rows);
			const own = rows.filter(({ rowKey, userId }) => existing.get(rowKey)?.userId === userId);
			await inParallel(
				own,
				({ partitionKey, rowKey }) =>
					deleteUnchanged(table, { partitionKey, rowKey, etag: existing.get(rowKey)?.etag as string }),
				parallelRequests,
			);
		},

		async find(tenantId, names, by) {
			const table = await open();
			return inParallel(
				names,
				async (name) => {
					const partition = namePartition(tenantId, name);
					if (by === 'nickname') return ownersOfNickname(table, partition, nameKey(name));
					const owner = await ownerOf(table, partition, nameKey(name));
					return owner ? [owner] : [];
				},
				parallelRequests,
			);
		},

		async holders(tenantId, names) {
			const table = await open();
			const keys = names.map((name) => keyOf(tenantId, name));
			const distinct = new Map(
				keys.filter(({ rowKey }) => rowKey.length <= maxKeyLength).map((key) => [key.rowKey, key]),
			);
			const rows = await readRows(table, [...distinct.values()]);
			return keys.map(({ rowKey }) => rows.get(rowKey)?.userId as string | undefined);
		},
	};
}

const keyOf = (tenantId: string, name: string) => ({
	partitionKey: namePartition(tenantId, name),
	rowKey: nameKey(name),
});

async function claimSlice(table: TableClient, slice: readonly NameRow[]): Promise<[string, OwnedName][]> {
	const ownedAs = (row: NameRow): [string, OwnedName] => [
		row.rowKey,
		{ userId: row.userId, until: new Date(row.until) },
	];
	if (await tryCreate(table, slice)) return slice.map(ownedAs);
	const existing = await readExisting(table, slice);
	const missing = slice.filter(({ rowKey }) => !existing.has(rowKey));
	// Another sync of the tenant claims at the same moment: look again.
	if (missing.length > 0 && !(await tryCreate(table, missing))) return claimSlice(table, slice);
	return slice.map((row) => {
		const found = existing.get(row.rowKey);
		if (!found) return ownedAs(row);
		const { userId, until, etag } = found as unknown as NameRow & { etag: string };
		// Rows were once written without: nobody works on them any more.
		return [row.rowKey, { userId, until: new Date(until ?? 0), etag }];
	});
}

async function tryCreate(table: TableClient, rows: readonly NameRow[]): Promise<boolean> {
	return trySubmit(
		table,
		rows.map((row): TransactionAction => ['create', row]),
	);
}

/** Unless somebody else has got it since it was read. A transaction of storage cannot ask for that of what it deletes. */
async function deleteUnchanged(
	table: TableClient,
	{ partitionKey, rowKey, etag }: { partitionKey: string; rowKey: string; etag: string },
): Promise<void> {
	try {
		await table.deleteEntity(partitionKey, rowKey, { etag });
	} catch (error) {
		if (![404, 412].includes(statusOf(error) ?? 0)) throw error;
	}
}

/** A row key holds at most 1 KiB, and so nobody has a longer name. */
const maxKeyLength = 512;

async function ownerOf(table: TableClient, partition: string, key: string): Promise<string | undefined> {
	if (key.length > maxKeyLength) return undefined;
	try {
		return (await table.getEntity<{ userId: string }>(partition, key)).userId;
	} catch (error) {
		if (statusOf(error) === 404) return undefined;
		throw error;
	}
}

async function ownersOfNickname(table: TableClient, partition: string, nickname: string): Promise<string[]> {
	const filter = `PartitionKey eq ${quoted(partition)} and RowKey ge ${quoted(`${nickname}@`)} and RowKey lt ${quoted(`${nickname}A`)}`;
	const owners = new Set<string>();
	for await (const row of table.listEntities<{ userId: string }>({ queryOptions: { filter } })) owners.add(row.userId);
	return [...owners];
}
