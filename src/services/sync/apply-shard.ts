import type { EntityKind } from '../../domain/sync/attribute-map.ts';
import { applyEntities, type ShardResult } from './apply-entities.ts';
import { applyMemberships, type MembershipKind } from './apply-memberships.ts';
import { isMembership, type SnapshotManifest } from './snapshots.ts';
import type { ShardRef, SyncDeps } from './sync-deps.ts';

/** Steps *apply* and *commit* of one shard. `snapshotCounts` says where the ids of earlier phases lie. */
export function applyShard(deps: SyncDeps, ref: ShardRef, snapshotCounts: SnapshotManifest): Promise<ShardResult> {
	return isMembership(ref.kind)
		? applyMemberships(deps, { ...ref, kind: ref.kind as MembershipKind }, snapshotCounts)
		: applyEntities(deps, { ...ref, kind: ref.kind as EntityKind }, snapshotCounts);
}
