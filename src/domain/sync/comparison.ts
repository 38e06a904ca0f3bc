import { hash } from 'node:crypto';
import { KeyTable } from '../roster/csv/key-table.ts';
import { hashBytes, inactiveHash, type Snapshot, sameBytes } from './history/snapshot.ts';
import { isRemoval, PlanParts, planOps } from './plan.ts';
import { contentEnd, fieldEndAfter, forEachLine } from './shards/shard-rows.ts';

/** One shard of the wanted roster compared with what earlier runs achieved. */
export interface Comparison {
	unchanged: number;
	/** Records of the history that the file does not have any more: those too that it did not have before. */
	gone: number;
	/** The plan, in slices of about `recordsPerSlice`. */
	parts: Uint8Array[];
}

export interface ComparisonOptions {
	/** Of the hash tables. */
	seed: number;
	/** Not on the strength of a file of which rows were skipped: what cannot be read is not absent. */
	mayRemove: boolean;
	recordsPerSlice: number;
}

/** Bytes of the hash of a record's content: SHA-256, cut; rows that differ never count as the same. */
function contentHash(...parts: readonly Uint8Array[]): Uint8Array {
	const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
	return hash('sha256', bytes, 'buffer').subarray(0, hashBytes);
}

/** For schools, sections and users. `mapping` stands for the settings that shape what is written: if they change, so does every hash. */
export function compareEntities(
	shard: Uint8Array,
	previous: Snapshot,
	{ mapping, seed, mayRemove, recordsPerSlice }: ComparisonOptions & { mapping: Uint8Array },
): Comparison {
	const wanted = new KeyTable({ seed });
	const plan = new PlanParts(recordsPerSlice);
	let unchanged = 0;
	forEachLine(shard, (start, end) => {
		const place = wanted.size;
		// A further row of the same person: it names another school, and all else counts as the first one says.
		if (wanted.intern(shard, start, fieldEndAfter(shard, start, end)) < place) return;
		const line = shard.subarray(start, end);
		const before = previous.find(wanted.keyOf(place));
		if (before >= 0 && sameBytes(previous.hashAt(before), recordHash(mapping, line))) {
			unchanged++;
			return;
		}
		plan.begin();
		plan.append(before < 0 ? planOps.add : planOps.change, line);
	});
	let gone = 0;
	if (mayRemove) {
		previous.forEach((key, place) => {
			if (wanted.find(key, 0, key.length) >= 0) return;
			gone++;
			if (sameBytes(previous.hashAt(place), inactiveHash)) return;
			plan.begin();
			plan.append(planOps.remove, key);
		});
	}
	return { unchanged, gone, parts: plan.finish() };
}

export function recordHash(mapping: Uint8Array, record: Uint8Array): Uint8Array {
	return contentHash(mapping, record.subarray(0, contentEnd(record, 0, record.length)));
}

/**
 * For memberships: the line is the key. All that is to change in a class or school stands in one slice, so that who comes and who goes is
 * written at once; only with `cutsGroups` those to which people do nothing but come may be cut.
 */
export function compareMemberships(
	shard: Uint8Array,
	previous: Snapshot,
	{ seed, mayRemove, recordsPerSlice, cutsGroups }: ComparisonOptions & { cutsGroups: boolean },
): Comparison {
	const wanted = new KeyTable({ seed });
	const groups = new GroupPlans(seed);
	let unchanged = 0;
	forEachLine(shard, (start, end) => {
		const place = wanted.size;
		if (wanted.intern(shard, start, end) < place) return;
		const line = shard.subarray(start, end);
		const before = previous.find(line);
		if (before >= 0 && previous.stateAt(before) === 'there') {
			unchanged++;
			return;
		}
		groups.add(planOps.add, line);
	});
	let gone = 0;
	if (mayRemove) {
		previous.forEach((key, place) => {
			if (wanted.find(key, 0, key.length) >= 0) return;
			gone++;
			groups.add(previous.stateAt(place) === 'found' ? planOps.expel : planOps.remove, key.slice());
		});
	}
	return { unchanged, gone, parts: groups.inSlices(recordsPerSlice, cutsGroups) };
}

/** The changes of a shard, by class or school. */
class GroupPlans {
	readonly #groups: KeyTable;
	readonly #changes: { op: number; line: Uint8Array }[][] = [];

	constructor(seed: number) {
		this.#groups = new KeyTable({ seed });
	}

	add(op: number, line: Uint8Array): void {
		const group = this.#groups.intern(line, 0, fieldEndAfter(line, 0, line.length));
		const changes = this.#changes[group];
		if (changes) changes.push({ op, line });
		else this.#changes[group] = [{ op, line }];
	}

	inSlices(recordsPerSlice: number, cutsGroups: boolean): Uint8Array[] {
		const plan = new PlanParts(recordsPerSlice);
		for (const changes of this.#changes) {
			const isCut = cutsGroups && !changes.some(({ op }) => isRemoval(op));
			if (!isCut) plan.begin(changes.length);
			for (const { op, line } of changes) {
				if (isCut) plan.begin();
				plan.append(op, line);
			}
		}
		return plan.finish();
	}
}
