import { CsvScanner, type ScannedRow } from '../roster/csv/csv-scanner.ts';
import { scannedTexts } from '../roster/csv/scanned-texts.ts';
import { unguarded } from '../roster/findings/formula-guard.ts';
import { type Severity, severities } from '../roster/findings/verdict.ts';
import { kindOfFile, type RosterKind } from '../roster/format/kinds.ts';

/** A finding as the report of a verification has it. */
export interface ReportedFinding {
	kind: RosterKind;
	line: number;
	/** See `Finding`. */
	key: string;
	column?: string;
	value?: string;
	severity: Severity;
	reason: string;
	cure: string;
}

const findingsKept = 100;

/** Finds some findings in the report of a verification (`findings/report.ts`), which comes in chunks. */
export class FindingPicker {
	readonly findings: ReportedFinding[] = [];
	readonly #isWanted: (finding: ReportedFinding) => boolean;
	readonly #scanner = new CsvScanner((row) => this.#receive(row));
	#hasHeader = false;

	constructor(isWanted: (finding: ReportedFinding) => boolean) {
		this.#isWanted = isWanted;
	}

	/** False once there is no use in reading on. */
	write(chunk: Uint8Array): boolean {
		return this.#scanner.write(chunk) && this.findings.length < findingsKept;
	}

	end(): void {
		this.#scanner.end();
	}

	#receive(row: ScannedRow): void {
		if (!this.#hasHeader) {
			this.#hasHeader = true;
			return;
		}
		const finding = findingOf(scannedTexts(row).map(unguarded));
		if (finding && this.findings.length < findingsKept && this.#isWanted(finding)) this.findings.push(finding);
	}
}

/** In the order of the columns of the report. */
function findingOf(fields: readonly string[]): ReportedFinding | undefined {
	const [file = '', line = '', key = '', column = '', value = '', , severity, reason = '', cure = ''] = fields;
	const kind = kindOfFile(file);
	const known = severities.find((each) => each === severity);
	if (!kind || !known) return undefined;
	return {
		kind,
		line: Number(line),
		key,
		...(column ? { column } : {}),
		...(value ? { value } : {}),
		severity: known,
		reason,
		cure,
	};
}
