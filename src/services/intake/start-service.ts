import type { VerificationMessage } from '../../domain/roster/findings/verdict.ts';
import type { RunReason } from '../../domain/run.ts';
import type { ProfileRef } from '../../ports.ts';

export interface StartResult {
	accepted: boolean;
	/** Empty if verification found nothing worth saying. */
	messages: readonly VerificationMessage[];
	/** Of a dry run: the one whose plan can be read. */
	runId?: string;
}

export interface StartOptions {
	reason: RunReason;
	/** Whether rows with errors are left out rather than the whole roster refused. Files that cannot be read are refused anyway. */
	skipsFaultyRows?: boolean;
	/** Of an automatic start: the set that has rested. Any other is refused as a conflict. */
	setId?: string;
	/** Verifies and plans, writes nothing to the directory, and leaves the uploads where they are. */
	isDryRun?: boolean;
}

export interface StartService {
	/**
	 * Verifies the profile's uploads and, if they hold no error, starts a run with them.
	 * Throws `SyncApiError`: unknown profile, not provisioned, busy, expired, or no file provider.
	 */
	start(ref: ProfileRef, options?: StartOptions): Promise<StartResult>;
}
