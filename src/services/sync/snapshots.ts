import type { Profile } from '../../domain/profile.ts';
import type { RosterKind } from '../../domain/roster/kinds.ts';
import { previousShardOf, shardHash, shardOf } from '../../domain/sync/sharding.ts';
import { decodeSnapshot, type PayloadBytes, Snapshot } from '../../domain/sync/snapshot.ts';
import type { RosterStore } from '../../ports.ts';
import { readJson, writeJson } from './roster-files.ts';
import { type History, snapshotManifestPath, snapshotPath } from './roster-paths.ts';
import { RunFailure, resetAdvice } from './run-failure.ts';
import { forms, readSealed, writeSealed } from './sealed-files.ts';
import type { ShardRef } from './sync-deps.ts';

/** How many shards each kind's snapshot has. A kind that was never synced is absent. */
export type SnapshotManifest = Partial<Record<RosterKind, number>>;

export const isMembership = (kind: RosterKind) => kind === 'studentEnrollment' || kind === 'teacherRoster';

const payloadBytesOf = (kind: RosterKind): PayloadBytes => (isMembership(kind) ? 0 : 32);

export async function readManifest(rosters: RosterStore, history: History): Promise<SnapshotManifest> {
	return (await readJson<SnapshotManifest>(rosters, snapshotManifestPath(history))) ?? {};
}

/**
 * That of a profile's history in use. Throws `RunFailure` if a run has completed one and it is gone, or cannot be read: without
 * it nobody knows whom an earlier run had put into which class.
 */
export async function requireManifest(
	rosters: RosterStore,
	history: History,
	{ syncedGeneration }: Pick<Profile, 'syncedGeneration'>,
): Promise<SnapshotManifest> {
	const failure = (what: string) => new RunFailure(`the list of the profile's snapshots ${what}. ${resetAdvice}`);
	const manifest = await readJson<SnapshotManifest>(rosters, snapshotManifestPath(history)).catch((error: unknown) => {
		throw error instanceof SyntaxError ? failure('cannot be read') : error;
	});
	if (!manifest && syncedGeneration === history.generation) throw failure('is missing in storage');
	return manifest ?? {};
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
	const isOurs = (key: Uint8Array) => shardOf(shardHash(key, 0, shardKeyEnd(key)), shards) === shard;
	decodeSnapshot(await readShard(rosters, ref, place), snapshot, previousShards === shards ? undefined : isOurs);
	return snapshot;
}

/** The manifest says that it is there. */
function readShard(
	rosters: RosterStore,
	history: History,
	place: { kind: RosterKind; shards: number; shard: number },
): Promise<Uint8Array> {
	const name = `the snapshot of ${place.kind} shard ${place.shard}`;
	return readSealed(rosters, { path: snapshotPath(history, place), form: forms.snapshot, name });
}

/** A membership lies in the shard of its section. */
function shardKeyEnd(key: Uint8Array): number {
	const separator = key.indexOf(0x1f);
	return separator < 0 ? key.length : separator;
}

export async function writeShard(rosters: RosterStore, ref: ShardRef, snapshot: Snapshot): Promise<void> {
	await writeSealed(rosters, { path: snapshotPath(ref, ref), form: forms.snapshot }, snapshot.encode());
}

/** All of a kind, to look up directory ids. Entities only: about 40 bytes a record. */
export async function readAllShards(
	rosters: RosterStore,
	place: History & { kind: RosterKind; shards: number },
): Promise<Snapshot> {
	const snapshot = new Snapshot(payloadBytesOf(place.kind));
	for (let shard = 0; shard < place.shards; shard++)
		decodeSnapshot(await readShard(rosters, place, { ...place, shard }), snapshot);
	return snapshot;
}
