/**
 * The lines of a shard file. An entity's line is its fields joined by `fieldEnd`, the key first, and for users after `secretStart` the
 * initial password, which is no part of what is compared. A membership's line is class or school and person joined by `fieldEnd`,
 * and is its own key.
 */

export const fieldEnd = 0x1f;
export const secretStart = 0x1e;
export const lineEnd = 0x0a;

/** Stands for a column that the file does not have or the profile does not sync; an empty field means "cleared". */
export const absentField = '\x1d';

/** Stands before the directory's id of a person whom no file knows, in the place of a SIS id. */
export const unknownPerson = '\x1d';

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
	fields: readonly string[];
	secret?: string;
}

const decoder = new TextDecoder();

export function decodeEntityLine(line: Uint8Array): EntityLine {
	const content = contentEnd(line, 0, line.length);
	const fields = decoder.decode(line.subarray(0, content)).split('\x1f');
	const secret = content < line.length ? decoder.decode(line.subarray(content + 1)) : undefined;
	return { fields, ...(secret ? { secret } : {}) };
}
