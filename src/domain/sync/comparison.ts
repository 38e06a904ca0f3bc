import { hash } from 'node:crypto';
import { KeyTable } from '../roster/csv/key-table.ts';
import { PlanParts, planOps } from './plan.ts';
import { contentEnd, fieldEndAfter, forEachLine, rowFlags } from './shard-rows.ts';
import { hashBytes, inactiveHash, type Snapshot, sameBytes } from './snapshot.ts';

/** One shard of the wanted roster compared with what earlier runs achieved. */
export interface Comparison {
	unchanged: number;
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
export function contentHash(...parts: readonly Uint8Array[]): Uint8Array {
	const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
	return hash('sha256', bytes, 'buffer').subarray(0, hashBytes);
}

/** For schools, sections and users. `mapping` stands for the settings that shape what is written: if they change, so does every hash. */
export function compareEntities(
	shard: Uint8Array,
	previous: Snapshot,
	{ mapping, seed, mayRemove, recordsPerSlice }: ComparisonOptions & { mapping: Uint8Array },
): Comparison {
	const rows = indexRows(shard, seed);
	const plan = new PlanParts(recordsPerSlice);
	let unchanged = 0;
	for (let place = 0; place < rows.lines.length; place++) {
		const record = rows.lines[place] as Uint8Array;
		const further = rows.further.get(place) ?? [];
		const before = previous.find(rows.keys.keyOf(place));
		if (before >= 0 && sameBytes(previous.hashAt(before), recordHash(mapping, record, further))) {
			unchanged++;
			continue;
		}
		plan.begin();
		plan.append(before < 0 ? planOps.add : planOps.change, record);
		for (const line of further) plan.append(planOps.furtherSchool, line);
	}
	if (mayRemove) {
		previous.forEach((key, place) => {
			if (rows.keys.find(key, 0, key.length) >= 0 || sameBytes(previous.hashAt(place), inactiveHash)) return;
			plan.begin();
			plan.append(planOps.remove, key);
		});
	}
	return { unchanged, parts: plan.finish() };
}

export function recordHash(mapping: Uint8Array, record: Uint8Array, further: readonly Uint8Array[]): Uint8Array {
	const content = record.subarray(0, contentEnd(record, 0, record.length));
	return contentHash(mapping, content, ...further);
}

interface IndexedRows {
	keys: KeyTable;
	/** By place of the key. */
	lines: Uint8Array[];
	further: Map<number, Uint8Array[]>;
}

function indexRows(shard: Uint8Array, seed: number): IndexedRows {
	const rows: IndexedRows = { keys: new KeyTable({ seed }), lines: [], further: new Map() };
	forEachLine(shard, (start, end) => {
		const place = rows.keys.intern(shard, start + 1, fieldEndAfter(shard, start + 1, end));
		const line = shard.subarray(start, end);
		if (place === rows.lines.length) rows.lines.push(line);
		else if (shard[start] === rowFlags.furtherSchool) {
			const others = rows.further.get(place);
			if (others) others.push(line);
			else rows.further.set(place, [line]);
		}
	});
	return rows;
}

/** For enrollments and rosters: the line is the key. All that is to change in one class stands in one slice. */
export function compareMemberships(
	shard: Uint8Array,
	previous: Snapshot,
	{ seed, mayRemove, recordsPerSlice }: ComparisonOptions,
): Comparison {
	const wanted = new KeyTable({ seed });
	const classes = new ClassPlans(seed);
	let unchanged = 0;
	forEachLine(shard, (start, end) => {
		const place = wanted.size;
		if (wanted.intern(shard, start, end) < place) return;
		const line = shard.subarray(start, end);
		const before = previous.find(line);
		if (before >= 0 && !previous.isUnknownAt(before)) {
			unchanged++;
			return;
		}
		classes.add(planOps.add, line);
	});
	if (mayRemove) {
		previous.forEach((key) => {
			if (wanted.find(key, 0, key.length) >= 0) return;
			classes.add(planOps.remove, key.slice());
		});
	}
	return { unchanged, parts: classes.inSlices(recordsPerSlice) };
}

/** The changes of a shard, by class. */
class ClassPlans {
	readonly #sections: KeyTable;
	readonly #changes: { op: number; line: Uint8Array }[][] = [];

	constructor(seed: number) {
		this.#sections = new KeyTable({ seed });
	}

	add(op: number, line: Uint8Array): void {
		const section = this.#sections.intern(line, 0, fieldEndAfter(line, 0, line.length));
		const changes = this.#changes[section];
		if (changes) changes.push({ op, line });
		else this.#changes[section] = [{ op, line }];
	}

	inSlices(recordsPerSlice: number): Uint8Array[] {
		const plan = new PlanParts(recordsPerSlice);
		for (const changes of this.#changes) {
			plan.begin(changes.length);
			for (const { op, line } of changes) plan.append(op, line);
		}
		return plan.finish();
	}
}
