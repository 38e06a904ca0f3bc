import { gunzipSync, gzipSync } from 'node:zlib';

/** A binary table property holds at most 64 KiB. */
const partBytes = 60_000;
/** The fastest: the text repeats itself so much that more would gain little. */
const compression = { level: 1 };

/** Spreads a JSON value, compressed, over the binary properties `zip0`, `zip1`… */
export function zippedColumns(value: unknown): Record<string, Uint8Array> {
	const bytes = gzipSync(JSON.stringify(value), compression);
	const columns: Record<string, Uint8Array> = {};
	for (let at = 0; at * partBytes < bytes.length; at++)
		columns[`zip${at}`] = bytes.subarray(at * partBytes, (at + 1) * partBytes);
	return columns;
}

export function readZippedColumns<T>(entity: object): T {
	const columns = entity as Record<string, unknown>;
	const parts: Uint8Array[] = [];
	for (let at = 0; columns[`zip${at}`] instanceof Uint8Array; at++) parts.push(columns[`zip${at}`] as Uint8Array);
	return JSON.parse(gunzipSync(Buffer.concat(parts)).toString('utf8')) as T;
}
