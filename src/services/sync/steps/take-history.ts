import {
	beginsToWrite,
	type HistoryRecord,
	mayStillWrite,
	placeOf,
	type SlicePlace,
	settled,
	takenOver,
} from '../../../domain/sync/history/history.ts';
import { replay } from '../../../domain/sync/history/journal.ts';
import {
	entityPayload,
	incompleteHash,
	membershipStates,
	type Snapshot,
} from '../../../domain/sync/history/snapshot.ts';
import { forEachPlanLine, planOps } from '../../../domain/sync/plan.ts';
import { fieldEndAfter } from '../../../domain/sync/shards/shard-rows.ts';
import { shardCountFor, shardHash, shardOf } from '../../../domain/sync/shards/sharding.ts';
import {
	fileOf,
	isMembership,
	type MembershipKind,
	type SyncKind,
	syncKinds,
} from '../../../domain/sync/sync-kinds.ts';
import type { RunRef, SyncRef } from '../../../ports.ts';
import { changeHistory } from '../files/histories.ts';
import { findJournal, readPlan } from '../files/plan-files.ts';
import { approvedRekeys, hasPairs } from '../files/rekeyed-files.ts';
import { emptySnapshot, readSnapshot, type SnapshotPlace, writeSnapshot } from '../files/snapshots.ts';
import { RunFailure, resetAdvice } from '../run-failure.ts';
import { loadRun, type SyncDeps } from '../sync-deps.ts';

const pollMs = 500;

/**
 * Step *take over*: from here on no earlier run gets anything into the history. Waits until none of its steps can write to the
 * directory any more, and takes what they did into account; then gives each kind as many shards as its rows need. Idempotent.
 */
export async function takeHistory(
	deps: SyncDeps,
	ref: SyncRef,
): Promise<{ unread: readonly MembershipKind[]; rekeys: boolean }> {
	const { profile, run } = await loadRun(deps, ref);
	const isKept = profile.keptGeneration === ref.generation;
	let record = await changeHistory(deps, ref, (current) => {
		if (isKept && current?.generation !== ref.generation)
			throw new RunFailure(`the history of the profile's runs is missing in storage. ${resetAdvice}`);
		return takenOver(current, ref);
	});
	while (mayStillWrite(record, deps.clock.now())) {
		await deps.clock.sleep(pollMs);
		record = await changeHistory(deps, ref, (current) => takenOver(current, ref));
	}
	record = await settle(deps, ref, record);
	for (const kind of syncKinds) {
		const rows = run.rows[fileOf(kind)];
		if (rows === undefined) continue;
		record = await split(deps, ref, { record, kind, count: shardCountFor(rows, record.files[kind]?.length ?? 0) });
	}
	if (!run.isDryRun)
		record = await changeHistory(deps, ref, (current) => {
			const own = takenOver(current, ref);
			return own && beginsToWrite(own, ref.runId, deps.clock.now());
		});
	return {
		unread: record.unread ?? [],
		rekeys: record.rekeying !== undefined || hasPairs(await approvedRekeys(deps.rosters, run)),
	};
}

/** Takes the slices of an ended run into the history: as their journals say, or as unknown where there is none. */
async function settle(deps: SyncDeps, ref: SyncRef, record: HistoryRecord): Promise<HistoryRecord> {
	const { unsettled } = record;
	if (!unsettled) return record;
	const earlier: RunRef = { ...ref, runId: unsettled.runId };
	// After a reset nothing of what went before counts, but that its steps are over.
	const isSame = unsettled.generation === record.generation;
	const slices = isSame ? Object.keys(unsettled.slices).map(placeOf) : [];
	const files: Partial<Record<SyncKind, string[]>> = {};
	for (const ofShard of Map.groupBy(slices, ({ kind, shard }) => `${kind}/${shard}`).values()) {
		const { kind, shard } = ofShard[0] as SlicePlace;
		const snapshot = await readSnapshot(deps, ref.profileId, { files: record.files, kind, shard });
		for (const place of ofShard.sort((left, right) => left.part - right.part)) {
			const journal = await findJournal(deps.rosters, earlier, place);
			if (journal) replay(journal, snapshot);
			else doubt(snapshot, kind, await readPlan(deps.rosters, earlier, place));
		}
		const file = `${ref.runId}.settled`;
		await writeSnapshot(deps.rosters, ref.profileId, { kind, shard, file, snapshot });
		files[kind] ??= [...(record.files[kind] ?? [])];
		files[kind][shard] = file;
	}
	return changeHistory(deps, ref, (current) => {
		const own = takenOver(current, ref);
		return own && settled(own, files);
	});
}

/** Nobody knows what of this plan was carried out. Whatever it was to change is to be written, or removed, once more. */
function doubt(snapshot: Snapshot, kind: SyncKind, plan: Uint8Array): void {
	forEachPlanLine(plan, (op, line) => {
		if (isMembership(kind)) snapshot.set(line, membershipStates.unknown);
		else if (op === planOps.add || op === planOps.change) {
			const key = line.subarray(0, fieldEndAfter(line, 0, line.length));
			const place = snapshot.find(key);
			snapshot.set(key, entityPayload(incompleteHash, place < 0 ? undefined : snapshot.idAt(place)));
		}
	});
}

/** Spreads the history of a kind over more shards, if its rows need them. */
async function split(
	deps: SyncDeps,
	ref: SyncRef,
	{ record, kind, count }: { record: HistoryRecord; kind: SyncKind; count: number },
): Promise<HistoryRecord> {
	const before = record.files[kind] ?? [];
	if (before.length === count) return record;
	const names: string[] = Array.from({ length: count }, () => '');
	for (const [shard, old] of before.entries()) {
		if (!old) continue;
		const snapshot = await readSnapshot(deps, ref.profileId, { files: record.files, kind, shard });
		for (let target = shard; target < count; target += before.length) {
			const part = partOf(deps, { kind, shard: target, snapshot, count });
			names[target] = `${ref.runId}.split`;
			await writeSnapshot(deps.rosters, ref.profileId, {
				kind,
				shard: target,
				file: names[target] as string,
				snapshot: part,
			});
		}
	}
	return changeHistory(deps, ref, (current) => {
		const own = takenOver(current, ref);
		return own && settled(own, { [kind]: names });
	});
}

/** Of a shard's records, those that lie in `shard` when there are `count` of them. */
function partOf(
	deps: SyncDeps,
	{ kind, shard, snapshot, count }: SnapshotPlace & { snapshot: Snapshot; count: number },
): Snapshot {
	const part = emptySnapshot(deps, kind);
	snapshot.forEach((key, place) => {
		const end = fieldEndAfter(key, 0, key.length);
		if (shardOf(shardHash(key, 0, end), count) === shard) part.set(key, snapshot.payloadAt(place));
	});
	return part;
}
