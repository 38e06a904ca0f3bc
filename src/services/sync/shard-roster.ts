import { type RosterKind, rosterFileName, rosterKinds } from '../../domain/roster/kinds.ts';
import type { RowView } from '../../domain/roster/records.ts';
import type { Verdict } from '../../domain/roster/verdict.ts';
import type { Run } from '../../domain/run.ts';
import { isDeferred } from '../../domain/sync/mapping.ts';
import { type RowShape, rowShapeOf, shardOfRow, writeShardLine } from '../../domain/sync/shard-lines.ts';
import { shardCountFor } from '../../domain/sync/sharding.ts';
import type { RosterWriter, RunRef, SyncRef } from '../../ports.ts';
import { newVerification, verifyFile } from '../verification.ts';
import { shardPath, sourcePath } from './roster-paths.ts';
import { RunFailure } from './run-failure.ts';
import { forms, openSealed } from './sealed-files.ts';
import { progressReporter } from './shard-progress.ts';
import { requireManifest, type SnapshotManifest } from './snapshots.ts';
import { loadProfile, RunEndedError, type ShardRef, type SyncDeps } from './sync-deps.ts';

export interface ShardManifest {
	kinds: readonly KindShards[];
}

interface KindShards {
	kind: RosterKind;
	shards: number;
	/** 0 if the kind was never synced. */
	previousShards: number;
	/** Left as it is in this run. */
	deferred: boolean;
}

/**
 * Step *shard*: reads the accepted files again and spools every row that may be synced to the shard of its key.
 * Idempotent: it overwrites its own shard files.
 */
export async function shardRoster(deps: SyncDeps, ref: SyncRef): Promise<ShardManifest> {
	const profile = await loadProfile(deps, ref);
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run) throw new RunEndedError(ref.profileId);
	const previous = await requireManifest(deps.rosters, ref, profile);
	const now = deps.clock.now();
	const kinds = rosterKinds.map((kind): KindShards => {
		const previousShards = previous[kind] ?? 0;
		return {
			kind,
			shards: shardCountFor(run.rows[kind] ?? 0, previousShards),
			previousShards,
			deferred: isDeferred(profile, kind, now),
		};
	});
	const spool = openSpool(deps, ref, kinds);
	const verification = newVerification(deps, profile, spool.write);
	const total = Object.values(run.rows).reduce((sum, rows) => sum + rows, 0);
	const report = progressReporter(deps, ref, { step: 'shard/rows', total });
	for (const { kind } of kinds) {
		const chunks = await deps.rosters.read(sourcePath({ ...ref, runId: run.sourceRunId }, kind));
		if (!chunks) throw unusableFile(kind, 'is missing in storage');
		const renew = async () => {
			await spool.drain();
			await report(Math.min(spool.rows, total));
		};
		await verifyFile(verification, kind, { chunks, renew });
		await spool.closeKind(kind);
	}
	requireSameRows(run, verification.finish());
	return { kinds };
}

/** A file that ends earlier than it did would pass for a smaller roster; one whose header is not read any more, for none. */
function requireSameRows({ rows }: Run, { rowCounts }: Verdict): void {
	for (const kind of rosterKinds) {
		const [accepted, found] = [rows[kind], rowCounts[kind]];
		if (accepted === undefined || accepted === found) continue;
		const what = `has ${accepted} rows, and ${found} of them can be read under the present settings of the profile`;
		throw unusableFile(kind, what);
	}
}

const unusableFile = (kind: RosterKind, what: string) =>
	new RunFailure(`the accepted file "${rosterFileName(kind)}" ${what}. Upload all files again and start.`);

function openSpool(deps: SyncDeps, ref: RunRef, kinds: readonly KindShards[]) {
	const writers = new Map<RosterKind, RosterWriter[]>();
	const shapes = new Map<RosterKind, RowShape>(kinds.map(({ kind }) => [kind, rowShapeOf(kind)]));
	for (const { kind, shards, deferred } of kinds) {
		if (!deferred)
			writers.set(
				kind,
				Array.from({ length: shards }, (_, shard) => openSealed(deps.rosters, shardPath(ref, kind, shard), forms.rows)),
			);
	}
	let rows = 0;
	return {
		get rows() {
			return rows;
		},
		write(row: RowView): void {
			rows++;
			const shards = writers.get(row.kind);
			const shape = shapes.get(row.kind);
			if (shards && shape) shards[shardOfRow(row, shards.length)]?.append(writeShardLine(row, shape));
		},
		async drain(): Promise<void> {
			for (const shards of writers.values()) for (const writer of shards) await writer.drain();
		},
		async closeKind(kind: RosterKind): Promise<void> {
			for (const writer of writers.get(kind) ?? []) await writer.close();
			writers.delete(kind);
		},
	};
}

/** Every shard that the run is to compare. */
export function shardRefs(run: SyncRef, manifest: ShardManifest): ShardRef[] {
	return manifest.kinds
		.filter(({ deferred }) => !deferred)
		.flatMap(({ kind, shards, previousShards }) =>
			Array.from({ length: shards }, (_, shard): ShardRef => ({ ...run, kind, shard, shards, previousShards })),
		);
}

/** Shard counts of the snapshots once the run has written its own; a deferred kind keeps what it has. */
export function snapshotCountsAfter(manifest: ShardManifest): SnapshotManifest {
	const counts: SnapshotManifest = {};
	for (const { kind, shards, previousShards, deferred } of manifest.kinds) {
		const count = deferred ? previousShards : shards;
		if (count > 0) counts[kind] = count;
	}
	return counts;
}
