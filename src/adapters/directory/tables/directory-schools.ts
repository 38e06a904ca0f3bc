import { quoted } from '../../table-pages.ts';

/**
 * A class has its school's id in the column `schoolId`, a user its schools' ids in `schoolIds`, as JSON. That of a user is looked
 * for by the beginning of the text, which finds those who have the school first; whether there are more stands beside it.
 */
function schoolColumns(schoolIds: readonly string[]) {
	return { schoolIds: JSON.stringify(schoolIds), hasFurtherSchools: schoolIds.length > 1 };
}

const sourcePrefix = 'schoolsOf_';

/** Of a user, as one source has them: what another one says of the same person stays. */
export function ownSchoolColumns(source: string, schoolIds: readonly string[]): Record<string, string | boolean> {
	return { ...schoolColumns(schoolIds), [sourceColumn(source)]: JSON.stringify(schoolIds) };
}

/** Names of columns have letters, digits and underscores. */
const sourceColumn = (source: string) => sourcePrefix + source.replace(/\W/g, '_');

/** The schools of all sources, for a user who is there already; `own` are the columns of the source that writes. */
export function mergedSchoolColumns(
	own: Readonly<Record<string, unknown>>,
	row: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | boolean>> {
	const idsIn = (columns: Readonly<Record<string, unknown>>, name: string) =>
		typeof columns[name] === 'string' ? (JSON.parse(columns[name]) as string[]) : [];
	const sources = Object.keys({ ...row, ...own }).filter((name) => name.startsWith(sourcePrefix));
	return schoolColumns([...new Set(sources.flatMap((name) => idsIn(name in own ? own : row, name)))]);
}

/** What `schoolIdsOf` looks at. */
export const schoolColumnNames = ['schoolId', 'schoolIds'] as const;

/** Of the row of a class or a user. */
export function schoolIdsOf(row: Readonly<Record<string, unknown>>): readonly string[] {
	if (typeof row.schoolId === 'string') return [row.schoolId];
	return typeof row.schoolIds === 'string' ? (JSON.parse(row.schoolIds) as string[]) : [];
}

/** A table filter for the classes of a school, or for those who may be its users: `schoolIdsOf` has the last word. */
export function schoolClause(kind: 'classes' | 'users', schoolId: string): string {
	if (kind === 'classes') return `schoolId eq ${quoted(schoolId)}`;
	const first = `["${schoolId}"`;
	const isFirst = `(schoolIds ge ${quoted(first)} and schoolIds lt ${quoted(`${first}~`)})`;
	// True also of rows that were written before there was such a column.
	return `(${isFirst} or not (hasFurtherSchools eq false))`;
}
