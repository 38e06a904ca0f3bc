import type { TableClient, TransactionAction } from '@azure/data-tables';
import { statusOf } from '../../../storage-account.ts';
import { quoted } from '../../../table-pages.ts';
import { deleteRow, inParallel } from '../../../transactions.ts';
import { nameKey, namePartition } from '../directory-keys.ts';
import { readExisting } from '../existing-rows.ts';
import { partitionSlices } from '../put-rows.ts';

/** Parallel look-ups of single names. */
const parallelReads = 16;

/** Table `DirectoryNames`: one row per user principal name, which belongs to one user of the tenant. */
export interface DirectoryNames {
	/** Reserves each name for its user; answers who has it, by the places of the claims that failed because another user has. */
	claim(tenantId: string, claims: readonly NameClaim[]): Promise<ReadonlyMap<number, string>>;
	/** Frees a name, if it is this user's. */
	release(tenantId: string, claim: NameClaim): Promise<void>;
	/** For each name, the ids of the users that go by it; a nickname is a name without its domain, whatever that is. */
	find(tenantId: string, names: readonly string[], by: 'name' | 'nickname'): Promise<readonly (readonly string[])[]>;
	/** Of many names at once: who has each. */
	holders(tenantId: string, names: readonly string[]): Promise<readonly (string | undefined)[]>;
}

interface NameClaim {
	name: string;
	userId: string;
}

interface ClaimRow {
	partitionKey: string;
	rowKey: string;
	userId: string;
	at: number;
}

export function directoryNames(open: () => Promise<TableClient>): DirectoryNames {
	return {
		async claim(tenantId, claims) {
			const table = await open();
			const refused = new Map<number, string>();
			const rows = claims.map(
				({ name, userId }, at): ClaimRow => ({
					partitionKey: namePartition(tenantId, name),
					rowKey: nameKey(name),
					userId,
					at,
				}),
			);
			const byName = Map.groupBy(rows, ({ rowKey }) => rowKey);
			const firsts = [...byName.values()].map(([first]) => first as ClaimRow);
			await inParallel(partitionSlices(firsts), async (slice) => {
				for (const { at, holder } of await claimSlice(table, slice)) refused.set(at, holder);
			});
			// Of several who want one name the first has asked, for all of them: one of the others may be who has it.
			for (const [first, ...others] of byName.values()) {
				const holder = first && (refused.get(first.at) ?? first.userId);
				for (const { at, userId } of others) if (holder !== undefined && holder !== userId) refused.set(at, holder);
			}
			return refused;
		},

		async release(tenantId, { name, userId }) {
			const table = await open();
			const [partition, key] = [namePartition(tenantId, name), nameKey(name)];
			const owner = await ownerOf(table, partition, key);
			if (owner === userId) await deleteRow(table, partition, key);
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
				parallelReads,
			);
		},

		async holders(tenantId, names) {
			const table = await open();
			const keys = names.map((name) => ({ partitionKey: namePartition(tenantId, name), rowKey: nameKey(name) }));
			const distinct = new Map(
				keys.filter(({ rowKey }) => rowKey.length <= maxKeyLength).map((key) => [key.rowKey, key]),
			);
			const holders = new Map<string, string>();
			await inParallel(partitionSlices([...distinct.values()]), async (slice) => {
				for (const [key, { userId }] of await readExisting(table, slice)) holders.set(key, String(userId));
			});
			return keys.map(({ rowKey }) => holders.get(rowKey));
		},
	};
}

/** Answers the places of the rows that somebody else has, and who. */
async function claimSlice(
	table: TableClient,
	slice: readonly ClaimRow[],
): Promise<readonly { at: number; holder: string }[]> {
	if (await tryCreate(table, slice)) return [];
	const existing = await readExisting(table, slice);
	const refused = slice.flatMap(({ rowKey, userId, at }) => {
		const holder = existing.get(rowKey)?.userId;
		return typeof holder === 'string' && holder !== userId ? [{ at, holder }] : [];
	});
	const missing = slice.filter(({ rowKey }) => !existing.has(rowKey));
	if (missing.length === 0 || (await tryCreate(table, missing))) return refused;
	// Another sync of the tenant claims at the same moment: look again.
	return claimSlice(table, slice);
}

async function tryCreate(table: TableClient, rows: readonly ClaimRow[]): Promise<boolean> {
	try {
		await table.submitTransaction(rows.map(({ at: _, ...row }): TransactionAction => ['create', row]));
		return true;
	} catch (error) {
		if (statusOf(error) === 409) return false;
		throw error;
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
