import { CsvScanner, type ScannedRow } from '../csv/csv-scanner.ts';
import { emitGuarded } from './formula-guard.ts';
import { byteOrderMark, fieldOf } from './report.ts';
import type { Finding } from './verdict.ts';

/** They stand before the columns of the file, so that a row with too many or too few values does not shift them. */
export const reportColumns = ['Report Run', 'Report Line', 'Report Findings', 'Report Cures'] as const;

const encoder = new TextEncoder();

/**
 * Picks the rows out of one file that have findings, byte for byte as they were written but for a guard before what a spreadsheet
 * would take for a formula, under the header of the file, with line, findings and cures in columns of their own. The file comes
 * in chunks, as it went to verification. A row that could not be read to its end has those columns only.
 */
export class FaultyRows {
	readonly #byLine: Map<number, Finding[]>;
	readonly #runId: string;
	readonly #emit: (bytes: Uint8Array) => void;
	readonly #scanner = new CsvScanner((row) => this.#receive(row), { isVerbatim: true });
	#hasHeader = false;

	/** `runId` names the run whose report it is, so that the rows find back; `emit` must copy the bytes. */
	constructor(
		{ findings, runId = '' }: { findings: readonly Finding[]; runId?: string },
		emit: (bytes: Uint8Array) => void,
	) {
		this.#byLine = Map.groupBy(findings, ({ line }) => line);
		this.#runId = runId;
		this.#emit = emit;
	}

	/** False once every row has been found. */
	write(chunk: Uint8Array): boolean {
		return this.#byLine.size > 0 && this.#scanner.write(chunk) && this.#byLine.size > 0;
	}

	end(): void {
		this.#scanner.end();
		for (const line of this.#byLine.keys()) this.#emitRow(this.#reportOf(line));
	}

	#receive(row: ScannedRow): void {
		const { line } = row;
		if (!this.#hasHeader) {
			this.#hasHeader = true;
			this.#emitRow(`${byteOrderMark}${reportColumns.join(',')}`, row);
		} else if (this.#byLine.has(line)) {
			this.#emitRow(this.#reportOf(line), row);
			this.#byLine.delete(line);
		}
	}

	#reportOf(line: number): string {
		const findings = this.#byLine.get(line) ?? [];
		const problems = findings.map(({ severity, column = 'Row', reason }) => `${severity}: ${column} ${reason}`);
		const cures = new Set(findings.map(({ cure }) => cure));
		return [this.#runId, String(line), problems.join('; '), [...cures].join(' ')].map(fieldOf).join(',');
	}

	#emitRow(report: string, row?: ScannedRow): void {
		this.#emit(encoder.encode(`${report},`));
		if (row) emitGuarded(row, this.#emit);
		this.#emit(encoder.encode('\r\n'));
	}
}
