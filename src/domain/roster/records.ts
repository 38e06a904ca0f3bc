import { type ColumnName, columnsOf } from './columns.ts';
import type { RosterKind } from './kinds.ts';

/** A verified row. It is valid during the call only: the arrays are used again for the next row. */
export interface RowView {
	readonly kind: RosterKind;
	readonly line: number;
	/** A further row of a student or teacher whose first row came earlier; only the school is news. */
	readonly additionalSchool: boolean;
	/** Holds the values, trimmed and unescaped, as UTF-8. */
	readonly bytes: Uint8Array;
	/** By place in `rosterColumns[kind]`. An empty value starts where it ends. */
	readonly starts: Uint32Array;
	readonly ends: Uint32Array;
	/** By the same place: 1 if the file has the column and the profile syncs it. */
	readonly present: Uint8Array;
}

/** A column that the file does not have, or the profile does not sync, has no member. */
export type RosterRecord<Kind extends RosterKind = RosterKind> = Readonly<Partial<Record<ColumnName<Kind>, string>>>;

// Verification lets no control character through, so none of these occurs in a value.
const absentField = 0x1d;
const fieldSeparator = 0x1f;
const lineFeed = 0x0a;

/** No row that the scanner accepts makes a longer record: 64 KiB of values and a separator for each column. */
export const maxRecordBytes = 65_536 + 64;

/** Writes one record, values in the order of `rosterColumns` joined by 0x1F and ended by LF; answers the offset behind it. */
export function encodeRecord(row: RowView, target: Uint8Array, offset = 0): number {
	let at = offset;
	const columnCount = columnsOf(row.kind).length;
	for (let column = 0; column < columnCount; column++) {
		if (row.present[column]) at = copyField(row, column, { target, offset: at });
		else target[at++] = absentField;
		target[at++] = column === columnCount - 1 ? lineFeed : fieldSeparator;
	}
	return at;
}

/** Copies one value as it stands; answers the offset behind it. */
export function copyField(row: RowView, column: number, to: { target: Uint8Array; offset: number }): number {
	const { bytes } = row;
	const { target } = to;
	const end = row.ends[column] as number;
	let at = to.offset;
	for (let from = row.starts[column] as number; from < end; from++) target[at++] = bytes[from] as number;
	return at;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function fieldText(row: RowView, column: number): string {
	return decoder.decode(row.bytes.subarray(row.starts[column], row.ends[column]));
}

/** The line feed at the end may be there or not. */
export function decodeRecord<Kind extends RosterKind>(kind: Kind, record: Uint8Array | string): RosterRecord<Kind> {
	const line = typeof record === 'string' ? record : decoder.decode(record);
	const values = line.replace(/\n$/, '').split('\x1f');
	const named = columnsOf(kind).map((column, place) => [column.name, values[place] ?? '\x1d'] as const);
	return Object.fromEntries(named.filter(([, value]) => value !== '\x1d')) as RosterRecord<Kind>;
}
