import type { ScannedRow } from './csv-scanner.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The values of a row as strings: for headers and for the few rows that people look at. */
export function scannedTexts({ bytes, starts, ends, count }: ScannedRow): readonly string[] {
	return Array.from({ length: count }, (_, field) => decoder.decode(bytes.subarray(starts[field], ends[field])));
}
