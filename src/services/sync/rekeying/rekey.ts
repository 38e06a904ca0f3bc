import type { RekeyedObject } from '../../../domain/directory.ts';
import type { Profile } from '../../../domain/profile.ts';
import type { Run } from '../../../domain/run.ts';
import { type HistoryRecord, rekeyed, told } from '../../../domain/sync/history/history.ts';
import {
	entityPayload,
	incompleteHash,
	type Snapshot,
	storedHead,
	storedRecord,
} from '../../../domain/sync/history/snapshot.ts';
import { type RekeyedPair, rekeyedKinds, standing } from '../../../domain/sync/holds/rekeys.ts';
import { type Renaming, renamingOf } from '../../../domain/sync/holds/renamed-keys.ts';
import type { Rekeys } from '../../../domain/sync/left-out.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import { fieldEndAfter } from '../../../domain/sync/shards/shard-rows.ts';
import { shardHash, shardOf } from '../../../domain/sync/shards/sharding.ts';
import { isMembership, type SyncKind, syncKinds } from '../../../domain/sync/sync-kinds.ts';
import type { RosterWriter, SyncRef } from '../../../ports.ts';
import { directoryIds } from '../files/directory-ids.ts';
import { beginTelling, changeHistory, endTelling, requireHistory } from '../files/histories.ts';
import { approvedRekeys, hasPairs, readRekeys, writeRekeys } from '../files/rekeyed-files.ts';
import { historyPath, rekeyingPath } from '../files/roster-paths.ts';
import { forms, openSealed } from '../files/sealed-files.ts';
import { payloadBytesOf, readSnapshot } from '../files/snapshots.ts';
import { loadRun, type SyncDeps } from '../sync-deps.ts';

/**
 * Step *rekey*: what somebody has approved takes effect. The history has the objects under their new SIS ids from one moment to the next,
 * and says so until the directory knows too: a run that dies in between leaves it to its successor, whatever files that one has. Idempotent:
 * what has its new id already is not looked for again.
 */
export async function rekey(deps: SyncDeps, ref: SyncRef): Promise<void> {
	const { profile, run } = await loadRun(deps, ref);
	const history = await requireHistory(deps, ref);
	const { rekeying } = history.rekeying ? history : await renameHistory(deps, ref, { history, run });
	if (rekeying) await tellDirectory(deps, ref, { profile, file: rekeying.file });
}

/** All kinds in one change. */
async function renameHistory(
	deps: SyncDeps,
	ref: SyncRef,
	{ history, run }: { history: HistoryRecord; run: Run },
): Promise<HistoryRecord> {
	const found = await approvedRekeys(deps.rosters, run);
	const rekeys: Partial<Record<EntityKind, readonly RekeyedPair[]>> = {};
	for (const kind of rekeyedKinds)
		rekeys[kind] = standing(found[kind] ?? [], await directoryIds(deps, { ref, history }, kind));
	if (!hasPairs(rekeys)) return history;
	const file = `${ref.runId}.rekeyed`;
	await writeRekeys(deps.rosters, (kind) => rekeyingPath(ref.profileId, { kind, file }), rekeys);
	const files: Partial<Record<SyncKind, readonly string[]>> = {};
	for (const kind of syncKinds) {
		const renaming = renamingOf(kind, rekeys, deps.hashSeed());
		if (renaming && history.files[kind]) files[kind] = await renameKind(deps, ref, { history, kind, renaming, file });
	}
	return changeHistory(
		deps,
		ref,
		(record) => record && rekeyed(record, ref.runId, { before: history.files, files, file }),
	);
}

interface RenamedKind {
	history: HistoryRecord;
	kind: SyncKind;
	renaming: Renaming;
	file: string;
}

/** Shard by shard: what has another first column may belong into another one. */
async function renameKind(
	deps: SyncDeps,
	{ profileId }: SyncRef,
	{ history: { files }, kind, renaming, file }: RenamedKind,
): Promise<readonly string[]> {
	const shards = [...(files[kind] ?? []).keys()];
	const writers = shards.map((shard) =>
		openSealed(deps.rosters, historyPath(profileId, { kind, file, shard }), forms.snapshot),
	);
	for (const writer of writers) writer.append(storedHead(payloadBytesOf(kind)));
	for (const shard of shards) {
		const snapshot = await readSnapshot(deps, profileId, { files, kind, shard });
		snapshot.forEach((key, place) => {
			const renamed = renaming(key);
			if (!renamed) return;
			const to = shardOf(shardHash(renamed, 0, fieldEndAfter(renamed, 0, renamed.length)), writers.length);
			const isSame = renamed === key || isMembership(kind);
			const payload = isSame ? snapshot.payloadAt(place) : unwritten(snapshot, place);
			(writers[to] as RosterWriter).append(storedRecord(renamed, payload));
		});
		for (const writer of writers) await writer.drain();
	}
	for (const writer of writers) await writer.close();
	return shards.map(() => file);
}

/** All of it is written once more, under the new id. */
const unwritten = (snapshot: Snapshot, place: number) => entityPayload(incompleteHash, snapshot.idAt(place));

/** Per call of the directory. */
const objectsAtOnce = 2000;

async function tellDirectory(
	deps: SyncDeps,
	ref: SyncRef,
	{ profile, file }: { profile: Profile; file: string },
): Promise<void> {
	const rekeys = await readRekeys(deps.rosters, (kind) => rekeyingPath(ref.profileId, { kind, file }));
	const objects = objectsOf(rekeys, profile);
	const lease = await beginTelling(deps, ref);
	try {
		for (let start = 0; start < objects.length; start += objectsAtOnce) {
			const change = { source: ref.profileId, objects: objects.slice(start, start + objectsAtOnce) };
			await deps.directory.rekey(ref.tenantId, change, lease.renew);
		}
	} catch (error) {
		await endTelling(deps, ref).catch(() => {});
		throw error;
	}
	await changeHistory(deps, ref, (record) => record && told(record, ref.runId));
}

/** Accounts that are matched are found by what they have, not by their SIS ids. */
function objectsOf(rekeys: Rekeys, { identity }: Profile): RekeyedObject[] {
	const isFound = (kind: EntityKind) => identity.kind === 'matching' && (kind === 'student' || kind === 'teacher');
	return rekeyedKinds
		.filter((kind) => !isFound(kind))
		.flatMap((kind) => (rekeys[kind] ?? []).map(({ id, from, to }) => ({ kind, id, from, to })));
}
