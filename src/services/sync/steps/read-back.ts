import { wereRead } from '../../../domain/sync/history/history.ts';
import { inactiveHash, membershipStates, type Snapshot, sameBytes } from '../../../domain/sync/history/snapshot.ts';
import { unexpectedHold } from '../../../domain/sync/holds/removals.ts';
import { shardHash, shardOf } from '../../../domain/sync/shards/sharding.ts';
import { type MembershipKind, membershipRules } from '../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../ports.ts';
import { directoryIds } from '../files/directory-ids.ts';
import { changeHistory, commitFile, requireHistory } from '../files/histories.ts';
import { heldRemovals, readHolds, saveHolds, writeHeld } from '../files/holds.ts';
import { readAllSnapshots, readSnapshot, writeSnapshot } from '../files/snapshots.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { keysOfStrangers, type Stranger } from './apply/strangers.ts';

type ReadRef = SyncRef & { kind: MembershipKind; shard: number };

/** Per call of the directory. */
const groupsAtOnce = 1000;

/** A class or school of the shard. */
interface Group {
	sisId: string;
	id: string;
	/** Directory ids of those whom the files put there. */
	expected: Set<string>;
}

/**
 * Step *read back*, where no history was kept until now: whom the directory has in the roster's own classes and schools though no file
 * says so is written down as found, so that somebody who left meanwhile is not forgotten. Idempotent: it only overwrites.
 */
export async function readBack(deps: SyncDeps, ref: ReadRef): Promise<void> {
	const { kind, shard } = ref;
	const history = await requireHistory(deps, ref);
	const file = `${ref.runId}.read`;
	if (history.files[kind]?.[shard] === file) return;
	const snapshot = await readSnapshot(deps, ref.profileId, { files: history.files, kind, shard });
	const groups = await groupsOf(deps, { ref, history }, snapshot);
	const strangers = await strangersIn(deps, ref, groups);
	if (strangers.length === 0) return;
	for (const key of await keysOfStrangers(deps, { ref, history }, strangers)) snapshot.set(key, membershipStates.found);
	await writeSnapshot(deps.rosters, ref.profileId, { kind, shard, file, snapshot });
	await commitFile(deps, ref, { kind, shard, file });
}

/**
 * Last step of a read-back: what was found is held, and need not be looked for again. Answers how much is held besides what the plan had.
 * Idempotent: it only overwrites.
 */
export async function holdFound(
	deps: SyncDeps,
	ref: SyncRef,
	kinds: readonly MembershipKind[],
): Promise<{ held: number; heldOf: Partial<Record<MembershipKind, number>> }> {
	const history = await requireHistory(deps, ref);
	let { holds } = await readHolds(deps, ref);
	let held = 0;
	const heldOf: Partial<Record<MembershipKind, number>> = {};
	for (const kind of kinds) {
		const { hold, lines } = await foundOf(deps, { ref, history }, kind);
		if (lines.length === 0) continue;
		const isPlanned = await heldRemovals(deps, ref, kind, ['weighing']);
		const added = lines.filter((line) => !isPlanned(line));
		await writeHeld(deps, ref, { kind, by: 'reading', lines: added });
		held += added.length;
		heldOf[kind] = added.length;
		holds = [...holds.filter(({ id }) => id !== hold.id), hold];
	}
	if (held > 0) await saveHolds(deps, ref, holds);
	await changeHistory(deps, ref, (record) => record && wereRead(record, ref.runId, kinds));
	return { held, heldOf };
}

async function foundOf(deps: SyncDeps, { ref, history: { files } }: Scope, kind: MembershipKind) {
	const lines: Uint8Array[] = [];
	const people = new Set<string>();
	let present = 0;
	for (const shard of (files[kind] ?? []).keys()) {
		const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
		present += snapshot.size;
		snapshot.forEach((key, place) => {
			if (snapshot.stateAt(place) !== 'found') return;
			lines.push(key.slice());
			people.add(decoder.decode(key).split('\x1f')[1] ?? '');
		});
	}
	return { lines, hold: unexpectedHold(kind, { removals: lines.length, present, people: people.size }) };
}

const decoder = new TextDecoder();

type Scope = Parameters<typeof directoryIds>[1];

/**
 * The schools of the roster whose members stand in this shard; and the classes to which no file brings anybody: of the others it was told
 * when their members were written.
 */
async function groupsOf(
	deps: SyncDeps,
	scope: Scope & { ref: ReadRef },
	snapshot: Snapshot,
): Promise<ReadonlyMap<string, Group>> {
	const { ref, history } = scope;
	const { group, role } = membershipRules[ref.kind];
	const shards = history.files[ref.kind]?.length ?? 1;
	const objects = await readAllSnapshots(deps, ref.profileId, { files: history.files, kind: group });
	const groups = new Map<string, Group>();
	objects.forEach((key, place) => {
		const id = objects.idAt(place);
		const isHere = shardOf(shardHash(key, 0, key.length), shards) === ref.shard;
		if (!isHere || id === undefined || sameBytes(objects.hashAt(place), inactiveHash)) return;
		const sisId = decoder.decode(key);
		groups.set(sisId, { sisId, id, expected: new Set() });
	});
	const userIdOf = await directoryIds(deps, scope, role);
	snapshot.forEach((key) => {
		const [sisId = '', person = ''] = decoder.decode(key).split('\x1f');
		if (group === 'section') groups.delete(sisId);
		const id = userIdOf(person);
		if (id !== undefined) groups.get(sisId)?.expected.add(id);
	});
	return groups;
}

async function strangersIn(
	{ directory }: SyncDeps,
	{ tenantId, profileId, kind }: ReadRef,
	groups: ReadonlyMap<string, Group>,
): Promise<Stranger[]> {
	const { group: groupKind, role } = membershipRules[kind];
	const all = [...groups.values()];
	const strangers: Stranger[] = [];
	for (let start = 0; start < all.length; start += groupsAtOnce) {
		const some = all.slice(start, start + groupsAtOnce);
		const ids = some.map(({ id }) => id);
		const members = await (groupKind === 'section'
			? directory.classMembers(tenantId, { ids, role, source: profileId })
			: directory.schoolMembers(tenantId, { ids, role, source: profileId }));
		for (const [at, { sisId, expected }] of some.entries())
			for (const userId of members[at] ?? []) if (!expected.has(userId)) strangers.push({ group: sisId, userId });
	}
	return strangers;
}
