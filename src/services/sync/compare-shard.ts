import type { Tally } from '../../domain/run.ts';
import { compareEntities, compareMemberships } from '../../domain/sync/comparison.ts';
import { mappingFingerprint } from '../../domain/sync/mapping.ts';
import { plannedWrites } from '../../domain/sync/tally.ts';
import { writePlanFile } from './plan-files.ts';
import { shardPath } from './roster-paths.ts';
import { forms, readSealed } from './sealed-files.ts';
import { isMembership, readPreviousShard, writeShard } from './snapshots.ts';
import { loadProfile, type ShardRef, type SyncDeps } from './sync-deps.ts';

/**
 * Step *compare*: one shard of the wanted roster against its snapshot; writes the plan of changes.
 * Idempotent: it reads what no later step has touched yet, and overwrites its own plan.
 */
export async function compareShard(deps: SyncDeps, ref: ShardRef): Promise<Tally> {
	const profile = await loadProfile(deps, ref);
	const shard = await readSealed(deps.rosters, {
		path: shardPath(ref, ref.kind, ref.shard),
		form: forms.rows,
		name: `the file of ${ref.kind} shard ${ref.shard}`,
	});
	const previous = await readPreviousShard(deps.rosters, ref);
	const { tally, plan } = isMembership(ref.kind)
		? compareMemberships(shard, previous)
		: compareEntities(shard, previous, mappingFingerprint(profile, ref.kind));
	if (plannedWrites(tally) > 0) await writePlanFile(deps.rosters, ref, plan);
	else if (ref.shards !== ref.previousShards) await writeShard(deps.rosters, ref, previous);
	return tally;
}
