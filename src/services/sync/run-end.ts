import type { DryRunFinished, RunFinished } from '../../domain/events.ts';
import type { Run } from '../../domain/run.ts';
import type { SyncDeps } from './sync-deps.ts';

export type EndedRun = Run & Required<Pick<Run, 'outcome' | 'finishedDateTime'>>;

/** The one way in which a run gets its outcome. What happened is told at least once: a step that is repeated tells it again. */
export async function saveEnd({ runs, events }: Pick<SyncDeps, 'runs' | 'events'>, run: EndedRun): Promise<void> {
	await runs.save(run);
	events.happened(finished(run));
}

function finished(run: EndedRun): RunFinished | DryRunFinished {
	const {
		id: runId,
		isDryRun,
		tenantId,
		profileId,
		reason: trigger,
		outcome,
		failure,
		startedDateTime,
		finishedDateTime,
	} = run;
	return {
		name: isDryRun ? 'dryRun.finished' : 'run.finished',
		tenantId,
		profileId,
		runId,
		trigger,
		outcome,
		...(failure ? { failure } : {}),
		startedDateTime,
		finishedDateTime,
		tallies: run.tallies,
		directoryWrites: run.directoryWrites,
		heldRemovals: run.heldRemovals ?? 0,
		errorCount: run.errorCount,
	};
}
