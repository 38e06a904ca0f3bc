import { columnsOf } from './columns.ts';
import type { RosterKind } from './kinds.ts';
import type { RowView } from './records.ts';

/** The row at hand; one object serves all rows of a file. */
export interface Row extends RowView {
	line: number;
	additionalSchool: boolean;
	/** By place: the id that a reference resolves to in the file it refers to, or -1. */
	readonly references: Int32Array;
}

export function emptyRow(kind: RosterKind, bytes: Uint8Array): Row {
	const { length } = columnsOf(kind);
	return {
		kind,
		line: 0,
		additionalSchool: false,
		bytes,
		starts: new Uint32Array(length),
		ends: new Uint32Array(length),
		present: new Uint8Array(length),
		references: new Int32Array(length).fill(-1),
	};
}

/** A hash of all values but the one at `leftOut`. Two rows that differ share it once in four billion times. */
export function contentHash(row: Row, leftOut: number): number {
	const { bytes, starts, ends } = row;
	let hash = 0;
	for (let place = 0; place < starts.length; place++) {
		if (place === leftOut) continue;
		const end = ends[place] as number;
		for (let at = starts[place] as number; at < end; at++) {
			hash = Math.imul(hash ^ (bytes[at] as number), 0x5bd1e995);
			hash ^= hash >>> 15;
		}
		hash = Math.imul(hash ^ 0x11f, 0x5bd1e995);
	}
	return hash;
}
