import type { Run } from '../../../domain/run.ts';
import type { FoundRekeyed } from '../../../domain/sync/course.ts';
import type { SlicePlace } from '../../../domain/sync/history/history.ts';
import { rekeyedHold } from '../../../domain/sync/holds/rekeyed-hold.ts';
import { type RekeyedPair, rekeyedKinds } from '../../../domain/sync/holds/rekeys.ts';
import type { Rekeys, Waiting } from '../../../domain/sync/left-out.ts';
import type { PlannedPart } from '../../../domain/sync/plan.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import type { RosterStore, RunRef } from '../../../ports.ts';
import { readJson, writeJson } from './roster-files.ts';
import { leftOutPath, rekeyedPath } from './roster-paths.ts';
import { findSealed, forms, writeSealed } from './sealed-files.ts';

/** Where the pairs of a kind lie: those that a run found, or those that the history has taken up. */
type PathOf = (kind: EntityKind) => string;

const fields = ['from', 'to', 'id', 'evidence'] as const satisfies readonly (keyof RekeyedPair)[];

export async function writeRekeys(rosters: RosterStore, pathOf: PathOf, rekeys: Rekeys): Promise<void> {
	for (const kind of rekeyedKinds) {
		const lines = (rekeys[kind] ?? []).map((pair) => `${fields.map((name) => pair[name]).join('\x1f')}\n`);
		await writeSealed(
			rosters,
			{ path: pathOf(kind), form: forms.rows },
			lines.map((line) => Buffer.from(line)),
		);
	}
}

/** None of a kind that has no file. */
export async function readRekeys(rosters: RosterStore, pathOf: PathOf): Promise<Rekeys> {
	const rekeys: Partial<Record<EntityKind, readonly RekeyedPair[]>> = {};
	for (const kind of rekeyedKinds) {
		const stored = await findSealed(rosters, { path: pathOf(kind), form: forms.rows, name: `the new ids of ${kind}` });
		const lines = Buffer.from(stored ?? [])
			.toString('utf8')
			.split('\n')
			.filter(Boolean);
		rekeys[kind] = lines.map((line) => {
			const values = line.split('\x1f');
			return Object.fromEntries(fields.map((name, at) => [name, values[at]])) as unknown as RekeyedPair;
		});
	}
	return rekeys;
}

/** What somebody has approved of the new ids that an earlier run found. */
export async function approvedRekeys(
	rosters: RosterStore,
	{ tenantId, profileId, approvedRunId, approvedHolds }: Run,
): Promise<Rekeys> {
	if (!approvedRunId) return {};
	const found = await readRekeys(rosters, (kind) => rekeyedPath({ tenantId, profileId, runId: approvedRunId }, kind));
	const isApproved = (kind: EntityKind) => approvedHolds?.includes(rekeyedHold(kind, [], 0).id) ?? true;
	return Object.fromEntries(rekeyedKinds.filter(isApproved).map((kind) => [kind, found[kind] ?? []]));
}

export const hasPairs = (rekeys: Rekeys) => Object.values(rekeys).some((pairs) => pairs.length > 0);

/** What of a plan waits for the approval of new ids. */
export interface LeftOut {
	waiting: Waiting;
	answer: FoundRekeyed;
	/** Where the lines lie that were taken out, as plans of their own. */
	places: readonly (SlicePlace & { changes: PlannedPart })[];
}

/** A shard has fewer parts. */
const firstLeftOut = 1_000_000;

/** Where the lines are that were taken out of a slice. */
export const leftOutPlace = ({ kind, shard, part }: SlicePlace): SlicePlace => ({
	kind,
	shard,
	part: firstLeftOut + part,
});

/** Undefined if nothing was found, or nobody has looked. */
export const findLeftOut = (rosters: RosterStore, run: RunRef): Promise<LeftOut | undefined> =>
	readJson<LeftOut>(rosters, leftOutPath(run));

export const writeLeftOut = (rosters: RosterStore, run: RunRef, found: LeftOut): Promise<void> =>
	writeJson(rosters, leftOutPath(run), found);
