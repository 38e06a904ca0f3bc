import type { Tally } from '../../domain/run.ts';
import { compareEntities, compareMemberships } from '../../domain/sync/comparison.ts';
import { mappingFingerprint } from '../../domain/sync/mapping.ts';
import { plannedWrites } from '../../domain/sync/tally.ts';
import { readFile, writeFile } from './roster-files.ts';
import { planPath, shardPath } from './roster-paths.ts';
import { isMembership, readPreviousShard, writeShard } from './snapshots.ts';
import { loadProfile, type ShardRef, type SyncDeps } from './sync-deps.ts';

/**
 * Step *compare*: one shard of the wanted roster against its snapshot; writes the plan of changes.
 * Idempotent: it reads what no later step has touched yet, and overwrites its own plan.
 */
export async function compareShard(deps: SyncDeps, ref: ShardRef): Promise<Tally> {
	const profile = await loadProfile(deps, ref);
	const shard = (await readFile(deps.rosters, shardPath(ref, ref.kind, ref.shard))) ?? new Uint8Array();
	const previous = await readPreviousShard(deps.rosters, ref);
	const { tally, plan } = isMembership(ref.kind)
		? compareMemberships(shard, previous)
		: compareEntities(shard, previous, mappingFingerprint(profile, ref.kind));
	if (plannedWrites(tally) > 0) await writeFile(deps.rosters, planPath(ref, ref.kind, ref.shard), [plan]);
	else if (ref.shards !== ref.previousShards) await writeShard(deps.rosters, ref, previous);
	return tally;
}
