import { CannotRunError } from '../cannot-run.ts';
import type { Run } from '../client/api-shapes.ts';
import type { SyncOptions } from '../options.ts';
import type { RosterFile } from '../roster-folder.ts';
import { checkedText, messageLines } from '../screen/report.ts';
import { printable } from '../screen/wording.ts';
import { followRun } from './follow-run.ts';
import { ensureProfile } from './profiles.ts';
import { approveStep, startStep } from './start-step.ts';
import type { SyncContext } from './sync-context.ts';
import { maxErrorsAsJson, type SyncOutcome, type SyncResult } from './sync-result.ts';
import { uploadStep } from './upload-step.ts';

export interface PerformContext extends SyncContext {
	/** Called when the service has the files and goes on with or without this client. */
	onHandedOver: () => void;
}

/** The call sequence of the API, with what happens shown on the screen: profile, upload, start, follow, results. */
export async function performSync(
	options: SyncOptions,
	files: readonly RosterFile[],
	context: PerformContext,
): Promise<SyncResult> {
	const { client, clock, screen } = context;
	const startedMs = clock.nowMs();
	screen.progress({ title: 'Preparing the profile', done: 0, total: 0 });
	const { profile, isNew, notes } = await ensureProfile(options, context);
	screen.fact('Profile', isNew ? `${printable(profile.displayName)} (new)` : printable(profile.displayName));
	for (const note of notes) screen.fact('', note);
	if (options.reset && !isNew) {
		await client.reset(profile.id);
		screen.fact('Reset', 'earlier syncs are forgotten, everything is written anew');
	}
	const started = options.approve
		? await approveStep(profile.id, options.approve, context)
		: await startStep(profile.id, await uploadStep(profile.id, files, context), context);
	screen.fact('Checked', checkedText(started));
	for (const line of messageLines(started.messages, screen)) screen.line(line);
	let { run } = started;
	if (run && started.isAccepted) {
		context.onHandedOver();
		run = await followRun(profile.id, run.id, { ...context, onProgress: (progress) => screen.progress(progress) });
	}
	const outcome = outcomeOf(run, started.isAccepted);
	const wantsErrors = outcome !== 'success' || (run?.errorCount ?? 0) > 0;
	return {
		profile,
		run,
		outcome,
		...(outcome === 'held' ? { held: await heldText(profile.id, context) } : {}),
		messages: started.messages,
		errors: wantsErrors ? await client.listErrors(profile.id, maxErrorsAsJson) : { items: [], count: 0 },
		directory: outcome === 'refused' || isElsewhere(options) ? {} : await countDirectory(context),
		durationMs: clock.nowMs() - startedMs,
	};
}

const statusPollMs = 250;
const statusPolls = 40;

const knownOutcomes: readonly SyncOutcome[] = ['success', 'error', 'refused', 'failed'];

function outcomeOf(run: Run | undefined, isAccepted: boolean): SyncOutcome {
	if (!isAccepted) return 'refused';
	if ((run?.heldRemovals ?? 0) > 0 && run?.outcome !== 'failed') return 'held';
	return knownOutcomes.find((outcome) => outcome === run?.outcome) ?? 'failed';
}

/** The first line of what the profile says; the others count what was done. */
async function heldText(profileId: string, { client, clock, signal }: SyncContext): Promise<string> {
	let read = await client.getStatus(profileId);
	// A run has its outcome a moment before the profile shows it.
	for (let poll = 0; read.status === 'inProgress' && poll < statusPolls; poll++) {
		await clock.sleep(statusPollMs, signal);
		read = await client.getStatus(profileId);
	}
	return (read.statusMessage ?? '').split('\r\n', 1)[0] ?? '';
}

/** The service counts its own tables alone. */
const isElsewhere = ({ target }: SyncOptions) => target.kind === 'embedded' && target.directory === 'graph';

/** A closing courtesy: a service that keeps no such lists is no reason to fail after a sync that went well. */
async function countDirectory({ client }: SyncContext): Promise<SyncResult['directory']> {
	const counts: SyncResult['directory'] = {};
	for (const collection of ['schools', 'classes', 'users'] as const) {
		const count = await client.countDirectory(collection).catch((error: unknown) => {
			if (error instanceof CannotRunError) return undefined;
			throw error;
		});
		if (count !== undefined) counts[collection] = count;
	}
	return counts;
}
