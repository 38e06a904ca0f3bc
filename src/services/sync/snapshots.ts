import type { RosterKind } from '../../domain/roster/kinds.ts';
import { previousShardOf, shardHash, shardOf } from '../../domain/sync/sharding.ts';
import { decodeSnapshot, type PayloadBytes, Snapshot } from '../../domain/sync/snapshot.ts';
import type { RosterStore } from '../../ports.ts';
import { readFile, readJson, writeFile, writeJson } from './roster-files.ts';
import { type History, snapshotManifestPath, snapshotPath } from './roster-paths.ts';
import type { ShardRef } from './sync-deps.ts';

/** How many shards each kind's snapshot has. A kind that was never synced is absent. */
export type SnapshotManifest = Partial<Record<RosterKind, number>>;

export const isMembership = (kind: RosterKind) => kind === 'studentEnrollment' || kind === 'teacherRoster';

const payloadBytesOf = (kind: RosterKind): PayloadBytes => (isMembership(kind) ? 0 : 32);

export async function readManifest(rosters: RosterStore, history: History): Promise<SnapshotManifest> {
	return (await readJson<SnapshotManifest>(rosters, snapshotManifestPath(history))) ?? {};
}

export async function writeManifest(rosters: RosterStore, history: History, manifest: SnapshotManifest): Promise<void> {
	await writeJson(rosters, snapshotManifestPath(history), manifest);
}

/** What earlier runs achieved of this shard, also when they had fewer shards. */
export async function readPreviousShard(rosters: RosterStore, ref: ShardRef): Promise<Snapshot> {
	const { kind, shard, shards, previousShards } = ref;
	const snapshot = new Snapshot(payloadBytesOf(kind));
	if (previousShards === 0) return snapshot;
	const place = { kind, shards: previousShards, shard: previousShardOf(shard, previousShards) };
	const stored = await readFile(rosters, snapshotPath(ref, place));
	const isOurs = (key: Uint8Array) => shardOf(shardHash(key, 0, shardKeyEnd(key)), shards) === shard;
	if (stored) decodeSnapshot(stored, snapshot, previousShards === shards ? undefined : isOurs);
	return snapshot;
}

/** A membership lies in the shard of its section. */
function shardKeyEnd(key: Uint8Array): number {
	const separator = key.indexOf(0x1f);
	return separator < 0 ? key.length : separator;
}

export async function writeShard(rosters: RosterStore, ref: ShardRef, snapshot: Snapshot): Promise<void> {
	await writeFile(rosters, snapshotPath(ref, ref), snapshot.encode());
}

/** All of a kind, to look up directory ids. Entities only: about 40 bytes a record. */
export async function readAllShards(
	rosters: RosterStore,
	place: History & { kind: RosterKind; shards: number },
): Promise<Snapshot> {
	const snapshot = new Snapshot(payloadBytesOf(place.kind));
	for (let shard = 0; shard < place.shards; shard++) {
		const stored = await readFile(rosters, snapshotPath(place, { ...place, shard }));
		if (stored) decodeSnapshot(stored, snapshot);
	}
	return snapshot;
}
