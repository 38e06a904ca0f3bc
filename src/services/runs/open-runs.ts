import type { Profile } from '../../domain/profile.ts';
import { applyPhases, type Run } from '../../domain/run.ts';
import { runEnd, stopText } from '../../domain/schedule/run-end.ts';
import type { Clock, ProfileRef } from '../../ports.ts';
import { changeProfile } from '../sync/profile-changes.ts';
import { type EndedRun, saveEnd } from '../sync/run-end.ts';
import type { SyncDeps } from '../sync/sync-deps.ts';

export type OpenRunDeps = Pick<SyncDeps, 'profiles' | 'runs' | 'events'> & { clock: Clock };

/** Far more than can be open at once; a profile has one run that is under way, and perhaps some that a crash left behind. */
const runsSearched = 50;

/** Runs without an outcome, newest first. */
export async function openRuns(
	{ runs }: Pick<OpenRunDeps, 'runs'>,
	{ profileId }: ProfileRef,
): Promise<readonly Run[]> {
	return (await runs.list(profileId, { size: runsSearched })).items.filter(({ outcome }) => outcome === undefined);
}

/** Of runs that no orchestration carries, a crash has left the records open. `newest`: later ones are somebody else's. */
export async function closeLostRuns(deps: OpenRunDeps, ref: ProfileRef, newest?: string): Promise<void> {
	await closeRuns(deps, ref, { outcome: 'failed', failure: 'The run was lost in a crash.', newest });
}

interface Closing extends Pick<EndedRun, 'outcome' | 'failure'> {
	newest?: string | undefined;
}

/** What a run has written, though it never came to its end; a step that is still under way apart. */
async function writesOf({ runs }: OpenRunDeps, { tenantId, profileId, id: runId }: Run): Promise<number> {
	const phases = await Promise.all(applyPhases.map((phase) => runs.progressOf({ tenantId, profileId, runId }, phase)));
	return phases.reduce((sum, { writes = 0 }) => sum + writes, 0);
}

export async function closeRuns(deps: OpenRunDeps, ref: ProfileRef, { newest = '', ...end }: Closing): Promise<void> {
	const finishedDateTime = deps.clock.now().toISOString();
	const holder = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile.claim?.runId;
	// That of whoever holds the profile has not begun. Later ids sort first.
	const open = (await openRuns(deps, ref)).filter(({ id }) => id !== holder && id >= newest);
	const closed = new Map<string, EndedRun>();
	for (const run of open) {
		const ended = { ...run, ...end, directoryWrites: await writesOf(deps, run), finishedDateTime };
		await saveEnd(deps, ended);
		closed.set(run.id, ended);
	}
	await changeProfile(deps.profiles, ref, (profile) => {
		const run = closed.get(profile.latestRunId ?? '');
		return run && profile.status === 'inProgress' ? { ...profile, ...cutShort(profile, run) } : undefined;
	});
}

/** What a profile shows of a run that did not come to its end. One that was ended by a request is no failure. */
export function cutShort({ lastEnd: previous }: Profile, run: EndedRun): Partial<Profile> {
	const statusMessage = 'The last run was ended before it was done.';
	if (run.outcome !== 'failed') return { status: 'error', statusMessage };
	const lastEnd = runEnd(run, { previous, finishedDateTime: run.finishedDateTime });
	const stopped = stopText(run, lastEnd);
	return stopped
		? { status: 'quarantined', statusMessage: `${stopped}\r\n${statusMessage}`, lastEnd }
		: { status: 'error', statusMessage, lastEnd };
}
