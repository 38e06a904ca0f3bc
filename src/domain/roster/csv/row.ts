import { columnsOf } from '../format/columns.ts';
import type { RosterKind } from '../format/kinds.ts';
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
		let at = starts[place] as number;
		// Four bytes at a time: every row of a student pays for this, and few need it.
		for (; at + 4 <= end; at += 4) {
			const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
			const high = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
			hash = stir(hash ^ low ^ (high << 16));
		}
		for (; at < end; at++) hash = stir(hash ^ (bytes[at] as number));
		hash = stir(hash ^ valueEnd);
	}
	return hash;
}

/** No byte, so that `ab,c` and `a,bc` differ. */
const valueEnd = 0x11f;

function stir(hash: number): number {
	const stirred = Math.imul(hash, 0x5bd1e995);
	return stirred ^ (stirred >>> 15);
}
