import type { RosterKind } from '../format/kinds.ts';

export const severities = ['Error', 'Warning', 'Information'] as const;
export type Severity = (typeof severities)[number];

/** https://learn.microsoft.com/graph/api/resources/educationfilesynchronizationverificationmessage?view=graph-rest-beta */
export interface VerificationMessage {
	type: Severity;
	/** Lower-case. */
	fileName: string;
	description: string;
}

/**
 * `unreadable`: nothing from this line on can be read. `raggedRow`: other number of columns than the header.
 * The others are the four documented checks of a value.
 */
export type Rule = 'unreadable' | 'raggedRow' | 'missing' | 'format' | 'duplicate' | 'reference';

/** One problem in one row. */
export interface Finding {
	kind: RosterKind;
	fileName: string;
	/** Physical line of the file, counted from 1, at which the row begins. */
	line: number;
	/** As the file's own header calls it; both names, joined by a comma, for a pair; absent for a whole row. */
	column?: string;
	rule: Rule;
	severity: Severity;
	/** Why, for the reader: completes the sentence "the value …". */
	reason: string;
	/** What to do about it, as a sentence. */
	cure: string;
	/** SIS ID of the row, or both ids of a membership joined by ` / `; absent when the row cannot be trusted. */
	key?: string;
	/** Shortened; absent for passwords, birth dates and whole rows. */
	value?: string;
}

export interface Verdict {
	/** By file name; inside a file by rule, then by column. */
	messages: readonly VerificationMessage[];
	/** Those that no finding tells: they are about a whole file. */
	fileMessages: readonly VerificationMessage[];
	/** A bounded sample for each file, rule and column, in order of file and line; the messages hold exact counts. */
	findings: readonly Finding[];
	/** Of all findings, kept or not. */
	findingCount: number;
	findingCounts: Readonly<Record<Severity, number>>;
	/** Rows below the header, blank lines apart. */
	rowCounts: Readonly<Record<RosterKind, number>>;
	/** Rows without an error that are no duplicate. */
	acceptedCounts: Readonly<Record<RosterKind, number>>;
	/** Rows that have an error. */
	skippedCounts: Readonly<Record<RosterKind, number>>;
	/** There is at least one message of type Error. */
	failed: boolean;
	/** Some file is missing or could not be read to its end, so that not even its valid rows may be synced. */
	unreadable: boolean;
}
