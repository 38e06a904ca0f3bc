import type { RowView } from '../../../domain/roster/csv/records.ts';
import { columnsOf } from '../../../domain/roster/format/columns.ts';
import type { RosterKind } from '../../../domain/roster/format/kinds.ts';

/** By kind, the columns that the rows of a roster have and the profile syncs. */
export type SyncedColumns = Readonly<Partial<Record<RosterKind, readonly string[]>>>;

/** All rows of a file have the same columns: the first one tells. */
export function columnWatch() {
	const seen: Partial<Record<RosterKind, readonly string[]>> = {};
	return {
		seen: seen as SyncedColumns,
		see({ kind, present }: RowView): void {
			seen[kind] ??= columnsOf(kind).flatMap(({ name }, at) => (present[at] === 1 ? [name] : []));
		},
	};
}
