import type { ScannedRow } from '../csv/csv-scanner.ts';
import { fieldText } from '../csv/records.ts';
import type { Row } from '../csv/row.ts';
import { tornFlaw } from '../csv/torn-values.ts';
import type { FindingDetails, FindingLog } from '../findings/finding-log.ts';
import { shorten } from '../findings/messages.ts';
import type { FileColumn } from '../format/file-columns.ts';
import type { Flaw } from './flaws.ts';

const space = 0x20;
const tab = 0x09;

interface FoundFlaw {
	column: FileColumn;
	flaw: Flaw;
}

/** Reads the values of one row after the other into `row` and judges each by itself. */
export class RowVerifier {
	readonly #row: Row;
	readonly #columns: readonly FileColumn[];
	readonly #log: FindingLog;
	/** Of the row at hand. Kept until the whole row is read, because a finding names the row's id. */
	readonly #found: FoundFlaw[] = [];

	constructor(row: Row, columns: readonly FileColumn[], log: FindingLog) {
		this.#row = row;
		this.#columns = columns;
		this.#log = log;
	}

	/** Answers whether the row is without errors; warnings are none. */
	verify(scanned: ScannedRow): boolean {
		const { bytes, flaws } = scanned;
		const row = this.#row;
		const { starts, ends, references } = row;
		row.line = scanned.line;
		for (const column of this.#columns) {
			const { field, place } = column;
			let start = scanned.starts[field] as number;
			let end = scanned.ends[field] as number;
			if (column.isTrimmed) {
				while (start < end && isBlank(bytes[start])) start++;
				while (start < end && isBlank(bytes[end - 1])) end--;
			}
			starts[place] = start;
			ends[place] = end;
			references[place] = -1;
			const marks = flaws[field] as number;
			let flaw = marks === 0 ? column.whenEmpty : tornFlaw(marks);
			if (marks === 0 && start < end) flaw = column.judge(bytes, start, end);
			if (flaw) this.#found.push({ column, flaw });
		}
		if (this.#found.length === 0) return true;
		const isSound = this.#found.every(({ flaw }) => flaw.severity !== 'Error');
		for (const { column, flaw } of this.#found) this.report(flaw, column);
		this.#found.length = 0;
		return isSound;
	}

	report(flaw: Flaw, column: FileColumn): void {
		this.#log.add(flaw, column, () => this.#describe(column, flaw));
	}

	#describe(column: FileColumn, flaw: Flaw): FindingDetails {
		const row = this.#row;
		const key = this.#keyText();
		const isShown = !flaw.isTorn && !column.definition.isSecret && flaw.rule !== 'missing';
		return {
			line: row.line,
			...(key === '' ? {} : { key }),
			...(isShown ? { value: shorten(fieldText(row, column.place)) } : {}),
			...flaw.diagnose?.(row.bytes.subarray(row.starts[column.place], row.ends[column.place])),
		};
	}

	/** Both ids of a membership; none if the key itself is torn. */
	#keyText(): string {
		const isPair = this.#columns.every(({ definition }) => definition.value === 'reference');
		const keyColumns = this.#columns.slice(0, isPair ? 2 : 1);
		if (this.#found.some(({ column, flaw }) => flaw.isTorn && keyColumns.includes(column))) return '';
		return keyColumns.map(({ place }) => shorten(fieldText(this.#row, place))).join(' / ');
	}
}

function isBlank(byte: number | undefined): boolean {
	return byte === space || byte === tab;
}
