/**
 * The lines of a shard file. An entity's line is its flag, its fields joined by `fieldEnd`, the key first, and for users
 * after `secretStart` the initial password, which is no part of what is compared. A membership's line is section and user
 * joined by `fieldEnd`, and is its own key.
 */

export const fieldEnd = 0x1f;
export const secretStart = 0x1e;
export const lineEnd = 0x0a;

/** Stands for a column that the file does not have or the profile does not sync; an empty field means "cleared". */
export const absentField = '\x1d';

/** The record itself, or a further school of a user whose record came before. */
export const rowFlags = { record: 0x20, furtherSchool: 0x2b } as const;

/** Calls back with start and end of every line, without its line end. */
export function forEachLine(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
	for (let start = 0; start < bytes.length; ) {
		const found = bytes.indexOf(lineEnd, start);
		const end = found < 0 ? bytes.length : found;
		if (end > start) visit(start, end);
		start = end + 1;
	}
}

/** Where the first field that starts at `start` ends. */
export function fieldEndAfter(bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	while (at < end && bytes[at] !== fieldEnd && bytes[at] !== secretStart) at++;
	return at;
}

/** Where the part of a line ends that counts as its content. */
export function contentEnd(bytes: Uint8Array, start: number, end: number): number {
	const found = bytes.subarray(start, end).lastIndexOf(secretStart);
	return found < 0 ? end : start + found;
}

export interface EntityLine {
	flag: number;
	fields: readonly string[];
	secret?: string;
}

const decoder = new TextDecoder();

export function decodeEntityLine(line: Uint8Array): EntityLine {
	const content = contentEnd(line, 0, line.length);
	const fields = decoder.decode(line.subarray(1, content)).split('\x1f');
	const secret = content < line.length ? decoder.decode(line.subarray(content + 1)) : undefined;
	return { flag: line[0] ?? rowFlags.record, fields, ...(secret ? { secret } : {}) };
}
