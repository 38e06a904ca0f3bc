import { CannotRunError } from '../cannot-run.ts';
import type { Run, VerificationMessage } from '../client/api-shapes.ts';
import { findNewRun } from './follow-run.ts';
import type { SyncContext } from './sync-context.ts';

export interface Started {
	isAccepted: boolean;
	messages: VerificationMessage[];
	/** Absent when a refused start left no run. */
	run: Run | undefined;
}

/** A run is there at once after an accepted start; this only covers a slow store. */
const acceptedPatienceMs = 60_000;
/** Between two attempts while the service is busy. */
const uncertainPatienceMs = 3_000;
/** As long as the verification of a very large roster may take: until it ends there is no run. */
const maxBusyMs = 10 * 60_000;

/**
 * Starts the sync, or finds the run that the service started by itself with the same files. While the service is busy
 * the start is repeated: with files that a run has taken meanwhile it could not begin a second one.
 */
export async function startStep(
	profileId: string,
	previousRunId: string | undefined,
	context: SyncContext,
): Promise<Started> {
	const { client, clock, screen, signal } = context;
	const find = (patienceMs: number) => findNewRun(profileId, { ...context, previousRunId, patienceMs });
	const deadlineMs = clock.nowMs() + maxBusyMs;
	for (;;) {
		screen.progress({ title: 'Checking files', done: 0, total: 0 });
		const answer = await client.start(profileId);
		if (answer.kind === 'refused') return { isAccepted: false, messages: answer.messages, run: await find(0) };
		if (answer.kind === 'accepted')
			return { isAccepted: true, messages: answer.messages, run: requireRun(await find(acceptedPatienceMs)) };
		const run = await find(uncertainPatienceMs);
		// An attempt of the service's own that was refused has findings that only the answer to a start lists.
		if (run && run.outcome !== 'refused') return { isAccepted: true, messages: [], run };
		if (run) await clock.sleep(uncertainPatienceMs, signal);
		if (clock.nowMs() > deadlineMs) throw new CannotRunError(`Cannot start the sync: ${answer.reason}`);
	}
}

/** Approves what a run held, and finds the run that carries it out. */
export async function approveStep(profileId: string, runId: string, context: SyncContext): Promise<Started> {
	await context.client.approve(profileId, runId);
	const run = await findNewRun(profileId, { ...context, previousRunId: runId, patienceMs: acceptedPatienceMs });
	return { isAccepted: true, messages: [], run: requireRun(run) };
}

function requireRun(run: Run | undefined): Run {
	if (run) return run;
	throw new CannotRunError(
		'The service accepted the files but shows no sync of them. Look at the status of the profile (GET …/profileStatus).',
	);
}
