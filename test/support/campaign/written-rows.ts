import { existsSync, readFileSync } from 'node:fs';
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
}

interface Entry {
	id: string;
	rows?: readonly string[];
	refused?: true;
}

const recorder = path.join(import.meta.dirname, 'write-record.mjs');

export function createWriteRecord(file: string): WriteRecord {
	let taken = 0;
	return {
		settings: { NODE_OPTIONS: `--import ${pathToFileURL(recorder).href}`, WRITE_RECORD: file },
		take() {
			const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
			const entries = lines.slice(taken).map((line) => JSON.parse(line) as Entry);
			taken = lines.length;
			const refused = new Set(entries.flatMap(({ id, refused: isRefused }) => (isRefused ? [id] : [])));
			return countRows(entries.flatMap(({ id, rows = [] }) => (refused.has(id) ? [] : rows)));
		},
	};
}

function countRows(rows: readonly string[]): WrittenRows {
	const counts = new Map<string, number>();
	for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
	return counts;
}
