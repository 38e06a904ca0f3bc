import { keyTable, type Rekeys } from '../left-out.ts';
import type { EntityKind } from '../records/attribute-map.ts';
import { fieldEnd, fieldEndAfter } from '../shards/shard-rows.ts';
import { isMembership, membershipRules, type SyncKind } from '../sync-kinds.ts';
import type { RekeyedPair } from './rekeys.ts';

/**
 * The key of a history's record under the new SIS ids: the same bytes where nothing changes. Undefined for what was begun under a new id
 * and never came to be: now it is somebody else's.
 */
export type Renaming = (key: Uint8Array) => Uint8Array | undefined;

/** Undefined if no key of the kind changes. */
export function renamingOf(kind: SyncKind, rekeys: Rekeys, seed: number): Renaming | undefined {
	const pairsOf = (entity: EntityKind) => rekeys[entity] ?? [];
	if (!isMembership(kind)) {
		const pairs = pairsOf(kind);
		return pairs.length === 0 ? undefined : renameField(pairs, seed);
	}
	const { group, role } = membershipRules[kind];
	if (pairsOf(group).length + pairsOf(role).length === 0) return undefined;
	const [renameGroup, renamePerson] = [renameField(pairsOf(group), seed), renameField(pairsOf(role), seed)];
	return (key) => {
		const end = fieldEndAfter(key, 0, key.length);
		const [oldGroup, oldPerson] = [key.subarray(0, end), key.subarray(end + 1)];
		const [newGroup, newPerson] = [renameGroup(oldGroup), renamePerson(oldPerson)];
		if (!newGroup || !newPerson) return undefined;
		const isSame = newGroup === oldGroup && newPerson === oldPerson;
		return isSame ? key : Buffer.concat([newGroup, Uint8Array.of(fieldEnd), newPerson]);
	};
}

function renameField(pairs: readonly RekeyedPair[], seed: number): Renaming {
	const old = keyTable(
		pairs.map(({ from }) => from),
		seed,
	);
	const taken = keyTable(
		pairs.map(({ to }) => to),
		seed,
	);
	return (field) => {
		const place = old.find(field, 0, field.length);
		if (place >= 0) return Buffer.from((pairs[place] as RekeyedPair).to);
		return taken.find(field, 0, field.length) >= 0 ? undefined : field;
	};
}
