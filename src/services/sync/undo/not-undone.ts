import { inactiveHash, type Snapshot, sameBytes } from '../../../domain/sync/history/snapshot.ts';
import { attributeMaps, type EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import { allowsDisplayNameUpdate, skuIdsOf } from '../../../domain/sync/records/mapping.ts';
import { readJson } from '../files/roster-files.ts';
import { columnsPath } from '../files/roster-paths.ts';
import { readAllSnapshots } from '../files/snapshots.ts';
import type { SyncDeps } from '../sync-deps.ts';
import type { SyncedColumns } from './column-watch.ts';
import { type EarlierRecords, entityKinds, type UndoScope } from './earlier-roster.ts';

const plurals: Readonly<Record<EntityKind, string>> = {
	school: 'schools',
	section: 'classes',
	student: 'students',
	teacher: 'teachers',
};

interface Found {
	records: ReadonlyMap<string, EarlierRecords>;
	/** Of the files that are gone back to. */
	columns: SyncedColumns;
}

/** Says on the record of an undo what it leaves as it is. Idempotent: it only overwrites. */
export async function tellNotUndone(deps: SyncDeps, scope: UndoScope, { records, columns }: Found): Promise<void> {
	const { ref, history, undoes } = scope;
	const created: string[] = [];
	const unknown: string[] = [];
	for (const kind of entityKinds) {
		const now = await readAllSnapshots(deps, ref.profileId, { files: history.files, kind });
		const counts = countsOf(now, records.get(kind) as EarlierRecords);
		if (counts.created > 0) created.push(`${counts.created} ${plurals[kind]}`);
		if (counts.unknown > 0) unknown.push(`${counts.unknown} ${plurals[kind]}`);
	}
	const undone = await deps.runs.get(ref.profileId, undoes.runId);
	const later = { ...scope.profile, ...undone?.settings };
	const laterColumns =
		(await readJson<SyncedColumns>(deps.rosters, columnsPath({ ...ref, runId: undoes.runId }))) ?? {};
	const sentences = [
		...(created.length > 0
			? [`Created since, and stay: ${created.join(', ')}; an account keeps its initial password.`]
			: []),
		...(unknown.length > 0
			? [`Stay as they are, since what they were before is not known: ${unknown.join(', ')}.`]
			: []),
		...entityKinds.flatMap((kind) => columnsLeft(kind, columns[kind] ?? [], laterColumns[kind] ?? [])),
		...entityKinds.flatMap((kind) =>
			allowsDisplayNameUpdate(later, kind) && !allowsDisplayNameUpdate(scope.profile, kind)
				? [`Display names of ${plurals[kind]} stay as they are: before, the profile did not sync them.`]
				: [],
		),
		...(['student', 'teacher'] as const).flatMap((role) =>
			skuIdsOf(later, role).length > 0 && skuIdsOf(scope.profile, role).length === 0
				? [`Licences of ${plurals[role]} stay as they are: before, the profile assigned none.`]
				: [],
		),
	];
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (run && !run.outcome && sentences.length > 0) await deps.runs.save({ ...run, cannotUndo: sentences });
}

function countsOf(now: Snapshot, { before, known }: EarlierRecords): { created: number; unknown: number } {
	let created = 0;
	let unknown = 0;
	now.forEach((key, place) => {
		const hash = now.hashAt(place);
		// Whoever left the files was not written.
		if (sameBytes(hash, inactiveHash)) return;
		const earlier = before.find(key);
		if (earlier < 0) created++;
		else if (!sameBytes(before.hashAt(earlier), hash) && known.find(key, 0, key.length) < 0) unknown++;
	});
	return { created, unknown };
}

/** A column that a file does not have leaves the directory's value alone, be it whose it may. */
function columnsLeft(kind: EntityKind, columns: readonly string[], later: readonly string[]): string[] {
	const left = later.filter((name) => name in attributeMaps[kind] && !columns.includes(name));
	if (left.length === 0) return [];
	return [`Of ${plurals[kind]} these stay as they are, since the files before did not have them: ${left.join(', ')}.`];
}
