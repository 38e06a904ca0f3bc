import type { Rule, Severity } from './verdict.ts';

/** What is wrong with a value or a row. `reason` completes the sentence "the value …". */
export interface Flaw {
	readonly rule: Rule;
	readonly severity: Severity;
	readonly reason: string;
	/** The boundaries of the value cannot be trusted, so it may hold what belongs to a secret column. */
	readonly isTorn?: boolean;
}

export function invalid(reason: string): Flaw {
	return { rule: 'format', severity: 'Error', reason };
}

/** Judges a value that is neither empty nor torn. May replace special characters in place. */
export type ValueRule = (bytes: Uint8Array, start: number, end: number) => Flaw | undefined;

export interface ValueRuleOptions {
	readonly replacesSpecialCharacters: boolean;
	/** Appended to usernames; lower-case. */
	readonly domain?: string | undefined;
}
