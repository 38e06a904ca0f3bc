import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** How often each row of the directory's tables was written, by "<table>/<partition>/<row>". */
export type WrittenRows = ReadonlyMap<string, number>;

/** Counts what hosts write to the embedded directory, also those that are killed. */
export interface WriteRecord {
	/** What makes a host keep the record. */
	settings: Record<string, string>;
	/**
	 * What was written since this was last asked. A request that was never answered counts: nobody knows whether it got through.
	 */
	take(): WrittenRows;
	/** How many rows were sent since then; also those that were refused. */
	sent(): number;
	close(): void;
}

interface Entry {
	id: string;
	rows?: readonly string[];
	refused?: true;
}

const recorder = path.join(import.meta.dirname, 'write-record.mjs');

export function createWriteRecord(file: string): WriteRecord {
	writeFileSync(file, '');
	const descriptor = openSync(file, 'r');
	let at = 0;
	/** Whole lines only: the last one may be in the making. */
	const read = () => {
		const bytes = Buffer.alloc(fstatSync(descriptor).size - at);
		readSync(descriptor, bytes, 0, bytes.length, at);
		const end = bytes.lastIndexOf('\n') + 1;
		const lines = bytes.toString('utf8', 0, end).split('\n').filter(Boolean);
		return { end: at + end, entries: lines.map((line) => JSON.parse(line) as Entry) };
	};
	return {
		settings: { NODE_OPTIONS: `--import ${pathToFileURL(recorder).href}`, WRITE_RECORD: file },
		take() {
			const { end, entries } = read();
			at = end;
			const refused = new Set(entries.flatMap(({ id, refused: isRefused }) => (isRefused ? [id] : [])));
			return countRows(entries.flatMap(({ id, rows = [] }) => (refused.has(id) ? [] : rows)));
		},
		sent: () => read().entries.reduce((sum, { rows = [] }) => sum + rows.length, 0),
		close: () => closeSync(descriptor),
	};
}

function countRows(rows: readonly string[]): WrittenRows {
	const counts = new Map<string, number>();
	for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
	return counts;
}
