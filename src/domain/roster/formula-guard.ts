import type { ScannedRow } from './csv-scanner.ts';

/**
 * Spreadsheets take a value that begins like a formula for one, and whoever wrote the file for one who may run it. An apostrophe
 * before it makes it a text, and is taken away again when the file comes back.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const guard = "'";

/** Also behind blanks, in the full width of East Asian input, and behind apostrophes: those may be guards themselves. */
const formulaStart = /^'*\s*[=+\-@\t\r\n＝＋－＠]|^'*[\t\r\n]/;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const guardByte = new TextEncoder().encode(guard);

export function guarded(value: string): string {
	return formulaStart.test(value) ? guard + value : value;
}

/** What was guarded, or typed in its place with the guard or without it. `unguarded(guarded(value))` is any value itself. */
export function unguarded(value: string): string {
	return value.startsWith(guard) && formulaStart.test(value.slice(guard.length)) ? value.slice(guard.length) : value;
}

/** Emits a row as it was written, byte for byte, with its values guarded. The row must come from a verbatim scanner. */
export function emitGuarded(
	{ bytes, start, end, starts, ends, count }: ScannedRow,
	emit: (bytes: Uint8Array) => void,
): void {
	let from = start;
	for (let field = 0; field < count; field++) {
		const [begin, finish] = [starts[field] as number, ends[field] as number];
		if (!formulaStart.test(decoder.decode(bytes.subarray(begin, finish)))) continue;
		emit(bytes.subarray(from, begin));
		emit(guardByte);
		from = begin;
	}
	emit(bytes.subarray(from, end));
}
