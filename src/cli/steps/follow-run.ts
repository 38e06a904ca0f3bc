import { CannotRunError } from '../cannot-run.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { ProfileStatus, Run } from '../client/api-shapes.ts';
import type { Clock } from '../clock.ts';
import { addSample, type PaceSample, paceOf } from '../screen/pace.ts';
import type { Progress } from '../screen/progress-bar.ts';

export interface FollowOptions {
	client: ApiClient;
	clock: Clock;
	signal: AbortSignal;
	onProgress: (progress: Progress) => void;
}

const firstPollMs = 200;
const maxPollMs = 2_000;
const pollGrowth = 1.3;
/** A run that does not move for so long may have been paused; asking earlier would be asking for nothing. */
const stallMs = 20_000;

const phaseTitles: Readonly<Record<string, string>> = {
	verify: 'Checking',
	shard: 'Sorting',
	compare: 'Comparing',
	schools: 'Schools',
	users: 'Accounts',
	sections: 'Classes',
	memberships: 'Enrollments',
	finish: 'Finishing',
};

function phaseTitle(phase: string): string {
	return phaseTitles[phase] ?? phase;
}

/** Resolves with the run once it has an outcome. Throws `CannotRunError` when it was paused or quarantined. */
export async function followRun(profileId: string, runId: string, options: FollowOptions): Promise<Run> {
	const { client, clock, signal } = options;
	const report = createReporter(options);
	let pollMs = firstPollMs;
	let still = { mark: '', sinceMs: clock.nowMs() };
	for (;;) {
		const run = await client.getRun(profileId, runId);
		if (run.outcome) return run;
		report(run);
		const mark = `${run.phase} ${run.progress?.done} ${run.progress?.total}`;
		if (mark !== still.mark) still = { mark, sinceMs: clock.nowMs() };
		if (clock.nowMs() - still.sinceMs > stallMs) {
			requireMoving(await client.getStatus(profileId));
			still.sinceMs = clock.nowMs();
		}
		await clock.sleep(pollMs, signal);
		pollMs = Math.min(maxPollMs, pollMs * pollGrowth);
	}
}

function createReporter({ clock, onProgress }: FollowOptions): (run: Run) => void {
	let phase = '';
	let samples: PaceSample[] = [];
	return (run) => {
		const { done, total } = run.progress ?? { done: 0, total: 0 };
		samples = addSample(run.phase === phase ? samples : [], { atMs: clock.nowMs(), done });
		phase = run.phase;
		onProgress({ title: phaseTitle(phase), done, total, pace: paceOf(samples, total) });
	};
}

function requireMoving({ status, statusMessage }: ProfileStatus): void {
	if (status !== 'paused' && status !== 'quarantined') return;
	const advice =
		status === 'paused'
			? 'Resume the profile (POST …/resume) and it goes on where it was.'
			: 'Look at the errors of the profile, then reset it (POST …/reset) or start it with new files.';
	const reason = statusMessage ? ` ${statusMessage.trim()}` : '';
	throw new CannotRunError(`The sync stands still: the profile is ${status}.${reason} ${advice}`);
}

export interface NewRunOptions extends Omit<FollowOptions, 'onProgress'> {
	/** The newest run before the start; undefined if there was none. */
	previousRunId: string | undefined;
	/** How long to look before it is clear that there is none. */
	patienceMs: number;
}

/** The newest run, as soon as it is another one than before; undefined if none appears. */
export async function findNewRun(profileId: string, options: NewRunOptions): Promise<Run | undefined> {
	const { client, clock, signal, previousRunId, patienceMs } = options;
	const deadlineMs = clock.nowMs() + patienceMs;
	for (;;) {
		const run = await client.newestRun(profileId);
		if (run && run.id !== previousRunId) return run;
		if (clock.nowMs() >= deadlineMs) return undefined;
		await clock.sleep(firstPollMs, signal);
	}
}
