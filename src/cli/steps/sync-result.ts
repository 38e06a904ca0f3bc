import type { Profile, Run, SyncError, VerificationMessage } from '../client/api-shapes.ts';

/**
 * `refused`: the files have errors. `held`: removals wait for approval, all else is done. `failed`: the service could not go on. The
 * others are outcomes of a finished run.
 */
export type SyncOutcome = 'success' | 'error' | 'refused' | 'held' | 'failed';

/** What a sync came to, for the closing report and for `--json`. */
export interface SyncResult {
	profile: Profile;
	/** Absent when a refused start left no run. */
	run: Run | undefined;
	outcome: SyncOutcome;
	/** What is held and the way on, as the service says it. */
	held?: string;
	messages: VerificationMessage[];
	errors: { items: SyncError[]; count: number };
	/** What the directory holds afterwards, as far as the service tells. */
	directory: Partial<Record<'schools' | 'classes' | 'users', number>>;
	durationMs: number;
}

/** 1: somebody must look at the roster. 2: somebody must look at the service. */
export const exitCodes: Readonly<Record<SyncOutcome, number>> = {
	success: 0,
	error: 1,
	refused: 1,
	held: 1,
	failed: 2,
};

/** Enough for any program to work with, without turning a broken export into gigabytes. */
export const maxErrorsAsJson = 1_000;

export function toJson({ profile, run, ...result }: SyncResult): Record<string, unknown> {
	return {
		profileId: profile.id,
		profileName: profile.displayName,
		runId: run?.id ?? null,
		outcome: result.outcome,
		failure: run?.failure ?? null,
		messages: result.messages,
		rows: run?.rows ?? {},
		tallies: run?.tallies ?? {},
		directoryWrites: run?.directoryWrites ?? 0,
		heldRemovals: run?.heldRemovals ?? 0,
		errorCount: result.errors.count,
		errors: result.errors.items,
		directory: result.directory,
		durationMs: result.durationMs,
	};
}
