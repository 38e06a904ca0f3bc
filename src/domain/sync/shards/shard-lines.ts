import { copyField, maxRecordBytes, type RowView } from '../../roster/csv/records.ts';
import { isRemovedPassword } from '../../roster/findings/removed-passwords.ts';
import { columnsOf } from '../../roster/format/columns.ts';
import type { RosterKind } from '../../roster/format/kinds.ts';
import { absentField, fieldEnd, lineEnd, secretStart } from './shard-rows.ts';
import { shardHash, shardOf } from './sharding.ts';

/** How the rows of one file are spooled. */
export interface RowShape {
	columns: number;
	/** Places that are no part of a record's line: the initial password, and for people their school, which is a membership. */
	leftOut: ReadonlySet<number>;
	/** Place of the initial password, or -1. */
	passwordColumn: number;
	/** Of people: the place of their school; -1 for others. */
	schoolColumn: number;
}

export function rowShapeOf(kind: RosterKind): RowShape {
	const columns = columnsOf(kind);
	const passwordColumn = columns.findIndex(({ value }) => value === 'password');
	const isPerson = kind === 'student' || kind === 'teacher';
	const schoolColumn = isPerson ? columns.findIndex(({ name }) => name === 'School SIS ID') : -1;
	return { columns: columns.length, leftOut: new Set([passwordColumn, schoolColumn]), passwordColumn, schoolColumn };
}

/** The shard of a row: by its own id, or by its section's for a membership. Both stand in the first column. */
export const shardOfRow = (row: RowView, shards: number) => shardOfField(row, 0, shards);

/** The shard of the membership of a school that a person's row asks for. */
export const shardOfSchool = (row: RowView, { schoolColumn }: RowShape, shards: number) =>
	shardOfField(row, schoolColumn, shards);

function shardOfField(row: RowView, column: number, shards: number): number {
	return shardOf(shardHash(row.bytes, row.starts[column], row.ends[column]), shards);
}

const line = new Uint8Array(maxRecordBytes + 64);
const absent = absentField.charCodeAt(0);

/** The line of a shard file, see `shard-rows.ts`; valid until the next call. */
export function writeShardLine(row: RowView, { columns, leftOut, passwordColumn }: RowShape): Uint8Array {
	let at = 0;
	for (let column = 0; column < columns; column++) {
		if (column > 0) line[at++] = fieldEnd;
		if (!leftOut.has(column) && isPresent(row, column)) at = copyField(row, column, { target: line, offset: at });
		else line[at++] = absent;
	}
	if (passwordColumn >= 0 && hasPassword(row, passwordColumn)) {
		line[at++] = secretStart;
		at = copyField(row, passwordColumn, { target: line, offset: at });
	}
	line[at++] = lineEnd;
	return line.subarray(0, at);
}

/** The line of the school that a person's row names; valid until the next call. */
export function writeSchoolLine(row: RowView, { schoolColumn }: RowShape): Uint8Array {
	let at = copyField(row, schoolColumn, { target: line, offset: 0 });
	line[at++] = fieldEnd;
	at = copyField(row, 0, { target: line, offset: at });
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
