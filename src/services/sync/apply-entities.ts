import type { WriteOutcome } from '../../domain/directory.ts';
import type { Profile } from '../../domain/profile.ts';
import { columnsOf } from '../../domain/roster/columns.ts';
import type { EntityKind } from '../../domain/sync/attribute-map.ts';
import { recordHash } from '../../domain/sync/comparison.ts';
import type { RosterRecord } from '../../domain/sync/directory-records.ts';
import { mappingFingerprint } from '../../domain/sync/mapping.ts';
import { forEachPlanLine, planOps } from '../../domain/sync/plan.ts';
import { absentField, decodeEntityLine, fieldEndAfter } from '../../domain/sync/shard-rows.ts';
import { entityPayload, inactiveHash, incompleteHash, type Snapshot } from '../../domain/sync/snapshot.ts';
import { entityWriter } from './entity-writers.ts';
import { readPlanFile } from './plan-files.ts';
import { type FailureLog, failureLog } from './record-errors.ts';
import { shardProgress } from './shard-progress.ts';
import { readPreviousShard, type SnapshotManifest, writeShard } from './snapshots.ts';
import { loadProfile, type ShardRef, type SyncDeps } from './sync-deps.ts';

/** What one shard came to; `writes` counts the records that the directory had to write. */
export interface ShardResult {
	failed: number;
	writes: number;
}

/** One record of a plan that is to be written. */
export interface PlannedRecord {
	record: RosterRecord;
	/** Of users at several schools: the others. */
	furtherSchools: string[];
	password?: string;
	key: Uint8Array;
	hash: Uint8Array;
}

/** What a writer made of one record. `incomplete`: the object is there, but something of it could not be written. */
export type RecordOutcome = WriteOutcome & { incomplete?: boolean };

/** Writes a slice of a shard, records what failed, and answers one outcome per record. */
export type EntityWriter = (
	records: readonly PlannedRecord[],
	failures: FailureLog,
) => Promise<readonly RecordOutcome[]>;

/** Records per call of the directory: enough for full transactions in each of its partitions. */
const sliceSize = 2000;

/**
 * Step *apply* for schools, sections and users, then *commit* of the shard.
 * Idempotent: a put is by natural key, and the new snapshot is made of the old one and the plan, whichever was first.
 */
export async function applyEntities(
	deps: SyncDeps,
	ref: ShardRef & { kind: EntityKind },
	snapshotCounts: SnapshotManifest,
): Promise<ShardResult> {
	const profile = await loadProfile(deps, ref);
	const plan = await readPlanFile(deps.rosters, ref);
	const { records, removedKeys } = readPlan(plan, profile, ref.kind);
	const snapshot = await readPreviousShard(deps.rosters, ref);
	const write = await entityWriter(deps, { profile, ref, snapshotCounts });
	const failures = failureLog(deps, ref);
	const report = shardProgress(deps, ref, records.length + removedKeys.length);
	let writes = 0;
	for (let start = 0; start < records.length; start += sliceSize) {
		const slice = records.slice(start, start + sliceSize);
		const outcomes = await write(slice, failures);
		writes += outcomes.filter((outcome) => outcome.ok && outcome.changed).length;
		commitOutcomes(snapshot, slice, outcomes);
		await report(start + slice.length);
	}
	for (const key of removedKeys) markInactive(snapshot, key);
	await failures.flush();
	await writeShard(deps.rosters, ref, snapshot);
	await report(records.length + removedKeys.length);
	return { failed: failures.count, writes };
}

function readPlan(plan: Uint8Array, profile: Profile, kind: EntityKind) {
	const mapping = mappingFingerprint(profile, kind);
	const records: PlannedRecord[] = [];
	const removedKeys: Uint8Array[] = [];
	const pending: { line?: Uint8Array; further: Uint8Array[] } = { further: [] };
	const finish = () => {
		if (pending.line) records.push(plannedRecord(kind, mapping, pending.line, pending.further));
		pending.further = [];
	};
	forEachPlanLine(plan, (op, line) => {
		if (op === planOps.furtherSchool) pending.further.push(line);
		else if (op === planOps.remove) removedKeys.push(line);
		else {
			finish();
			pending.line = line;
		}
	});
	finish();
	return { records, removedKeys };
}

function plannedRecord(
	kind: EntityKind,
	mapping: Uint8Array,
	line: Uint8Array,
	further: readonly Uint8Array[],
): PlannedRecord {
	const { fields, secret } = decodeEntityLine(line);
	const schoolColumn = columnsOf(kind).findIndex(({ name }) => name === 'School SIS ID');
	return {
		record: recordOf(kind, fields),
		furtherSchools: further.map((other) => decodeEntityLine(other).fields[schoolColumn] ?? ''),
		...(secret ? { password: secret } : {}),
		key: line.subarray(1, fieldEndAfter(line, 1, line.length)),
		hash: recordHash(mapping, line, further),
	};
}

function recordOf(kind: EntityKind, fields: readonly string[]): RosterRecord {
	const record = new Map<string, string>();
	for (const [at, { name }] of columnsOf(kind).entries()) {
		const value = fields[at];
		if (value !== undefined && value !== absentField) record.set(name, value);
	}
	return record;
}

function commitOutcomes(
	snapshot: Snapshot,
	records: readonly PlannedRecord[],
	outcomes: readonly RecordOutcome[],
): void {
	for (const [at, outcome] of outcomes.entries()) {
		const planned = records[at];
		if (!planned || !outcome.ok) continue;
		snapshot.set(planned.key, entityPayload(outcome.incomplete ? incompleteHash : planned.hash, outcome.id));
	}
}

/** The object stays in the directory; only the memory of its content goes, so that it is written anew should it return. */
function markInactive(snapshot: Snapshot, key: Uint8Array): void {
	const place = snapshot.find(key);
	if (place >= 0) snapshot.set(key, entityPayload(inactiveHash, snapshot.idAt(place)));
}
