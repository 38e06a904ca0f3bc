import type { ProfileDefinition } from './profile.ts';
import type { RosterKind } from './roster/format/kinds.ts';
import type { HistoryRecord } from './sync/history/history.ts';
import type { SyncKind } from './sync/sync-kinds.ts';

/** One execution of a profile's sync. */
export interface Run {
	/** A GUID whose order is newest first, see `run-id.ts`. */
	id: string;
	tenantId: string;
	profileId: string;
	reason: RunReason;
	/** Who asked for it: object id and client id, as the audit has them; absent if nobody did. */
	actorId?: string;
	appId?: string;
	phase: RunPhase;
	outcome?: RunOutcome;
	/** Why a run ended in `failed`; for the operator, without personal data. */
	failure?: string;
	startedDateTime: string;
	finishedDateTime?: string;
	/** The run that took the files: itself, or an earlier one whose files are synced again. */
	sourceRunId: string;
	/** The uploads that the run took, as they were when they were verified. */
	acceptedFiles: readonly AcceptedFile[];
	/** Data rows per file, as verification counted them. */
	rows: Readonly<Partial<Record<RosterKind, number>>>;
	/** Those of them that may be synced; the others repeat an earlier one, or were skipped. */
	acceptedRows?: Readonly<Partial<Record<RosterKind, number>>>;
	/** Those that have an error. */
	skippedRows?: Readonly<Partial<Record<RosterKind, number>>>;
	/** Rows with an error were skipped instead of refusing the files; a run that syncs them again does the same. */
	skipsFaultyRows?: true;
	/** Removals that the run left out, since they would be suspiciously many; absent if there are none. */
	heldRemovals?: number;
	/** The run whose held removals somebody approved: this one carries them out. */
	approvedRunId?: string;
	/** Which of its holds; absent for all of them. */
	approvedHolds?: readonly string[];
	/** It verifies and plans, and writes nothing to the directory. */
	isDryRun?: true;
	/** The run that this one undoes, and the history as it was before that. */
	undoes?: { runId: string; files: HistoryRecord['files'] };
	/** The plan that somebody looked at: any other is not carried out. */
	expectedPlan?: string;
	/** What an undo cannot bring back, or leaves as it is, in sentences. */
	cannotUndo?: readonly string[];
	/** What the files were judged by, which is what they are synced by: a later change of the profile is for later runs. */
	settings?: RunSettings;
	/** What the run did, per record kind; complete once `outcome` is set. */
	tallies: Readonly<Partial<Record<SyncKind, Tally>>>;
	/** Requests that changed the directory. An unchanged roster makes none. */
	directoryWrites: number;
	/** Findings of the verification too, be they listed or not. */
	errorCount: number;
	/** Findings beyond the sample that is listed; absent if there are none. */
	unlistedFindings?: number;
}

export type RunSettings = Pick<
	ProfileDefinition,
	'dataProvider' | 'identity' | 'licensesToAssign' | 'handleSpecialCharacterConstraint' | 'safety'
>;

export interface AcceptedFile {
	kind: RosterKind;
	name: string;
	etag: string;
	/** When it was uploaded; absent in records of earlier versions. */
	writtenDateTime?: string;
	/** It had stayed from a refused set, and the others mended that. */
	isStale?: true;
}

/** `start`: a client asked. `drop`: the files arrived and things were quiet. `approval`: what was held is to go. `undo`: what a run did is to be undone. */
export const runReasons = ['start', 'drop', 'reset', 'resume', 'schedule', 'approval', 'undo'] as const;
export type RunReason = (typeof runReasons)[number];

export const runPhases = [
	'verify',
	'shard',
	'compare',
	'schools',
	'users',
	'sections',
	'memberships',
	'finish',
] as const;
export type RunPhase = (typeof runPhases)[number];

/** Those in which the directory is written. */
export const applyPhases: readonly RunPhase[] = ['schools', 'users', 'sections', 'memberships'];

/**
 * `refused`: verification found errors. `failed`: the run could not go on, for a reason outside the roster. `terminated`: a
 * reset, or a start with new files, ended it.
 */
export type RunOutcome = 'success' | 'error' | 'refused' | 'failed' | 'terminated';

export interface Tally {
	added: number;
	changed: number;
	removed: number;
	unchanged: number;
	failed: number;
	/** Removals that were left out; absent if there are none. */
	held?: number;
}

export interface RunProgress {
	done: number;
	total: number;
	/** Requests that changed the directory, of the slices that are done. */
	writes?: number;
	/** When the first of what is done was begun, and when the last of it was reported; absent as long as nothing is. */
	since?: string;
	until?: string;
}

/** Of steps that are done side by side, or one after the other. */
export function sumOfProgress(steps: Iterable<RunProgress>): RunProgress & { writes: number } {
	const sum: RunProgress & { writes: number } = { done: 0, total: 0, writes: 0 };
	for (const { done, total, writes = 0, since, until } of steps) {
		sum.done += done;
		sum.total += total;
		sum.writes += writes;
		if (since && (!sum.since || since < sum.since)) sum.since = since;
		if (until && (!sum.until || until > sum.until)) sum.until = until;
	}
	return sum;
}
