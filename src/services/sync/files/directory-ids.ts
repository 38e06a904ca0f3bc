import type { HistoryRecord } from '../../../domain/sync/history/history.ts';
import type { Snapshot } from '../../../domain/sync/history/snapshot.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import type { SyncRef } from '../../../ports.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { readAllSnapshots } from './snapshots.ts';

/** By SIS id; undefined for what is not in the directory. */
export type LookUp = (sisId: string) => string | undefined;

/**
 * The directory's ids of all that a kind has. Slices follow each other on an instance, and history files never change: what was read
 * for one serves the next as long as the names are the same. Kept by the roster store that it was read from.
 */
export async function directoryIds(
	deps: SyncDeps,
	{ ref, history }: { ref: SyncRef; history: HistoryRecord },
	kind: EntityKind,
): Promise<LookUp> {
	const name = [ref.profileId, ref.generation, kind, ...(history.files[kind] ?? [])].join(' ');
	const kept = cacheOf(deps.rosters);
	let reading = kept.get(name);
	if (!reading) {
		reading = readAllSnapshots(deps, ref.profileId, { files: history.files, kind });
		kept.set(name, reading);
		reading.catch(() => kept.delete(name));
		if (kept.size > keptLists) kept.delete(kept.keys().next().value as string);
	}
	return lookUpIn(await reading);
}

/** A run needs four: schools, classes, students and teachers. */
const keptLists = 4;

const caches = new WeakMap<object, Map<string, Promise<Snapshot>>>();

function cacheOf(store: object): Map<string, Promise<Snapshot>> {
	const known = caches.get(store) ?? new Map<string, Promise<Snapshot>>();
	caches.set(store, known);
	return known;
}

const encoder = new TextEncoder();

function lookUpIn(snapshot: Snapshot): LookUp {
	return (sisId) => {
		const place = snapshot.find(encoder.encode(sisId));
		return place < 0 ? undefined : snapshot.idAt(place);
	};
}
