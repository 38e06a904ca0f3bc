import { quoted } from './table-pages.ts';

/**
 * A class has its school's id in the column `schoolId`, a user its schools' ids in `schoolIds`, as JSON. That of a user is looked
 * for by the beginning of the text, which finds those who have the school first; whether there are more stands beside it.
 */
export function schoolColumns(schoolIds: readonly string[]) {
	return { schoolIds: JSON.stringify(schoolIds), hasFurtherSchools: schoolIds.length > 1 };
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
