import type { RosterKind } from '../../domain/roster/kinds.ts';
import type { RunRef } from '../../ports.ts';

/** Where things lie in the roster store. Every name is made of our own ids, never of an uploaded one. */

export const profileFolder = (profileId: string) => `${profileId}/`;
export const runFolder = (run: RunRef) => `${run.profileId}/runs/${run.runId}/`;
export const sourcePath = (run: RunRef, kind: RosterKind) => `${runFolder(run)}source/${kind}.csv`;
export const shardsFolder = (run: RunRef) => `${runFolder(run)}shards/`;
export const shardPath = (run: RunRef, kind: RosterKind, shard: number) => `${shardsFolder(run)}${kind}/${shard}`;
export const plansFolder = (run: RunRef) => `${runFolder(run)}plan/`;
export const planPath = (run: RunRef, kind: RosterKind, shard: number) => `${plansFolder(run)}${kind}/${shard}`;
export const snapshotsFolder = (profileId: string) => `${profileId}/snapshots/`;
export const snapshotManifestPath = (profileId: string) => `${snapshotsFolder(profileId)}manifest.json`;

export const snapshotCountFolder = (profileId: string, kind: RosterKind, shards: number) =>
	`${snapshotsFolder(profileId)}${kind}/${shards}/`;

/** The count is part of the path, so that a run that needs more shards leaves the old ones whole until it is done. */
export const snapshotPath = (profileId: string, place: { kind: RosterKind; shards: number; shard: number }) =>
	`${snapshotCountFolder(profileId, place.kind, place.shards)}${place.shard}`;
