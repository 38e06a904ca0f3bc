import type { TableClient } from '@azure/data-tables';
import type { DirectoryCollection, DirectoryKind, TextCondition } from '../../../directory-ports.ts';
import { type StorageAccount, statusOf } from '../../storage-account.ts';
import { quoted } from '../../table-pages.ts';
import { inParallel, slices } from '../../transactions.ts';
import { partitionOf, partitionsAfter, rangesAfter } from './directory-keys.ts';
import { endOfMembers, hasMember, readMembersKey, unpackMembers } from './directory-members.ts';
import { type Batch, type DirectoryRow, scanRanges } from './directory-scan.ts';
import { schoolsOfUsers, usersOfSchool } from './directory-schools.ts';
import { clausesOf } from './directory-search.ts';
import { directoryTables } from './directory-tables.ts';
import { directoryNames } from './names/directory-names.ts';

/** Where the rows of a collection come from, in order of their ids. */
export interface Source {
	batches(request: BatchRequest): AsyncIterable<Batch>;
	/** Whether a row belongs to the collection. */
	includes(row: DirectoryRow): boolean;
	/** Of a collection that is known by ids: how many there are. */
	size?: number;
	/** Set if a page takes about as much looking as a count does. */
	isSearch?: boolean;
}

interface BatchRequest {
	after: string | undefined;
	/** A batch has about one row more. */
	size: number;
	/** If not all are wanted, beside the key and what `includes` looks at. */
	columns?: readonly string[] | undefined;
}

export interface Scope {
	account: StorageAccount;
	tenantId: string;
}

const parallelReads = 16;

/** A search reads at least so many rows at once, since many may not be what is looked for. */
export const minSearched = 200;

/** Rows of members may be large: a thousand of them would be more than a process wants to hold. */
const memberRows = 500;

/** Undefined if the object that leads to the collection is not there. */
export async function sourceOf(
	scope: Scope,
	collection: DirectoryCollection,
	where: readonly TextCondition[],
): Promise<Source | undefined> {
	const { kind, of } = collection;
	if (of === undefined) return tableSource(scope, { kind, where });
	const owner = await rowOf(scope, of, collection.id);
	if (!owner) return undefined;
	if (kind === 'schools') return idSource(scope, kind, await schoolIds(scope, of, owner));
	if (of === 'schools' && kind === 'users') return usersOf(scope, owner.rowKey, where);
	if (of === 'schools') return tableSource(scope, { kind, where, schoolId: owner.rowKey });
	return kind === 'users' ? idSource(scope, kind, await memberIds(scope, collection)) : classesOf(scope, collection);
}

interface TableQuery {
	kind: DirectoryKind;
	where: readonly TextCondition[];
	/** Of classes: only those of this school. */
	schoolId?: string;
}

/**
 * All of a kind, or those of a school. A user with a given sign-in name is found by the table of names; while a sync gives the user
 * another name, by neither for a moment. For anything else storage looks at every row of the tenant, and only what may be wanted
 * comes over.
 */
async function tableSource(scope: Scope, { kind, where, schoolId }: TableQuery): Promise<Source> {
	const includes = (row: DirectoryRow) => schoolId === undefined || row.schoolId === schoolId;
	const name = where.find(({ property, operator }) => property === 'userPrincipalName' && operator === 'eq');
	if (kind === 'users' && name) {
		const { batches } = idSource(scope, kind, await usersNamed(scope, name.value));
		return { batches, includes };
	}
	const ofSchool = schoolId === undefined ? [] : [`schoolId eq ${quoted(schoolId)}`];
	const clauses = [...ofSchool, ...clausesOf(where)];
	const table = await scope.account.table(directoryTables[kind]);
	return {
		isSearch: clauses.length > 0,
		includes,
		batches({ after, size, columns }) {
			const select = columns && {
				select: ['RowKey', ...columns, ...(schoolId === undefined ? [] : ['schoolId'])],
			};
			if (clauses.length === 0)
				return scanRanges(table, rangesAfter(scope.tenantId, after), { pageSize: size + 1, ...select });
			const pageSize = Math.max(size + 1, minSearched);
			return scanRanges(table, partitionsAfter(scope.tenantId, after), { pageSize, clauses, ...select });
		},
	};
}

/** Of a class its own, of a user all in which some source has it. */
async function schoolIds(scope: Scope, kind: DirectoryKind, row: DirectoryRow): Promise<readonly string[]> {
	return (await schoolIdsOf(scope, kind, [row])).get(row.rowKey) ?? [];
}

/** By id of the class or user; absent where there are none. */
export async function schoolIdsOf(
	{ account, tenantId }: Scope,
	kind: DirectoryKind,
	rows: readonly DirectoryRow[],
): Promise<ReadonlyMap<string, readonly string[]>> {
	if (kind === 'users') {
		const table = await account.table(directoryTables.schoolMembers);
		return schoolsOfUsers(
			table,
			tenantId,
			rows.map(({ rowKey }) => rowKey),
		);
	}
	return new Map(rows.flatMap(({ rowKey, schoolId }) => (typeof schoolId === 'string' ? [[rowKey, [schoolId]]] : [])));
}

