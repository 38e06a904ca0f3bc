import type { Rule, Severity, VerificationMessage } from './verdict.ts';

const meant = (name: string | undefined) => (name === undefined ? '' : ` Did you mean ${name}?`);

/**
 * The words of verification. The four about values are Microsoft's own, full stop or not; clients may look for them.
 * https://learn.microsoft.com/graph/api/educationsynchronizationprofile-start?view=graph-rest-beta
 */
export const texts = {
	missingFile: () => 'File is missing.',
	duplicateFile: () => 'More than one file has this name.',
	emptyFile: () => 'File is empty or has no header row.',
	noRows: () => 'File has no data rows.',
	notUtf8: () => 'File is not valid UTF-8.',
	rowTooLong: (line: number, limit: number) =>
		`File has a row of more than ${limit} bytes at line ${line}. A quotation mark may not be closed.`,
	unclosedQuote: (line: number) => `File has a quotation mark in the row at line ${line} that is not closed.`,
	tornHeader: (column: number, reason: string) => `Header row is not valid: column ${column} ${reason}.`,
	missingColumns: (names: readonly string[]) => `Required column(s) missing - ${names.join(', ')}`,
	duplicateColumns: (names: readonly string[]) => `Duplicate column(s) found - ${names.join(', ')}`,
	otherFormat: (format: string, others: string) =>
		`File is in the ${format} format, but the files before it are in the ${others} format.`,
	faultyRowsOnly: () =>
		'File holds only the faulty rows of a file. Put the corrected rows back into their lines of the whole file.',
	unusableCorrections: (reason: string) => `The corrections cannot be used: ${reason}.`,
	corrected: (rows: number) => `${rows} corrected row(s) were put into the file.`,
	emptied: (rows: number) => `${rows} row(s) came back empty and were removed from the file.`,
	tooManyRows: (rows: number, limit: number) => `File has ${rows} rows which exceeds the limit of ${limit}.`,
	roleWithoutRule: (rows: number, role: string) =>
		`${rows} row(s) cannot be synced: the identity configuration of the profile has no rule for ${role}s. Add one, or upload the file with its header only.`,
	unselectedColumns: (names: readonly string[]) =>
		`Column(s) selected for synchronization missing - ${names.join(', ')}`,
	unknownFile: (nearest?: string) => `File is not part of a roster and was ignored.${meant(nearest)}`,
	unknownColumn: (name: string, nearest?: string) =>
		`Column ${name} is not recognised and was ignored.${meant(nearest)}`,
	furtherUnknownColumns: (count: number) => `${count} more column(s) are not recognised and were ignored.`,
	unknownProperty: (name: string, nearest?: string) =>
		`Property ${name} in optionalPropertiesToSync is not recognised and was ignored.${meant(nearest)}`,
	idleLicenses: () =>
		'Licenses in licensesToAssign were ignored: they are assigned to accounts that the profile creates, and it matches existing ones.',
	recasedColumn: (header: string, name: string) => `Column ${header} was read as ${name}.`,
} as const;

/** Counted per file, rule and column; the order here is the order of the messages of a file. */
export const rowTexts: Readonly<Record<Exclude<Rule, 'unreadable'>, (count: number, column: string) => string>> = {
	raggedRow: (count) => `${count} row(s) have a different number of columns than the header.`,
	missing: (count, column) => `${count} row(s) have missing data for the field - ${column}`,
	format: (count, column) => `${count} row(s) have an invalid format for the field - ${column}`,
	duplicate: (count, column) => `${count} duplicates found in column ${column} which requires values to be Unique.`,
	reference: (count, column) => `${count} row(s) have referenced data not found in source. Field - ${column}`,
};

export const rules = ['unreadable', ...Object.keys(rowTexts)] as readonly Rule[];

/** Collects the messages of one file, those that only inform last. */
export class FileMessages {
	readonly #fileName: string;
	readonly #messages: VerificationMessage[] = [];
	readonly #aboutRows = new Set<VerificationMessage>();

	constructor(fileName: string) {
		this.#fileName = fileName;
	}

	add(type: Severity, description: string): void {
		this.#messages.push({ type, fileName: this.#fileName, description });
	}

	/** It counts rows, each of which is a finding. */
	addAboutRows(type: Severity, description: string): void {
		this.add(type, description);
		this.#aboutRows.add(this.#messages.at(-1) as VerificationMessage);
	}

	isAboutRows(message: VerificationMessage): boolean {
		return this.#aboutRows.has(message);
	}

	get all(): readonly VerificationMessage[] {
		const informs = ({ type }: VerificationMessage) => type === 'Information';
		return [...this.#messages.filter((each) => !informs(each)), ...this.#messages.filter(informs)];
	}
}

const shownLength = 64;

/** Text of unknown origin, fit for a message: on one line, without invisible characters, and short. */
export function shorten(text: string): string {
	const characters = [...text.slice(0, shownLength * 4).replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '�')];
	return characters.length <= shownLength ? characters.join('') : `${characters.slice(0, shownLength - 1).join('')}…`;
}
