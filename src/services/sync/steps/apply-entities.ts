import type { WriteOutcome } from '../../../domain/directory.ts';
import type { Profile } from '../../../domain/profile.ts';
import { columnsOf } from '../../../domain/roster/format/columns.ts';
import type { EntityKind } from '../../../domain/sync/attribute-map.ts';
import { recordHash } from '../../../domain/sync/comparison.ts';
import type { RosterRecord } from '../../../domain/sync/directory-records.ts';
import type { Journal } from '../../../domain/sync/journal.ts';
import { mappingFingerprint } from '../../../domain/sync/mapping.ts';
import { forEachPlanLine, planOps } from '../../../domain/sync/plan.ts';
import { absentField, decodeEntityLine, fieldEndAfter } from '../../../domain/sync/shard-rows.ts';
import { entityPayload, inactiveHash } from '../../../domain/sync/snapshot.ts';
import { readSnapshot } from '../files/snapshots.ts';
import type { SyncDeps } from '../sync-deps.ts';
import type { SliceScope } from './apply-slice.ts';
import { entityWriter } from './entity-writers.ts';

/** One record of a plan that is to be written. */
export interface PlannedRecord {
	record: RosterRecord;
	password?: string;
	key: Uint8Array;
	hash: Uint8Array;
}

/** Writes some records until the deadline, notes what failed, and answers one outcome per record. */
export type EntityWriter = (records: readonly PlannedRecord[], deadline: Date) => Promise<readonly WriteOutcome[]>;

/** Per call of the directory: enough for full transactions in each of its partitions. */
const recordsAtOnce = 2000;

/** A slice of schools, sections or users; answers how many records the directory had to write. Idempotent: a put is by natural key. */
export async function applyEntities(
	deps: SyncDeps,
	scope: SliceScope & { ref: { kind: EntityKind } },
): Promise<number> {
	const { ref, journal, lease, report } = scope;
	const { records, removedKeys } = readPlanned(scope.plan, scope.profile, ref.kind);
	const write = await entityWriter(deps, scope);
	let writes = 0;
	for (let start = 0; start < records.length; start += recordsAtOnce) {
		const some = records.slice(start, start + recordsAtOnce);
		const outcomes = await write(some, await lease.renew());
		writes += outcomes.filter((outcome) => outcome.ok && outcome.changed).length;
		note(journal, some, outcomes);
		await report(start + some.length);
	}
	await markInactive(deps, scope, removedKeys);
	await report(records.length + removedKeys.length);
	return writes;
}

function readPlanned(plan: Uint8Array, profile: Profile, kind: EntityKind) {
	const mapping = mappingFingerprint(profile, kind);
	const records: PlannedRecord[] = [];
	const removedKeys: Uint8Array[] = [];
	forEachPlanLine(plan, (op, line) => {
		if (op === planOps.remove) removedKeys.push(line);
		else records.push(plannedRecord(kind, mapping, line));
	});
	return { records, removedKeys };
}

function plannedRecord(kind: EntityKind, mapping: Uint8Array, line: Uint8Array): PlannedRecord {
	const { fields, secret } = decodeEntityLine(line);
	return {
		record: recordOf(kind, fields),
		...(secret ? { password: secret } : {}),
		key: line.subarray(0, fieldEndAfter(line, 0, line.length)),
		hash: recordHash(mapping, line),
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

function note(journal: Journal, records: readonly PlannedRecord[], outcomes: readonly WriteOutcome[]): void {
	for (const [at, outcome] of outcomes.entries()) {
		const planned = records[at];
		if (!planned || !outcome.ok) continue;
		journal.set(planned.key, entityPayload(planned.hash, outcome.id));
	}
}

/** The object stays in the directory; only the memory of its content goes, so that it is written anew should it return. */
async function markInactive(deps: SyncDeps, scope: SliceScope, keys: readonly Uint8Array[]): Promise<void> {
	if (keys.length === 0) return;
	const { ref, history, journal } = scope;
	const snapshot = await readSnapshot(deps, ref.profileId, { files: history.files, kind: ref.kind, shard: ref.shard });
	for (const key of keys) {
		const place = snapshot.find(key);
		if (place >= 0) journal.set(key, entityPayload(inactiveHash, snapshot.idAt(place)));
	}
}
