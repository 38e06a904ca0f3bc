import { CsvScanner, maxRowBytes, type ScanFailure, type ScannedRow } from './csv/csv-scanner.ts';
import { FileBody } from './file-body.ts';
import { FindingLog } from './findings/finding-log.ts';
import { type FileMessages, shorten, texts } from './findings/messages.ts';
import type { Finding, Severity } from './findings/verdict.ts';
import { type ColumnPlan, planColumns } from './format/column-plan.ts';
import { optionalColumnsOf } from './format/columns.ts';
import { judgeHeader } from './format/file-header.ts';
import type { RosterFormat } from './format/formats.ts';
import type { RosterKind } from './format/kinds.ts';
import { nearestName } from './format/nearest-name.ts';
import { type Diagnosis, notUtf8, type ValueRuleOptions } from './rules/flaws.ts';
import type { IdRegistry } from './rules/id-registry.ts';
import type { RowSink, VerificationOptions } from './verification-options.ts';

/** What the files of one roster share. */
export interface RosterContext {
	readonly options: VerificationOptions;
	readonly ids: IdRegistry;
	readonly sink: RowSink | undefined;
	/** That of the first file that could be read. */
	format: RosterFormat | undefined;
}

export interface FileVerdict {
	readonly findings: readonly Finding[];
	readonly findingCounts: Readonly<Record<Severity, number>>;
	readonly rowCount: number;
	readonly acceptedCount: number;
	readonly skippedCount: number;
	readonly isUnreadable: boolean;
}

type Unreadable = Diagnosis & { describe: (line: number) => string };

const closeQuote = 'Close the quotation mark that the row opens, or double it if it belongs to the value.';

const scanFailures: Readonly<Record<ScanFailure['reason'], Unreadable>> = {
	notUtf8: { ...notUtf8, describe: texts.notUtf8 },
	rowTooLong: {
		reason: `is longer than ${maxRowBytes} bytes`,
		cure: closeQuote,
		describe: (line) => texts.rowTooLong(line, maxRowBytes),
	},
	unclosedQuote: {
		reason: 'has a quotation mark that is not closed',
		cure: closeQuote,
		describe: texts.unclosedQuote,
	},
};

/** Verifies one file from its first byte to its last. */
export class FileVerifier {
	readonly #kind: RosterKind;
	readonly #context: RosterContext;
	readonly #messages: FileMessages;
	readonly #plan: ColumnPlan;
	readonly #log: FindingLog;
	readonly #scanner = new CsvScanner((row) => this.#receive(row));
	#body: FileBody | undefined;
	#isHeaderBad = false;

	constructor(kind: RosterKind, context: RosterContext, messages: FileMessages) {
		this.#kind = kind;
		this.#context = context;
		this.#messages = messages;
		this.#plan = planColumns(kind, context.options);
		this.#log = new FindingLog(kind, context.options.findingsKept);
		for (const name of this.#plan.unknownProperties) {
			messages.add('Information', texts.unknownProperty(shorten(name), nearestName(name, optionalColumnsOf(kind))));
		}
	}

	/** False once the rest of the file cannot change the verdict. */
	write(chunk: Uint8Array): boolean {
		return !this.#isHeaderBad && this.#scanner.write(chunk) && !this.#isHeaderBad;
	}

	end(): FileVerdict {
		if (!this.#isHeaderBad) this.#scanner.end();
		this.#body?.end();
		const isUnreadable = this.#judgeWhole();
		if (isUnreadable) this.#context.ids.discard(this.#kind);
		this.#log.writeTo(this.#messages);
		return {
			findings: this.#log.findings,
			findingCounts: this.#log.counts,
			rowCount: this.#body?.rowCount ?? 0,
			acceptedCount: this.#body?.acceptedCount ?? 0,
			skippedCount: this.#body?.skippedCount ?? 0,
			isUnreadable,
		};
	}

	#receive(scanned: ScannedRow): void {
		if (this.#body) this.#body.receive(scanned);
		else if (!this.#isHeaderBad) this.#begin(scanned);
	}

	#begin(scanned: ScannedRow): void {
		const { ids, options, sink, format } = this.#context;
		const expected = { kind: this.#kind, plan: this.#plan, format };
		const header = judgeHeader(scanned, expected, { messages: this.#messages, log: this.#log });
		this.#isHeaderBad = !header;
		if (!header) return;
		this.#context.format ??= header.format;
		this.#body = new FileBody({
			kind: this.#kind,
			plan: this.#plan,
			header,
			ids,
			rules: this.#valueRuleOptions(),
			bytes: scanned.bytes,
			log: this.#log,
			seed: options.hashSeed,
			maxRows: options.maxRowsPerFile,
			acceptsNone: this.#roleWithoutRule !== undefined,
			sink,
		});
	}

	/** Whom the file is about, if the profile says nothing of their accounts. */
	get #roleWithoutRule(): 'student' | 'teacher' | undefined {
		const { roles } = this.#context.options;
		const role = this.#kind === 'student' || this.#kind === 'teacher' ? this.#kind : undefined;
		return role && roles && !roles.includes(role) ? role : undefined;
	}

	/** A domain is appended to usernames unless users are matched by another column. */
	#valueRuleOptions(): ValueRuleOptions {
		const { domains, handleSpecialCharacterConstraint } = this.#context.options;
		const matching = this.#plan.columns.find(({ isMatching }) => isMatching);
		const hasDomain = !matching || matching.definition.value === 'username';
		const role = this.#kind === 'student' || this.#kind === 'teacher' ? this.#kind : undefined;
		return {
			replacesSpecialCharacters: handleSpecialCharacterConstraint,
			domain: role && hasDomain ? domains[role]?.toLowerCase() : undefined,
		};
	}

	/** Says what concerns the file as a whole; answers whether it could not be read to its end. */
	#judgeWhole(): boolean {
		const { failure } = this.#scanner;
		if (this.#isHeaderBad) return true;
		if (failure) return this.#judgeFailure(failure);
		if (!this.#body) {
			this.#messages.add('Error', texts.emptyFile());
			return true;
		}
		const { rowCount } = this.#body;
		const limit = this.#context.options.maxRowsPerFile;
		if (rowCount > limit) this.#messages.add('Error', texts.tooManyRows(rowCount, limit));
		// An empty file is well-formed; whether so much may vanish is for the run to judge.
		if (rowCount === 0) this.#messages.add('Warning', texts.noRows());
		const role = this.#roleWithoutRule;
		if (rowCount > 0 && role) this.#messages.add('Error', texts.roleWithoutRule(rowCount, role));
		return rowCount > limit;
	}

	#judgeFailure({ reason, line }: ScanFailure): true {
		const { describe, ...diagnosis } = scanFailures[reason];
		this.#messages.add('Error', describe(line));
		this.#log.add({ rule: 'unreadable', severity: 'Error', ...diagnosis }, { place: -1 }, () => ({ line }));
		return true;
	}
}
