import type { RosterKind } from '../format/kinds.ts';

/** A verified row. It is valid during the call only: the arrays are used again for the next row. */
export interface RowView {
	readonly kind: RosterKind;
	readonly line: number;
	/** A further row of a student or teacher; only the school is news. The first row may have been refused. */
	readonly additionalSchool: boolean;
	/** Holds the values, trimmed and unescaped, as UTF-8. */
	readonly bytes: Uint8Array;
	/** By place in `columnsOf(kind)`. An empty value starts where it ends. */
	readonly starts: Uint32Array;
	readonly ends: Uint32Array;
	/** By the same place: 1 if the file has the column and the profile syncs it. */
	readonly present: Uint8Array;
}

/** The values of one row with a separator for each column are never longer: the scanner stops at 64 KiB. */
export const maxRecordBytes = 65_536 + 64;

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
