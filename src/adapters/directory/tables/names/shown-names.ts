import type { TableClient } from '@azure/data-tables';
import { toColumns } from '../directory-columns.ts';
import { nameKey, partitionOf } from '../directory-keys.ts';
import type { ExistingRow } from '../existing-rows.ts';
import { readRows } from '../put-rows.ts';

/** The names that rows of users show. */

/** What a user was called who has given his name up, and has no other one yet. */
const heldColumn = 'heldName';

/** A user's sign-in name, and what goes with it. */
export function nameColumns(userPrincipalName: string) {
	return toColumns({
		userPrincipalName,
		mail: userPrincipalName,
		mailNickname: userPrincipalName.split('@')[0] as string,
	});
}

/** For a while the user goes by no name. */
export const hiddenName = (name: string) => ({
	...toColumns({ userPrincipalName: null, mail: null, mailNickname: null }),
	[heldColumn]: name,
});

/** The name that a user goes by; of one who goes by none just now, the last one. */
export function nameIn(row: Readonly<Record<string, unknown>>): string | undefined {
	return shownName(row) ?? heldName(row);
}

export function shownName(row: Readonly<Record<string, unknown>>): string | undefined {
	const { g_userPrincipalName: shown } = row;
	return typeof shown === 'string' ? ((JSON.parse(shown) as string | null) ?? undefined) : undefined;
}

export function heldName(row: Readonly<Record<string, unknown>>): string | undefined {
	const held = row[heldColumn];
	return typeof held === 'string' ? held : undefined;
}

/** Rows of users, by id. */
export const usersById = (table: TableClient, tenantId: string, ids: Iterable<string>) =>
	readRows(
		table,
		[...new Set(ids)].map((rowKey) => ({ partitionKey: partitionOf(tenantId, rowKey), rowKey })),
	);

/**
 * Of those who own what was looked for, those who go by it, value by value: others are about to, or did before they got another name, and
 * whoever gave it to them died.
 */
export async function whoGoBy(
	{ table, tenantId }: { table: TableClient; tenantId: string },
	{ values, by }: { values: readonly string[]; by: 'name' | 'nickname' },
	owners: readonly (readonly string[])[],
): Promise<string[][]> {
	const rows = await usersById(table, tenantId, owners.flat());
	const goesBy = (row: ExistingRow | undefined, value: string) => {
		const key = nameKey((row && nameIn(row)) ?? '');
		return (by === 'name' ? key : key.split('@')[0]) === nameKey(value);
	};
	return values.map((value, at) => (owners[at] ?? []).filter((id) => goesBy(rows.get(id), value)));
}
