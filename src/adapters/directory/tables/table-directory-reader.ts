import type { DirectoryKind, DirectoryObject, DirectoryReader, TextCondition } from '../../../directory-ports.ts';
import type { StorageAccount } from '../../storage-account.ts';
import { maxPageSize } from '../../table-pages.ts';
import { columnOf, fromColumns } from './directory-columns.ts';
import { type DirectoryRow, takePage } from './directory-scan.ts';
import { meets } from './directory-search.ts';
import { minSearched, rowOf, rowsOf, type Scope, type Source, schoolIdsOf, sourceOf } from './directory-sources.ts';

/** The embedded directory as Graph's education resources show theirs, as far as it has what they have. */
export function tableDirectoryReader(account: StorageAccount): DirectoryReader {
	return {
		async get(tenantId, kind, { id, withSchools = false }) {
			const row = await rowOf({ account, tenantId }, kind, id);
			return row && (await shown({ account, tenantId }, [row], withSchools ? kind : undefined))[0];
		},

		async list(tenantId, collection, request) {
			const { size, continuation: after, where = [], wantsCount = false, withSchools = false, idsOnly } = request;
			const scope = { account, tenantId };
			const source = await sourceOf(scope, collection, where);
			if (!source) return undefined;
			const columns = idsOnly && !withSchools ? columnsToMatch(where) : undefined;
			const batches = source.batches({ after, size: where.length > 0 ? Math.max(size, minSearched) : size, columns });
			// What looks at everything in order to count finds the first page on the way.
			const countsOnTheWay = wantsCount && after === undefined && (where.length > 0 || source.isSearch === true);
			const [{ rows, ...page }, total] = await Promise.all([
				takePage(batches, { size, wantsCount: countsOnTheWay, matches: matcher(source, where) }),
				wantsCount && !countsOnTheWay ? countOf(source, where) : undefined,
			]);
			const items =
				idsOnly && !withSchools
					? rows.map(({ rowKey }) => ({ id: rowKey }))
					: await shown(scope, rows, withSchools ? collection.kind : undefined);
			return { items, ...page, ...(total === undefined ? {} : { count: total }) };
		},

		async count(tenantId, collection, where = []) {
			const source = await sourceOf({ account, tenantId }, collection, where);
			return source && countOf(source, where);
		},
	};
}

async function countOf(source: Source, where: readonly TextCondition[]): Promise<number> {
	if (source.size !== undefined && where.length === 0) return source.size;
	const batches = source.batches({ after: undefined, size: maxPageSize - 1, columns: columnsToMatch(where) });
	const { count = 0 } = await takePage(batches, { size: 0, wantsCount: true, matches: matcher(source, where) });
	return count;
}

const columnsToMatch = (where: readonly TextCondition[]) => where.map(({ property }) => columnOf(property));

function matcher(source: Source, where: readonly TextCondition[]): (row: DirectoryRow) => boolean {
	return (row) => source.includes(row) && (where.length === 0 || meets(fromColumns(row), where));
}

/** With their schools, if the kind of the rows is given. */
async function shown(
	scope: Scope,
	rows: readonly DirectoryRow[],
	withSchoolsOf: DirectoryKind | undefined,
): Promise<DirectoryObject[]> {
	if (!withSchoolsOf) return rows.map(objectOf);
	const schoolIds = await schoolIdsOf(scope, withSchoolsOf, rows);
	const ids = [...new Set([...schoolIds.values()].flat())];
	const schools = new Map((await rowsOf(scope, { kind: 'schools', ids })).map((row) => [row.rowKey, objectOf(row)]));
	return rows.map((row) => ({
		...objectOf(row),
		schools: (schoolIds.get(row.rowKey) ?? []).flatMap((id) => schools.get(id) ?? []),
	}));
}

function objectOf(row: DirectoryRow): DirectoryObject {
	return { id: row.rowKey, ...fromColumns(row) };
}
