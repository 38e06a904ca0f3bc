import type { Profile } from '../../../domain/profile.ts';
import { KeyTable } from '../../../domain/roster/csv/key-table.ts';
import type { RowView } from '../../../domain/roster/csv/records.ts';
import type { Run } from '../../../domain/run.ts';
import { recordHash } from '../../../domain/sync/comparison.ts';
import type { KindShards } from '../../../domain/sync/course.ts';
import type { HistoryRecord } from '../../../domain/sync/history/history.ts';
import { membershipStates, type Snapshot, sameBytes } from '../../../domain/sync/history/snapshot.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import { mappingFingerprint } from '../../../domain/sync/records/mapping.ts';
import { type RowShape, rowShapeOf, writeShardLine } from '../../../domain/sync/shards/shard-lines.ts';
import { fieldEndAfter } from '../../../domain/sync/shards/shard-rows.ts';
import { previousShardOf, shardHash, shardOf } from '../../../domain/sync/shards/sharding.ts';
import { isMembership, type MembershipKind } from '../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../ports.ts';
import { shardPath } from '../files/roster-paths.ts';
import { forms, openSealed } from '../files/sealed-files.ts';
import { emptySnapshot, readAllSnapshots, readSnapshot } from '../files/snapshots.ts';
import type { SyncDeps } from '../sync-deps.ts';
import type { SyncedColumns } from './column-watch.ts';
import { tellNotUndone } from './not-undone.ts';

/** A run that undoes another one. */
export interface UndoScope {
	ref: SyncRef;
	/** As it is now. */
	history: HistoryRecord;
	/** With the settings of the run before the one that is undone. */
	profile: Profile;
	undoes: NonNullable<Run['undoes']>;
}

/** A school, class or person as the history had them, and whether the files of that time tell what they were. */
export interface EarlierRecords {
	before: Snapshot;
	known: KeyTable;
}

export const entityKinds: readonly EntityKind[] = ['school', 'section', 'student', 'teacher'];

/**
 * The wanted roster of an undo: of the files of the run before, the rows that had been written just so; and all memberships that were
 * there. What the history had otherwise nobody knows any more, and it is left as it is.
 */
export async function openEarlierRoster(deps: SyncDeps, scope: UndoScope) {
	const { ref, profile, undoes } = scope;
	const records = new Map<string, EarlierRecords & { shape: RowShape; seen: KeyTable; mapping: Uint8Array }>();
	for (const kind of entityKinds) {
		const seed = deps.hashSeed();
		records.set(kind, {
			before: await readAllSnapshots(deps, ref.profileId, { files: undoes.files, kind }),
			known: new KeyTable({ seed }),
			seen: new KeyTable({ seed }),
			shape: rowShapeOf(kind),
			mapping: mappingFingerprint(profile, kind),
		});
	}
	return {
		wasThere(row: RowView): boolean {
			const own = records.get(row.kind);
			if (!own) return false;
			const ended = writeShardLine(row, own.shape);
			const line = ended.subarray(0, -1);
			const keyEnd = fieldEndAfter(line, 0, line.length);
			const place = own.seen.size;
			// A further row of the same person names another school, which is a membership.
			if (own.seen.intern(line, 0, keyEnd) < place) return false;
			const key = line.subarray(0, keyEnd);
			const earlier = own.before.find(key);
			if (earlier < 0 || !sameBytes(own.before.hashAt(earlier), recordHash(own.mapping, line))) return false;
			own.known.intern(key, 0, key.length);
			return true;
		},
		/** Once all rows were seen. */
		async finish(kinds: readonly KindShards[], columns: SyncedColumns): Promise<void> {
			for (const { kind, shards } of kinds)
				if (isMembership(kind))
					for (let shard = 0; shard < shards; shard++) await writeEarlierMembers(deps, scope, { kind, shard, shards });
			await tellNotUndone(deps, scope, { records, columns });
		},
	};
}

interface MemberShard {
	kind: MembershipKind;
	shard: number;
	shards: number;
}

async function writeEarlierMembers(
	deps: SyncDeps,
	{ ref, history, undoes }: UndoScope,
	{ kind, shard, shards }: MemberShard,
): Promise<void> {
	const now = await readSnapshot(deps, ref.profileId, { files: history.files, kind, shard });
	const before = await earlierShard(deps, { ref, undoes, kind, shard, shards });
	const wanted = emptySnapshot(deps, kind);
	before.forEach((key, place) => {
		const present = now.find(key);
		const isNow = present >= 0 && now.stateAt(present) === 'there';
		// Of what nobody knew then, what is now may stay.
		if (before.stateAt(place) !== 'unknown' || isNow) wanted.set(key, membershipStates.there);
	});
	now.forEach((key, place) => {
		if (now.stateAt(place) === 'found') wanted.set(key, membershipStates.there);
	});
	const writer = openSealed(deps.rosters, shardPath(ref, kind, shard), forms.rows);
	wanted.forEach((key) => {
		writer.append(Buffer.concat([key, lineEnd]));
	});
	await writer.drain();
	await writer.close();
}

const lineEnd = Buffer.from('\n');

/** There may have been fewer shards then. */
async function earlierShard(
	deps: SyncDeps,
	{ ref, undoes, kind, shard, shards }: Pick<UndoScope, 'ref' | 'undoes'> & MemberShard,
): Promise<Snapshot> {
	const count = undoes.files[kind]?.length ?? 0;
	if (count === 0) return emptySnapshot(deps, kind);
	const place = { files: undoes.files, kind, shard: previousShardOf(shard, count) };
	const stored = await readSnapshot(deps, ref.profileId, place);
	const part = emptySnapshot(deps, kind);
	stored.forEach((key, at) => {
		const groupEnd = fieldEndAfter(key, 0, key.length);
		if (shardOf(shardHash(key, 0, groupEnd), shards) === shard) part.set(key, stored.payloadAt(at));
	});
	return part;
}

/** Whom no file brought counts as wanted, and so nothing is done to them. */
export function leaveFound(previous: Snapshot): void {
	const found: Uint8Array[] = [];
	previous.forEach((key, place) => {
		if (previous.stateAt(place) === 'found') found.push(key.slice());
	});
	for (const key of found) previous.set(key, membershipStates.there);
}
