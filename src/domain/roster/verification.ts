import type { RosterKind } from './kinds.ts';
import type { RowView } from './records.ts';
import type { Verdict } from './verdict.ts';

export interface VerificationOptions {
	/** False for profiles that match existing users. */
	createsUsers: boolean;
	/** Domains appended to usernames, when creating or matching. */
	domains: { student?: string; teacher?: string };
	/** Source columns named in a matching configuration; they become required and unique. */
	matchingColumns: { student?: string; teacher?: string };
	handleSpecialCharacterConstraint: boolean;
	/** `optionalPropertiesToSync` by kind; null or absent means every optional column. */
	optionalColumns: Partial<Record<RosterKind, readonly string[] | null>>;
	maxRowsPerFile: number;
	/** Random, so that nobody can prepare ids that make the hash tables slow. */
	hashSeed: number;
	/** How many findings to keep for each file, rule and column. */
	findingsKept: number;
}

/** Called for every row that may be synced. Of repeated pairs of ids every one arrives: the pair is the record's key. */
export type RowSink = (row: RowView) => void;

/**
 * Verifies one roster as its bytes arrive. Files come in the order of `rosterKinds`, each as `beginFile`, any number of
 * `write` and `endFile`; a kind that never begins counts as missing.
 */
export interface Verification {
	beginFile(kind: RosterKind): void;
	/** False once the rest of the file cannot change the verdict: stop reading and call `endFile`. */
	write(chunk: Uint8Array): boolean;
	endFile(): void;
	/** A second file of the same kind, under another path. */
	duplicateFile(kind: RosterKind): void;
	/** A file that is no part of a roster. */
	unknownFile(name: string): void;
	finish(): Verdict;
}

export function createVerification(options: VerificationOptions, sink?: RowSink): Verification {
	throw new Error(`Cannot verify ${options.maxRowsPerFile} rows yet${sink ? '' : ' without a sink'}.`);
}
