import { CsvScanner, type ScannedRow } from '../roster/csv/csv-scanner.ts';
import { scannedTexts } from '../roster/csv/scanned-texts.ts';
import { columnsOf } from '../roster/format/columns.ts';
import { type Header, readHeader } from '../roster/format/header.ts';
import type { RosterKind } from '../roster/format/kinds.ts';

/** Whether a value, trimmed as verification does it, is one of those that are looked for. */
export type ValueTest = (bytes: Uint8Array, start: number, end: number) => boolean;

export interface PickedRow {
	/** Physical line of the file, counted from 1, at which the row begins. */
	line: number;
	/** By column name; without passwords and birth dates. */
	values: ReadonlyMap<string, string>;
}

export interface Picking {
	kind: RosterKind;
	/** `has` asks for the value of a column; it is false where the file has no such column. */
	isWanted(has: (column: string, test: ValueTest) => boolean): boolean;
}

/** So many rows are shown; a broken export may repeat one without end. */
const rowsKept = 100;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Finds some rows in one file, which comes in chunks as it went to verification. Nothing is made of the rows that are passed by. */
export class RowPicker {
	readonly rows: PickedRow[] = [];
	readonly #picking: Picking;
	readonly #scanner = new CsvScanner((row) => this.#receive(row));
	#header: Header | undefined;
	#row: ScannedRow | undefined;
	#count = 0;

	constructor(picking: Picking) {
		this.#picking = picking;
	}

	/** Of those that were wanted, kept or not. */
	get count(): number {
		return this.#count;
	}

	/** False once the file cannot be read on. */
	write(chunk: Uint8Array): boolean {
		return this.#scanner.write(chunk);
	}

	end(): void {
		this.#scanner.end();
	}

	#receive(row: ScannedRow): void {
		if (!this.#header) {
			this.#header = readHeader(this.#picking.kind, scannedTexts(row));
			return;
		}
		// Of a row with too few or too many values nobody knows which is which.
		if (row.count !== this.#header.fieldCount) return;
		this.#row = row;
		if (!this.#picking.isWanted(this.#has)) return;
		this.#count++;
		if (this.rows.length < rowsKept) this.rows.push({ line: row.line, values: this.#valuesOf(row, this.#header) });
	}

	readonly #has = (column: string, test: ValueTest): boolean => {
		const field = this.#header?.fields.get(column);
		const row = this.#row;
		if (field === undefined || !row) return false;
		const [start, end] = trimmed(row, field);
		return test(row.bytes, start, end);
	};

	#valuesOf(row: ScannedRow, { fields }: Header): ReadonlyMap<string, string> {
		const values = new Map<string, string>();
		for (const { name, isSecret } of columnsOf(this.#picking.kind)) {
			const field = fields.get(name);
			if (field !== undefined && !isSecret)
				values.set(name, decoder.decode(row.bytes.subarray(...trimmed(row, field))));
		}
		return values;
	}
}

function trimmed({ bytes, starts, ends }: ScannedRow, field: number): [start: number, end: number] {
	let start = starts[field] as number;
	let end = ends[field] as number;
	while (start < end && isBlank(bytes[start])) start++;
	while (start < end && isBlank(bytes[end - 1])) end--;
	return [start, end];
}

const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09;
