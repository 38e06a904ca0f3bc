import { isUtf8 } from 'node:buffer';

/** Longest prefix of `bytes` from `start` to `end` that does not end inside a character. */
export function completeEnd(bytes: Uint8Array, start: number, end: number): number {
	for (let at = end - 1; at >= start && at >= end - 3; at--) {
		const byte = bytes[at] as number;
		if (byte < 0x80) return end;
		if (byte >= 0xc0) return at + characterLength(byte) > end ? at : end;
	}
	return end;
}

/** Where the first byte stands that cannot be UTF-8, or `end`. */
export function firstInvalid(bytes: Uint8Array, start: number, end: number): number {
	if (isUtf8(bytes.subarray(start, end))) return end;
	let at = start;
	let next = start;
	do {
		at = next;
		next = Math.min(at + characterLength(bytes[at] as number), end);
	} while (isUtf8(bytes.subarray(at, next)));
	return at;
}

function characterLength(leadByte: number): number {
	if (leadByte < 0xc0) return 1;
	if (leadByte < 0xe0) return 2;
	return leadByte < 0xf0 ? 3 : 4;
}
