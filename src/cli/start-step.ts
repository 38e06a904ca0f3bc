import type { Run, VerificationMessage } from './api-shapes.ts';
import { CannotRunError } from './cannot-run.ts';
import { findNewRun } from './follow-run.ts';
import type { SyncContext } from './sync-context.ts';

export interface Started {
	isAccepted: boolean;
	messages: VerificationMessage[];
	/** Absent when a refused start left no run. */
	run: Run | undefined;
}

/** After an accepted start the run is there at once; this only covers a slow store. */
const acceptedPatienceMs = 60_000;
/** Verification may still be going on, and its run is seen only afterwards. */
const uncertainPatienceMs = 10 * 60_000;
const maxStarts = 3;

/** Starts the sync, or finds the run that the service started by itself with the same files. */
export async function startStep(
	profileId: string,
	previousRunId: string | undefined,
	context: SyncContext,
): Promise<Started> {
	const { client, screen } = context;
	const find = (patienceMs: number) => findNewRun(profileId, { ...context, previousRunId, patienceMs });
	for (let start = 1; start <= maxStarts; start += 1) {
		screen.progress({ title: 'Checking files', done: 0, total: 0 });
		const answer = await client.start(profileId);
		if (answer.kind === 'refused') return { isAccepted: false, messages: answer.messages, run: await find(0) };
		const isAccepted = answer.kind === 'accepted';
		const run = await find(isAccepted ? acceptedPatienceMs : uncertainPatienceMs);
		if (isAccepted && run) return { isAccepted, messages: answer.messages, run };
		if (answer.kind === 'uncertain' && !run) throw new CannotRunError(`Cannot start the sync: ${answer.reason}`);
		if (!run) break;
		if (run.outcome !== 'refused') return { isAccepted: true, messages: [], run };
		// The service's own attempt was refused with findings that only the answer to a start lists.
	}
	throw new CannotRunError(
		'The service accepted the files but shows no sync of them. Look at the status of the profile (GET …/profileStatus).',
	);
}
