import { CsvScanner, type ScannedRow } from '../csv/csv-scanner.ts';
import { scannedTexts } from '../csv/scanned-texts.ts';
import { isSpoilt } from '../rules/spreadsheet-damage.ts';
import { reportColumns } from './faulty-rows.ts';
import { unguarded } from './formula-guard.ts';
import { quotedField } from './report.ts';

/** Rows of one file that came back corrected, to be put where they were. */
export interface Corrections {
	/** The run whose report they were taken from. */
	runId: string;
	/** Of the file's own columns. */
	header: readonly string[];
	/** By line. */
	rows: ReadonlyMap<number, CorrectedRow>;
}

export interface CorrectedRow {
	/** None for a row that is to go. */
	values: readonly string[];
	/** What the report says of the row: it names the columns that are meant to change. */
	findings: string;
}

/** Why corrections cannot be put into their file. The message completes the sentence "The corrections cannot be used: …". */
export class CorrectionsError extends Error {}

const reportWidth = reportColumns.length;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Whether a file begins as the faulty rows of a report do, whatever became of its delimiter. */
export function areCorrections(firstBytes: Uint8Array): boolean {
	return /^\ufeff?"?Report Run\b/.test(decoder.decode(firstBytes.subarray(0, 32)));
}

/** Reads the faulty rows of a report as they came back, through any spreadsheet: other quotation marks, more empty columns. */
export class CorrectionsReader {
	readonly #scanner = new CsvScanner((row) => this.#receive(row));
	readonly #rows = new Map<number, CorrectedRow>();
	#header: readonly string[] | undefined;
	#runId: string | undefined;

	/** Throws `CorrectionsError`, as `end` does. */
	write(chunk: Uint8Array): void {
		this.#scanner.write(chunk);
	}

	end(): Corrections {
		this.#scanner.end();
		const { failure } = this.#scanner;
		if (failure) throw new CorrectionsError(`line ${failure.line} of them cannot be read; save them as "CSV UTF-8"`);
		if (!this.#header || this.#runId === undefined) throw new CorrectionsError('there is no row among them');
		return { runId: this.#runId, header: this.#header, rows: this.#rows };
	}

	#receive(row: ScannedRow): void {
		if (row.flaws.subarray(0, row.count).some((flaws) => flaws !== 0))
			throw new CorrectionsError(
				`line ${row.line} of them has a line break, a control character or a stray quotation mark`,
			);
		const fields = scannedTexts(row);
		const report = fields.slice(0, reportWidth);
		if (!this.#header) {
			if (report.join() !== reportColumns.join())
				throw new CorrectionsError('they do not begin with the columns of a report, separated by commas');
			this.#header = withoutEmptyEnd(fields.slice(reportWidth)).map(unguarded);
		} else if (fields.some((field) => field !== ''))
			this.#add(report, fields.slice(reportWidth).map(unguarded), row.line);
	}

	#add([runId = '', lineText = '', findings = '']: readonly string[], values: readonly string[], line: number): void {
		this.#runId ??= runId;
		if (runId !== this.#runId) throw new CorrectionsError('they come from several reports');
		const target = /^\d{1,10}$/.test(lineText) ? Number(lineText) : 0;
		if (target < 2) throw new CorrectionsError(`line ${line} of them has no Report Line`);
		if (this.#rows.has(target)) throw new CorrectionsError(`Report Line ${target} is there twice`);
		const width = Math.max(this.#header?.length ?? 0, withoutEmptyEnd(values).length);
		const isEmpty = values.every((value) => value === '');
		this.#rows.set(target, { values: isEmpty ? [] : values.slice(0, width), findings });
	}
}

/** A spreadsheet gives each row as many columns as the widest has. */
const withoutEmptyEnd = (fields: readonly string[]) =>
	fields.slice(0, fields.findLastIndex((field) => field !== '') + 1);

const encoder = new TextEncoder();
const lineEnd = encoder.encode('\r\n');
const lineFeed = 0x0a;

/**
 * Puts corrected rows into the file that they were taken from. Every other row stays as it is, at its line, and so does every
 * value that nothing was wrong with and that only a spreadsheet has changed on the way.
 */
export class CorrectedFile {
	readonly #corrections: Corrections;
	readonly #emit: (bytes: Uint8Array) => void;
	readonly #scanner = new CsvScanner((row) => this.#receive(row), { isVerbatim: true });
	/** Lines to be found yet. */
	readonly #open: Set<number>;
	#hasHeader = false;
	/** At which the next row would begin. */
	#line = 1;

	/** `emit` must copy the bytes. */
	constructor(corrections: Corrections, emit: (bytes: Uint8Array) => void) {
		this.#corrections = corrections;
		this.#open = new Set(corrections.rows.keys());
		this.#emit = emit;
	}

	/** Throws `CorrectionsError`, as `end` does. */
	write(chunk: Uint8Array): void {
		this.#scanner.write(chunk);
	}

	end(): void {
		this.#scanner.end();
		const { failure } = this.#scanner;
		if (failure)
			throw new CorrectionsError(`line ${failure.line} of the file itself cannot be read. Upload the whole file`);
		const [missing] = this.#open;
		if (missing !== undefined) throw new CorrectionsError(`the file has no row at line ${missing}`);
	}

	#receive(row: ScannedRow): void {
		const { bytes, start, end, line } = row;
		// Blank lines, and those that a corrected row no longer needs, keep the rows behind them at their lines.
		for (; this.#line < line; this.#line++) this.#emit(lineEnd);
		const written = bytes.subarray(start, end);
		if (!this.#hasHeader) this.#requireHeader(written);
		const corrected = this.#corrections.rows.get(line);
		this.#open.delete(line);
		const text = corrected ? encoder.encode(this.#lineOf(corrected, written)) : written;
		this.#emit(text);
		this.#emit(lineEnd);
		this.#line += 1 + lineFeedsIn(text);
	}

	#lineOf({ values, findings }: CorrectedRow, written: Uint8Array): string {
		const { header } = this.#corrections;
		const before = fieldsIn(written);
		const isAligned = before.length === header.length && values.length === header.length;
		const kept = (value: string, at: number) => {
			const was = before[at] as string;
			return isSpoilt(was, value) && !names(findings, header[at] as string) ? was : value;
		};
		return (isAligned ? values.map(kept) : values).map(quotedField).join(',');
	}

	#requireHeader(written: Uint8Array): void {
		this.#hasHeader = true;
		const header = fieldsIn(written);
		if (withoutEmptyEnd(header).join('\n') !== this.#corrections.header.join('\n'))
			throw new CorrectionsError('their columns are not those of the file');
	}
}

/** The values of one row. */
function fieldsIn(written: Uint8Array): readonly string[] {
	let fields: readonly string[] = [];
	const scanner = new CsvScanner((row) => {
		fields = scannedTexts(row);
	});
	scanner.write(written);
	scanner.end();
	return fields;
}

/** Whether the findings of a row name a column: `Error: SIS ID is …; Warning: Section SIS ID, SIS ID stands …`. */
function names(findings: string, column: string): boolean {
	const text = findings.toLowerCase();
	const name = column.trim().toLowerCase();
	return [': ', ', '].some((before) => [' ', ','].some((after) => text.includes(`${before}${name}${after}`)));
}

function lineFeedsIn(bytes: Uint8Array): number {
	let count = 0;
	for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count++;
	return count;
}
