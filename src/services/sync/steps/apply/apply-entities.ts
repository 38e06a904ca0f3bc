import type { WriteOutcome } from '../../../../domain/directory.ts';
import type { Journal } from '../../../../domain/sync/history/journal.ts';
import {
	entityPayload,
	inactiveHash,
	incompleteHash,
	type Snapshot,
} from '../../../../domain/sync/history/snapshot.ts';
import { planOps } from '../../../../domain/sync/plan.ts';
import type { EntityKind } from '../../../../domain/sync/records/attribute-map.ts';
import { readSnapshot } from '../../files/snapshots.ts';
import type { SyncDeps } from '../../sync-deps.ts';
import { entityWriter, isPostponed } from './entity-writers.ts';
import { type PlannedRecord, readPlanned } from './planned-records.ts';
import type { SliceScope } from './slice-scope.ts';

/** Per call of the directory: enough for full transactions in each of its partitions. */
export const recordsAtOnce = 2000;

/** What came of a slice of schools, sections or people. */
interface Applied {
	/** Records that the directory had to write. */
	writes: number;
	/** People whose sign-in name somebody else has, and may be about to give up. */
	postponed: readonly PlannedRecord[];
}

/** A slice of schools, sections or people. Idempotent: a put is by natural key. */
export async function applyEntities(
	deps: SyncDeps,
	scope: SliceScope & { ref: { kind: EntityKind } },
): Promise<Applied> {
	const { ref, journal, lease, report } = scope;
	const { records, removedKeys } = readPlanned(scope.plan, scope.profile, ref.kind);
	const write = await entityWriter(deps, scope);
	const postponed: PlannedRecord[] = [];
	let writes = 0;
	for (let start = 0; start < records.length; start += recordsAtOnce) {
		const some = records.slice(start, start + recordsAtOnce);
		const outcomes = await write(some, lease.renew);
		writes += outcomes.filter((outcome) => outcome.ok && outcome.changed).length;
		noteWritten(journal, some, outcomes);
		postponed.push(...some.filter((_, at) => isPostponed(outcomes[at])));
		await report(start + some.length);
	}
	await noteOthers(deps, scope, { removedKeys, postponed });
	await report(records.length + removedKeys.length);
	return { writes, postponed };
}

export function noteWritten(
	journal: Journal,
	records: readonly PlannedRecord[],
	outcomes: readonly WriteOutcome[],
): void {
	for (const [at, outcome] of outcomes.entries()) {
		const planned = records[at];
		if (!planned || !outcome.ok) continue;
		// What is not whole is written again by the next run.
		journal.set(planned.key, entityPayload(outcome.incomplete ? incompleteHash : planned.hash, outcome.id));
	}
}

/**
 * Of whom the source has no longer the object stays in the directory: only the memory of its content goes, so that it is written anew
 * should it return. Who waits for a name is written again by the next run, should this one not come to it.
 */
async function noteOthers(
	deps: SyncDeps,
	{ ref, history, journal }: SliceScope,
	{ removedKeys, postponed }: { removedKeys: readonly Uint8Array[]; postponed: readonly PlannedRecord[] },
): Promise<void> {
	const known = postponed.filter(({ op }) => op === planOps.change);
	if (removedKeys.length + known.length === 0) return;
	const snapshot = await readSnapshot(deps, ref.profileId, { files: history.files, kind: ref.kind, shard: ref.shard });
	const note = (key: Uint8Array, hash: Uint8Array) => noteHash({ journal, snapshot }, key, hash);
	for (const key of removedKeys) note(key, inactiveHash);
	for (const { key } of known) note(key, incompleteHash);
}

function noteHash(
	{ journal, snapshot }: { journal: Journal; snapshot: Snapshot },
	key: Uint8Array,
	hash: Uint8Array,
): void {
	const place = snapshot.find(key);
	if (place >= 0) journal.set(key, entityPayload(hash, snapshot.idAt(place)));
}
