import type { Rule, Severity } from '../findings/verdict.ts';

/** What is wrong with a value or a row, and what to do about it. */
export interface Flaw extends Diagnosis {
	readonly rule: Rule;
	readonly severity: Severity;
	/** The boundaries of the value cannot be trusted, so it may hold what belongs to a secret column. */
	readonly isTorn?: boolean;
	/** Looks closer at a value whose finding is kept, for what probably happened to it. */
	diagnose?(value: Uint8Array): Diagnosis | undefined;
}

export interface Diagnosis {
	/** Completes the sentence "the value …". */
	readonly reason: string;
	/** What to do, as a sentence. */
	readonly cure: string;
}

export function invalid(reason: string, cure: string): Flaw {
	return { rule: 'format', severity: 'Error', reason, cure };
}

/** Said of a row, and of the file with it. */
export const notUtf8: Diagnosis = { reason: 'has bytes that are not UTF-8', cure: 'Save the file as "CSV UTF-8".' };

/** Judges a value that is neither empty nor torn. May replace special characters in place. */
export type ValueRule = (bytes: Uint8Array, start: number, end: number) => Flaw | undefined;

export interface ValueRuleOptions {
	readonly replacesSpecialCharacters: boolean;
	/** Appended to usernames; lower-case. */
	readonly domain?: string | undefined;
}
