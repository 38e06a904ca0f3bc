import { CsvScanner, type ScanFailure } from '../../../../src/domain/roster/csv/csv-scanner.ts';

interface SeenRow {
	line: number;
	values: string[];
	flaws: number[];
}

export interface Seen {
	rows: SeenRow[];
	failure: ScanFailure | undefined;
}

/** Everything that the scanner says about these bytes, given to it in pieces of these sizes, over and over. */
export function scanBytes(bytes: Uint8Array, pieces: readonly number[] = [bytes.length]): Seen {
	const rows: SeenRow[] = [];
	const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
	const scanner = new CsvScanner(({ bytes: buffer, starts, ends, flaws, count, line }) => {
		const values = Array.from({ length: count }, (_, field) =>
			decoder.decode(buffer.subarray(starts[field], ends[field])),
		);
		rows.push({ line, values, flaws: [...flaws.subarray(0, count)] });
	});
	for (let at = 0, piece = 0; at < bytes.length; piece++) {
		const size = Math.max(1, pieces[piece % pieces.length] ?? 1);
		// A copy, overwritten afterwards: the scanner must not keep what it was given.
		const chunk = Uint8Array.from(bytes.subarray(at, at + size));
		if (!scanner.write(chunk)) break;
		chunk.fill(0x2c);
		at += size;
	}
	scanner.end();
	return { rows, failure: scanner.failure };
}

export function scanText(text: string, pieces?: readonly number[]): Seen {
	return scanBytes(new TextEncoder().encode(text), pieces);
}
