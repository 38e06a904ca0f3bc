import type { ObjectDescription, RekeyedObject } from '../../../domain/directory.ts';
import type { StorageAccount } from '../../storage-account.ts';
import { inParallel } from '../../transactions.ts';
import { fromColumns, toColumns } from './directory-columns.ts';
import { partitionOf } from './directory-keys.ts';
import { directoryTables } from './directory-tables.ts';
import { readExisting } from './existing-rows.ts';
import { mergeExisting, partitionSlices, type RowPut } from './put-rows.ts';

interface ObjectScope {
	account: StorageAccount;
	tenantId: string;
}

const tableOf = {
	school: directoryTables.schools,
	section: directoryTables.classes,
	student: directoryTables.users,
	teacher: directoryTables.users,
} as const;

export async function describeObjects(
	{ account, tenantId }: ObjectScope,
	{ kind, ids }: { kind: RekeyedObject['kind']; ids: readonly string[] },
): Promise<(ObjectDescription | undefined)[]> {
	const table = await account.table(tableOf[kind]);
	const keys = ids.map((id) => ({ partitionKey: partitionOf(tenantId, id), rowKey: id }));
	const found = new Map<string, ObjectDescription>();
	await inParallel(partitionSlices(keys), async (slice) => {
		for (const [id, row] of await readExisting(table, slice)) {
			const object = fromColumns(row);
			const { externalName, displayName, givenName, surname, externalSourceDetail } = object;
			const school = typeof row.schoolId === 'string' ? { schoolId: row.schoolId } : {};
			const isUser = kind === 'student' || kind === 'teacher';
			const name = isUser ? fullName(givenName, surname) : String(externalName ?? displayName ?? '');
			const { externalId } = (isUser ? object[kind] : object) as { externalId?: unknown };
			const source = typeof externalSourceDetail === 'string' ? { externalSourceDetail } : {};
			found.set(id, { name, ...school, ...(typeof externalId === 'string' ? { externalId } : {}), ...source });
		}
	});
	return ids.map((id) => found.get(id));
}

const fullName = (...parts: readonly unknown[]) => parts.filter((part) => typeof part === 'string').join(' ');

/** The objects say under which ids they are now; all else of them a put brings. */
export async function showNewIds({ account, tenantId }: ObjectScope, objects: readonly RekeyedObject[]): Promise<void> {
	for (const [name, some] of Map.groupBy(objects, ({ kind }) => tableOf[kind])) {
		const rows = some.map(({ kind, id, to: externalId }): RowPut => {
			const isUser = kind === 'student' || kind === 'teacher';
			const columns = toColumns({ externalId, ...(isUser ? { [kind]: { externalId } } : {}) });
			return { partitionKey: partitionOf(tenantId, id), rowKey: id, columns, columnsOnCreate: {} };
		});
		await mergeExisting(await account.table(name), rows);
	}
}