async function usersOf(scope: Scope, schoolId: string, where: readonly TextCondition[]): Promise<Source> {
	const table = await scope.account.table(directoryTables.schoolMembers);
	const ids = await usersOfSchool(table, scope.tenantId, schoolId);
	const name = where.find(({ property, operator }) => property === 'userPrincipalName' && operator === 'eq');
	if (!name) return idSource(scope, 'users', ids);
	const named = new Set(await usersNamed(scope, name.value));
	return idSource(
		scope,
		'users',
		ids.filter((id) => named.has(id)),
	);
}

async function usersNamed({ account, tenantId }: Scope, name: string): Promise<readonly string[]> {
	const names = directoryNames(() => account.table(directoryTables.names));
	return (await names.find(tenantId, [name], 'name')).flat();
}

/** Objects that are known by their ids. One that is not there is left out: a sync may be about to write it. */
function idSource(scope: Scope, kind: DirectoryKind, unordered: Iterable<string>): Source {
	const ids = [...new Set(unordered)].sort();
	return {
		size: ids.length,
		includes: () => true,
		async *batches({ after = '', size, columns }) {
			const rest = ids.filter((id) => id > after);
			for (const some of slices(rest, size + 1)) {
				yield { rows: await rowsOf(scope, { kind, ids: some, columns }), place: some.at(-1) as string, cost: 1 };
			}
		},
	};
}

type RoleCollection = Extract<DirectoryCollection, { as: unknown }>;

/** As in Entra, a teacher is an owner and a member of the class. */
async function memberIds({ account, tenantId }: Scope, { id, as }: RoleCollection): Promise<readonly string[]> {
	const table = await account.table(directoryTables.members);
	const [first, last] = [as === 'teacher' ? `${id}|teacher|` : `${id}|`, endOfMembers(id)];
	const filter = `PartitionKey eq ${quoted(partitionOf(tenantId, id))} and RowKey ge ${quoted(first)} and RowKey lt ${quoted(last)}`;
	const ids: string[] = [];
	for await (const row of table.listEntities<DirectoryRow>({ queryOptions: { filter } }))
		ids.push(...unpackMembers(row));
	return ids;
}

/**
 * The classes of a user. A user does not know them, so that an enrollment costs no write of its own: the members of every class of
 * the tenant are looked through, some twenty bytes for each enrollment, a few thousand classes for each answer.
 */
async function classesOf(scope: Scope, { id, as }: RoleCollection): Promise<Source> {
	const table = await scope.account.table(directoryTables.members);
	return {
		isSearch: true,
		includes: () => true,
		async *batches({ after, columns }) {
			const ranges = rangesAfter(scope.tenantId, after === undefined ? undefined : endOfMembers(after));
			let found: string[] = [];
			let [whole, unyielded] = ['', 0];
			for await (const { rows, place, cost } of scanRanges(table, ranges, { pageSize: memberRows })) {
				for (const row of rows) {
					const { classId, role } = readMembersKey(row.rowKey);
					const counts = as === 'member' || role === 'teacher';
					if (counts && found.at(-1) !== classId && hasMember(row, id)) found.push(classId);
				}
				whole = lastWhole(rows, place) ?? whole;
				unyielded += cost;
				if (whole === '') continue;
				const ids = found.filter((classId) => classId <= whole);
				found = found.slice(ids.length);
				yield { rows: await rowsOf(scope, { kind: 'classes', ids, columns }), place: whole, cost: unyielded };
				unyielded = 0;
			}
		},
	};
}

/** The last class of which all rows have been read: more of the last one may begin the next batch. */
function lastWhole(rows: readonly DirectoryRow[], place: string): string | undefined {
	const { classId, role } = readMembersKey(place);
	if (role === undefined) return classId;
	const before = rows.findLast(({ rowKey }) => readMembersKey(rowKey).classId !== classId);
	return before && readMembersKey(before.rowKey).classId;
}

interface Known {
	kind: DirectoryKind;
	ids: readonly string[];
	columns?: readonly string[] | undefined;
}

/** Nothing is read if nothing but the ids is wanted. */
export async function rowsOf(scope: Scope, { kind, ids, columns }: Known): Promise<DirectoryRow[]> {
	if (columns?.length === 0) return ids.map((rowKey) => ({ rowKey }));
	const rows = await inParallel(ids, (id) => rowOf(scope, kind, id), parallelReads);
	return rows.filter((row) => row !== undefined);
}

export async function rowOf(
	{ account, tenantId }: Scope,
	kind: DirectoryKind,
	id: string,
): Promise<DirectoryRow | undefined> {
	return entityOf(await account.table(directoryTables[kind]), partitionOf(tenantId, id), id);
}

async function entityOf(table: TableClient, partition: string, row: string): Promise<DirectoryRow | undefined> {
	try {
		return await table.getEntity<DirectoryRow>(partition, row);
	} catch (error) {
		if (statusOf(error) === 404) return undefined;
		throw error;
	}
}
