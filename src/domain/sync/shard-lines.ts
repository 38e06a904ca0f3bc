import { copyField, maxRecordBytes, type RowView } from '../roster/csv/records.ts';
import { isRemovedPassword } from '../roster/findings/removed-passwords.ts';
import { columnsOf } from '../roster/format/columns.ts';
import type { RosterKind } from '../roster/format/kinds.ts';
import { absentField, fieldEnd, lineEnd, rowFlags, secretStart } from './shard-rows.ts';
import { shardHash, shardOf } from './sharding.ts';

/** How the rows of one kind are spooled. */
export interface RowShape {
	isMembership: boolean;
	columns: number;
	/** Place of the initial password, or -1. */
	passwordColumn: number;
}

export function rowShapeOf(kind: RosterKind): RowShape {
	const columns = columnsOf(kind);
	const passwordColumn = columns.findIndex(({ value }) => value === 'password');
	return {
		isMembership: kind === 'studentEnrollment' || kind === 'teacherRoster',
		columns: columns.length,
		passwordColumn,
	};
}

/** The shard of a row: by its own id, or by its section's for a membership. Both stand in the first column. */
export function shardOfRow(row: RowView, shards: number): number {
	return shardOf(shardHash(row.bytes, row.starts[0], row.ends[0]), shards);
}

const line = new Uint8Array(maxRecordBytes + 64);
const absent = absentField.charCodeAt(0);

/** The line of a shard file, see `shard-rows.ts`; valid until the next call. */
export function writeShardLine(row: RowView, shape: RowShape): Uint8Array {
	let at = 0;
	if (!shape.isMembership) line[at++] = row.additionalSchool ? rowFlags.furtherSchool : rowFlags.record;
	for (let column = 0; column < shape.columns; column++) {
		if (column > 0) line[at++] = fieldEnd;
		if (column !== shape.passwordColumn && isPresent(row, column))
			at = copyField(row, column, { target: line, offset: at });
		else line[at++] = absent;
	}
	if (shape.passwordColumn >= 0 && hasPassword(row, shape.passwordColumn)) {
		line[at++] = secretStart;
		at = copyField(row, shape.passwordColumn, { target: line, offset: at });
	}
	line[at++] = lineEnd;
	return line.subarray(0, at);
}

/** One that was removed from a kept file is none: whoever has no account any more must not get it as a password. */
function hasPassword(row: RowView, column: number): boolean {
	return isPresent(row, column) && !isRemovedPassword(row.bytes.subarray(row.starts[column], row.ends[column]));
}

/** Whether the file has the column and the profile syncs it; a value of length 0 in a column that is there means "cleared". */
function isPresent(row: RowView, column: number): boolean {
	return row.present[column] === 1;
}
