import type { CourseStep } from '../../../domain/sync/course.ts';
import type { SyncRef } from '../../../ports.ts';
import { findRekeyed } from '../rekeying/find-rekeyed.ts';
import { rekey } from '../rekeying/rekey.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { applySlice } from './apply/apply-slice.ts';
import { settleNames } from './apply/settle-names.ts';
import { beginRun } from './begin-run.ts';
import { compareShard } from './compare-shard.ts';
import { planRun } from './plan-run.ts';
import { holdFound, readBack } from './read-back.ts';
import { shardRoster } from './shard-roster.ts';
import { takeHistory } from './take-history.ts';
import { weighRemovals } from './weigh-removals.ts';

/** Does one step of a run's course; each is repeatable. Answers what the course waits for. */
export async function runStep(deps: SyncDeps, run: SyncRef, step: CourseStep): Promise<object> {
	switch (step.name) {
		case 'beginRun':
			return beginRun(deps, run);
		case 'takeHistory':
			return takeHistory(deps, run);
		case 'rekey':
			await rekey(deps, run);
			return {};
		case 'shardRoster':
			return shardRoster(deps, run);
		case 'compareShard':
			return compareShard(deps, { ...run, kind: step.kind, shard: step.shard });
		case 'findRekeyed':
			return findRekeyed(deps, { ...run, kinds: step.kinds, slices: step.slices });
		case 'weighRemovals':
			await weighRemovals(deps, { ...run, slices: step.slices, shards: step.shards });
			return {};
		case 'planRun':
			await planRun(deps, { ...run, planned: step.planned, shards: step.shards, unchanged: step.unchanged });
			return {};
		case 'applySlice':
			return applySlice(deps, { ...run, ...step.slice });
		case 'settleNames':
			return settleNames(deps, run, step.slices);
		case 'readBack':
			await readBack(deps, { ...run, kind: step.kind, shard: step.shard });
			return {};
		case 'holdFound':
			return holdFound(deps, run, step.kinds);
	}
}
