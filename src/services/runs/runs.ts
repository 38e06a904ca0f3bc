import { apiErrors } from '../../domain/errors.ts';
import { applyPhases, type Run, type RunPhase, type RunProgress, runPhases } from '../../domain/run.ts';
import { figuresOf, type PhaseProgress, type RunFigures } from '../../domain/run-figures.ts';
import type { Page, PageRequest, ProfileRef, ProfileStore, RosterStore, RunRef, RunStore } from '../../ports.ts';
import { type HeldRemovals, openHolds, readHolds } from '../sync/files/holds.ts';
import { getProfile } from '../sync/profile-changes.ts';

export type RunWithProgress = Run & RunFigures & { progress: Pick<RunProgress, 'done' | 'total'> };

export interface RunService {
	/** Newest first. Throws `SyncApiError` (404) for an unknown profile. */
	list(ref: ProfileRef, page: PageRequest): Promise<Page<RunWithProgress>>;
	/** Throws `SyncApiError` (404) for an unknown profile or run. */
	get(ref: RunRef): Promise<RunWithProgress>;
	/** What a run left out and nobody has discarded; nothing once a newer run has ended. Throws `SyncApiError` (404) for an unknown profile or run. */
	holds(ref: RunRef): Promise<HeldRemovals>;
}

export interface RunDeps {
	profiles: ProfileStore;
	runs: RunStore;
	rosters: RosterStore;
}

export function runService(deps: RunDeps): RunService {
	return {
		async list(ref, page) {
			await getProfile(deps.profiles, ref);
			const runs = await deps.runs.list(ref.profileId, page);
			return { ...runs, items: await Promise.all(runs.items.map((run) => withProgress(deps.runs, run))) };
		},

		async get(ref) {
			await getProfile(deps.profiles, ref);
			const run = await deps.runs.get(ref.profileId, ref.runId);
			if (!run) throw apiErrors.runNotFound(ref.runId);
			return withProgress(deps.runs, run);
		},

		async holds(ref) {
			const profile = await getProfile(deps.profiles, ref);
			if (!(await deps.runs.get(ref.profileId, ref.runId))) throw apiErrors.runNotFound(ref.runId);
			return openHolds(await readHolds(deps, ref), profile, ref);
		},
	};
}

/**
 * The steps of a run report only what they have done, and nobody writes when a phase ends: it has ended when all that was
 * planned for it is done.
 */
async function withProgress(runs: RunStore, run: Run): Promise<RunWithProgress> {
	if (run.outcome) return { ...run, ...figuresOf(run, []), progress: { done: 0, total: 0 } };
	const ref: RunRef = { tenantId: run.tenantId, profileId: run.profileId, runId: run.id };
	const reported = await Promise.all(
		reportingPhases.map(async (phase): Promise<PhaseProgress> => ({ ...(await runs.progressOf(ref, phase)), phase })),
	);
	const progressOf = (phase: RunPhase) => reported.find((each) => each.phase === phase) ?? { done: 0, total: 0 };
	let { phase } = run;
	const isOver = () => applyPhases.includes(phase) && progressOf(phase).done >= progressOf(phase).total;
	while (isOver()) phase = runPhases[runPhases.indexOf(phase) + 1] as RunPhase;
	const { done, total } = progressOf(phase);
	return { ...run, phase, ...figuresOf({ phase }, reported), progress: { done, total } };
}

/** Those that have something to count. */
const reportingPhases: readonly RunPhase[] = ['shard', ...applyPhases];
