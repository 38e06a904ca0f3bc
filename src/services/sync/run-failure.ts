import { runStartTime } from '../../domain/run-id.ts';
import type { RunRef } from '../../ports.ts';
import type { SyncDeps } from './sync-deps.ts';

/**
 * A run cannot go on, and trying the step again would not help. The message is a sentence for whoever owns the profile: it
 * becomes the failure of the run.
 */
export class RunFailure extends Error {
	constructor(cause: string) {
		super(`The sync could not go on: ${cause}`);
		this.name = 'RunFailure';
	}
}

export const resetAdvice =
	'Reset the profile: it begins anew from its last accepted files, and removes nobody. Without those, upload all files and start.';

/**
 * Throws `RunFailure` for a run that was under way when storage lost something: tables and files are not of the same moment
 * then, and what the run believes to have written may not be there.
 */
export function requireKept({ storageLostAt }: Pick<SyncDeps, 'storageLostAt'>, { runId }: RunRef): void {
	if (storageLostAt && runStartTime(runId) < storageLostAt)
		throw new RunFailure(`storage may have lost a part of what it had written. ${resetAdvice}`);
}
