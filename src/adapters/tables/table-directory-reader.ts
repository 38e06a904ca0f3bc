import type { DirectoryReader, Page, PageRequest } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { fromColumns } from './directory-columns.ts';
import { partitionOf, tenantRange } from './directory-keys.ts';
import { membersKey, unpackMembers } from './directory-members.ts';
import { directoryTables } from './table-directory.ts';
import { readPage } from './table-pages.ts';
import { inParallel } from './transactions.ts';

const parallelReads = 16;

type GraphObject = Record<string, unknown>;

/** The embedded directory as Graph's education resources show theirs. */
export function tableDirectoryReader(account: StorageAccount): DirectoryReader {
	async function get(
		tenantId: string,
		kind: 'schools' | 'classes' | 'users',
		id: string,
	): Promise<GraphObject | undefined> {
		const entity = await entityOf(account, directoryTables[kind], { partition: partitionOf(tenantId, id), row: id });
		return entity && objectOf(entity);
	}
	return {
		get,

		async list(tenantId, kind, page) {
			const table = await account.table(directoryTables[kind]);
			return readPage(table, { filter: tenantRange(tenantId) }, { page, read: objectOf });
		},

		async count(tenantId, kind) {
			const table = await account.table(directoryTables[kind]);
			const rows = table.listEntities({ queryOptions: { filter: tenantRange(tenantId), select: ['RowKey'] } });
			let count = 0;
			for await (const page of rows.byPage({ maxPageSize: 1000 })) count += page.length;
			return count;
		},

		async listMembers(tenantId, classId, { role, page, idsOnly }) {
			if (!(await get(tenantId, 'classes', classId))) return undefined;
			// As in Entra, a teacher is an owner and a member of the class.
			const roles = role === 'teachers' ? (['teacher'] as const) : (['student', 'teacher'] as const);
			const ids = new Set(
				(await Promise.all(roles.map((each) => memberIds(account, tenantId, membersKey(classId, each))))).flat(),
			);
			const { items, ...rest } = sliceOf([...ids].sort(), page);
			const total = ids.size;
			if (idsOnly) return { items: items.map((id) => ({ id })), total, ...rest };
			const users = await inParallel(items, (id) => get(tenantId, 'users', id), parallelReads);
			return { items: users.filter((user) => user !== undefined), total, ...rest };
		},
	};
}

function objectOf(entity: object): GraphObject {
	return { id: (entity as { rowKey: string }).rowKey, ...fromColumns(entity) };
}

async function memberIds(account: StorageAccount, tenantId: string, row: string): Promise<string[]> {
	const entity = await entityOf(account, directoryTables.members, { partition: partitionOf(tenantId, row), row });
	return entity ? unpackMembers(entity) : [];
}

async function entityOf(
	account: StorageAccount,
	table: string,
	key: { partition: string; row: string },
): Promise<object | undefined> {
	try {
		return await (await account.table(table)).getEntity(key.partition, key.row);
	} catch (error) {
		if (statusOf(error) === 404) return undefined;
		throw error;
	}
}

/** Of sorted ids. The continuation is the last id given, so that it holds whoever joins or leaves meanwhile. */
function sliceOf(ids: readonly string[], { size, continuation = '' }: PageRequest): Page<string> {
	const rest = ids.filter((id) => id > continuation);
	const items = rest.slice(0, size);
	return rest.length > size ? { items, continuation: items.at(-1) as string } : { items };
}
