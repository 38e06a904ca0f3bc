import type { RowView } from './csv/records.ts';
import type { RosterKind } from './format/kinds.ts';

export interface VerificationOptions {
	/** False for profiles that match existing users. */
	createsUsers: boolean;
	/** Roles whose accounts the profile has a rule for; absent means both. */
	roles?: readonly ('student' | 'teacher')[];
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
