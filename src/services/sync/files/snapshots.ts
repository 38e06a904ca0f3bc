import type { HistoryRecord } from '../../../domain/sync/history/history.ts';
import { decodeSnapshot, type PayloadBytes, Snapshot } from '../../../domain/sync/history/snapshot.ts';
import { isMembership, type SyncKind } from '../../../domain/sync/sync-kinds.ts';
import type { RosterStore } from '../../../ports.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { historyPath } from './roster-paths.ts';
import { forms, readSealed, writeSealed } from './sealed-files.ts';

export const payloadBytesOf = (kind: SyncKind): PayloadBytes => (isMembership(kind) ? 1 : 32);

type SnapshotDeps = Pick<SyncDeps, 'rosters' | 'hashSeed'>;

export interface SnapshotPlace {
	kind: SyncKind;
	shard: number;
}

export const emptySnapshot = ({ hashSeed }: Pick<SyncDeps, 'hashSeed'>, kind: SyncKind) =>
	new Snapshot(payloadBytesOf(kind), hashSeed());

/** What earlier runs achieved of a shard. */
export async function readSnapshot(
	deps: SnapshotDeps,
	profileId: string,
	{ files, kind, shard }: SnapshotPlace & Pick<HistoryRecord, 'files'>,
): Promise<Snapshot> {
	const snapshot = emptySnapshot(deps, kind);
	await addSnapshot(deps.rosters, profileId, { files, kind, shard, snapshot });
	return snapshot;
}

/** All of a kind, to look up directory ids. Entities only: about 40 bytes a record. */
export async function readAllSnapshots(
	deps: SnapshotDeps,
	profileId: string,
	{ files, kind }: Pick<SnapshotPlace, 'kind'> & Pick<HistoryRecord, 'files'>,
): Promise<Snapshot> {
	const snapshot = emptySnapshot(deps, kind);
	for (const shard of (files[kind] ?? []).keys())
		await addSnapshot(deps.rosters, profileId, { files, kind, shard, snapshot });
	return snapshot;
}

async function addSnapshot(
	rosters: RosterStore,
	profileId: string,
	{ files, kind, shard, snapshot }: SnapshotPlace & Pick<HistoryRecord, 'files'> & { snapshot: Snapshot },
): Promise<void> {
	const file = files[kind]?.[shard];
	if (!file) return;
	const name = `the snapshot of ${kind} shard ${shard}`;
	const path = historyPath(profileId, { kind, file, shard });
	decodeSnapshot(await readSealed(rosters, { path, form: forms.snapshot, name }), snapshot);
}

export async function writeSnapshot(
	rosters: RosterStore,
	profileId: string,
	{ snapshot, ...place }: SnapshotPlace & { file: string; snapshot: Snapshot },
): Promise<void> {
	await writeSealed(rosters, { path: historyPath(profileId, place), form: forms.snapshot }, snapshot.encode());
}
