import type { RunPhase } from '../../domain/run.ts';
import type { SlicePlace } from '../../domain/sync/history/history.ts';
import type { SyncKind } from '../../domain/sync/sync-kinds.ts';
import type { RunRef } from '../../ports.ts';
import type { SyncDeps } from './sync-deps.ts';

/** Often enough for a moving bar, seldom enough to cost nothing beside the writes. */
const reportEveryMs = 500;

const phases: Readonly<Record<SyncKind, RunPhase>> = {
	school: 'schools',
	student: 'users',
	teacher: 'users',
	section: 'sections',
	studentEnrollment: 'memberships',
	teacherRoster: 'memberships',
	schoolStudent: 'memberships',
	schoolTeacher: 'memberships',
};

export const phaseOf = (kind: SyncKind): RunPhase => phases[kind];

/** Of a slice. */
export const progressStep = ({ kind, shard, part }: SlicePlace) => `${phaseOf(kind)}/${kind}/${shard}/${part}`;

type ProgressDeps = Pick<SyncDeps, 'runs' | 'clock'>;

/** Reports how far a step is, at most every `reportEveryMs`, and its end for certain, with what it has written. Cheap to call often. */
export function progressReporter(deps: ProgressDeps, run: RunRef, { step, total }: { step: string; total: number }) {
	let reportedAt = 0;
	const since = deps.clock.now().toISOString();
	return async (done: number, writes?: number): Promise<void> => {
		const now = deps.clock.now();
		if (done < total && now.getTime() - reportedAt < reportEveryMs) return;
		reportedAt = now.getTime();
		const times = { since, until: now.toISOString() };
		await deps.runs.reportProgress(run, step, { done, total, ...(writes === undefined ? {} : { writes }), ...times });
	};
}
