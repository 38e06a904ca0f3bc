import type { Profile } from '../../../domain/profile.ts';
import type { Slice } from '../../../domain/sync/course.ts';
import type { HistoryRecord } from '../../../domain/sync/history/history.ts';
import type { Snapshot } from '../../../domain/sync/history/snapshot.ts';
import { planOps } from '../../../domain/sync/plan.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import type { SyncKind } from '../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../ports.ts';
import { readPlan } from '../files/plan-files.ts';
import { readAllSnapshots } from '../files/snapshots.ts';
import { type PlannedRecord, readPlanned } from '../steps/apply/planned-records.ts';
import type { SyncDeps } from '../sync-deps.ts';

/** What looks for records that came under new SIS ids works with. */
export interface FindScope {
	ref: SyncRef;
	profile: Profile;
	history: HistoryRecord;
	/** Of the whole plan. */
	slices: readonly Slice[];
}

/** The plans of a kind, one after the other. */
export async function* plansOf(
	deps: SyncDeps,
	{ ref, slices }: Pick<FindScope, 'ref' | 'slices'>,
	kind: SyncKind,
): AsyncGenerator<Uint8Array> {
	for (const slice of slices) if (slice.kind === kind) yield await readPlan(deps.rosters, ref, slice);
}

/** What a plan has of a kind of schools, classes or people. */
export async function* plannedOf(
	deps: SyncDeps,
	scope: FindScope,
	kind: EntityKind,
): AsyncGenerator<{ records: readonly PlannedRecord[]; removedKeys: readonly Uint8Array[] }> {
	for await (const plan of plansOf(deps, scope, kind)) yield readPlanned(plan, scope.profile, kind);
}

export const historyOf = (deps: SyncDeps, { ref, history: { files } }: FindScope, kind: EntityKind) =>
	readAllSnapshots(deps, ref.profileId, { files, kind });

/** No object is known for the record: it is one that comes. */
export function isNew(history: Snapshot, { op, key }: PlannedRecord): boolean {
	if (op === planOps.add) return true;
	const place = history.find(key);
	return place < 0 || history.idAt(place) === undefined;
}

export const textOf = (key: Uint8Array) => decoder.decode(key);

const decoder = new TextDecoder();
