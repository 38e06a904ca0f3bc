import type { ScannedRow } from '../csv/csv-scanner.ts';

/**
 * Spreadsheets take a value that begins like a formula for one, and whoever wrote the file for one who may run it. An apostrophe
 * before it makes it a text, and is taken away again when the file comes back.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const guard = "'";

/**
 * Also behind blanks and what is invisible, in the full width of East Asian input, and behind apostrophes, which may be guards
 * themselves; and behind what separates values in other countries, where a spreadsheet begins another cell. What is skipped has no
 * tab in it, so that a long run of them takes no longer than it is.
 */
const skipped = '[\\p{Zs}\\p{Cf}\\u2028\\u2029\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]*';
const formula = `'*${skipped}[=+\\-@\\t\\r\\n＝＋－＠]`;
const unguardedStart = new RegExp(`(?<=^|[;\\t])(?=${formula})`, 'gu');
const guardedStart = new RegExp(`(?<=^|[;\\t])${guard}(?=${formula})`, 'gu');

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

export const guarded = (value: string): string => value.replaceAll(unguardedStart, guard);

/** What was guarded, or typed in its place with the guard or without it. `unguarded(guarded(value))` is any value itself. */
export const unguarded = (value: string): string => value.replaceAll(guardedStart, '');

/** Emits a row as it was written, but for the guards. The row must come from a verbatim scanner. */
export function emitGuarded(
	{ bytes, start, end, starts, ends, count }: ScannedRow,
	emit: (bytes: Uint8Array) => void,
): void {
	let from = start;
	for (let field = 0; field < count; field++) {
		const [begin, finish] = [starts[field] as number, ends[field] as number];
		const value = decoder.decode(bytes.subarray(begin, finish));
		const harmless = guarded(value);
		if (harmless === value) continue;
		emit(bytes.subarray(from, begin));
		emit(encoder.encode(harmless));
		from = finish;
	}
	emit(bytes.subarray(from, end));
}
