import { runPhases } from '../../../domain/run.ts';
import type { Slice } from '../../../domain/sync/course.ts';
import type { RunRef } from '../../../ports.ts';
import { phaseOf, progressStep } from '../shard-progress.ts';
import type { SyncDeps } from '../sync-deps.ts';

/** Announces what the run is going to write, so that progress can be shown against it. Idempotent: it only overwrites. */
export async function planRun(deps: SyncDeps, run: RunRef, planned: readonly Slice[]): Promise<void> {
	for (const slice of planned)
		await deps.runs.reportProgress(run, progressStep(slice), { done: 0, total: slice.records });
	const stored = await deps.runs.get(run.profileId, run.runId);
	const phases = new Set(planned.map(({ kind }) => phaseOf(kind)));
	const first = runPhases.find((phase) => phases.has(phase)) ?? 'finish';
	if (stored && !stored.outcome) await deps.runs.save({ ...stored, phase: first });
}
