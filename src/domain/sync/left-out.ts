import { KeyTable } from '../roster/csv/key-table.ts';
import type { RekeyedPair } from './holds/rekeys.ts';
import { isRemoval } from './plan.ts';
import type { EntityKind } from './records/attribute-map.ts';
import { fieldEndAfter } from './shards/shard-rows.ts';
import { isMembership, type MembershipKind, membershipKinds, membershipRules, type SyncKind } from './sync-kinds.ts';

export type Rekeys = Readonly<Partial<Record<EntityKind, readonly RekeyedPair[]>>>;

/** What waits with records that came under new SIS ids. */
export interface Waiting {
	/** Classes whose school is one of those. */
	sections: readonly string[];
	/** Those of them that the directory does not have yet, and so cannot have members. */
	absent: readonly string[];
	/** People who come to a class or school that waits, and who must not leave another one before. */
	movers: Readonly<Partial<Record<MembershipKind, readonly string[]>>>;
}

/** Tells of a line of a plan whether it is not carried out as long as nobody has approved the new ids: it names one of them, or an old one. */
export function leavesOut(
	rekeys: Rekeys,
	waiting: Waiting,
	seed: number,
): (kind: SyncKind, op: number, line: Uint8Array) => boolean {
	const idsOf = (kind: EntityKind) => (rekeys[kind] ?? []).flatMap(({ from, to }) => [from, to]);
	const setOf = (ids: readonly string[]) => keySet(ids, seed);
	const records = {
		school: setOf(idsOf('school')),
		student: setOf(idsOf('student')),
		teacher: setOf(idsOf('teacher')),
		section: setOf([...idsOf('section'), ...waiting.sections]),
	};
	const groups = { school: records.school, section: setOf([...idsOf('section'), ...waiting.absent]) };
	const movers = new Map(membershipKinds.map((kind) => [kind, setOf(waiting.movers[kind] ?? [])]));
	return (kind, op, line) => {
		const end = fieldEndAfter(line, 0, line.length);
		if (!isMembership(kind)) return records[kind](line, 0, end);
		const { group, role } = membershipRules[kind];
		if (groups[group](line, 0, end) || records[role](line, end + 1, line.length)) return true;
		return isRemoval(op) && (movers.get(kind)?.(line, end + 1, line.length) ?? false);
	};
}

/**
 * Those who come to a class or school that waits, and would leave another one: of one kind, the lines of the plan are seen, and then asked
 * about.
 */
export class Movers {
	readonly #coming: KeyTable;
	readonly #movers: KeyTable;

	constructor(seed: number) {
		this.#coming = new KeyTable({ seed });
		this.#movers = new KeyTable({ seed });
	}

	/** An addition that is left out. */
	comes(line: Uint8Array): void {
		this.#coming.intern(line, personStart(line), line.length);
	}

	/** A removal that is not, once all additions are known. */
	leaves(line: Uint8Array): void {
		const start = personStart(line);
		if (this.#coming.find(line, start, line.length) >= 0) this.#movers.intern(line, start, line.length);
	}

	get sisIds(): string[] {
		return Array.from({ length: this.#movers.size }, (_, at) => new TextDecoder().decode(this.#movers.keyOf(at)));
	}
}

const personStart = (line: Uint8Array) => fieldEndAfter(line, 0, line.length) + 1;

const encoder = new TextEncoder();

function keySet(ids: readonly string[], seed: number): (bytes: Uint8Array, start: number, end: number) => boolean {
	const table = keyTable(ids, seed);
	return (bytes, start, end) => table.find(bytes, start, end) >= 0;
}

/** The place of each distinct key. */
export function keyTable(keys: readonly string[], seed: number): KeyTable {
	const table = new KeyTable({ seed });
	for (const key of keys) {
		const bytes = encoder.encode(key);
		table.intern(bytes, 0, bytes.length);
	}
	return table;
}
