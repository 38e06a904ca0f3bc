import { runPhases } from '../../domain/run.ts';
import type { RunRef } from '../../ports.ts';
import { phaseOf, progressStep } from './shard-progress.ts';
import type { ShardRef, SyncDeps } from './sync-deps.ts';

export interface PlannedShard {
	ref: ShardRef;
	/** Records to add, change or remove. */
	writes: number;
}

/** Announces what the run is going to write, so that progress can be shown against it. Idempotent: it only overwrites. */
export async function planRun(deps: SyncDeps, run: RunRef, planned: readonly PlannedShard[]): Promise<void> {
	for (const { ref, writes } of planned)
		await deps.runs.reportProgress(run, progressStep(ref), { done: 0, total: writes });
	const stored = await deps.runs.get(run.profileId, run.runId);
	const phases = new Set(planned.map(({ ref }) => phaseOf(ref.kind)));
	const first = runPhases.find((phase) => phases.has(phase)) ?? 'finish';
	if (stored && !stored.outcome) await deps.runs.save({ ...stored, phase: first });
}
