import { hash } from 'node:crypto';
import { KeyTable } from '../roster/key-table.ts';
import type { Tally } from '../run.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { appendPlanLine, planOps } from './plan.ts';
import { contentEnd, fieldEndAfter, forEachLine, rowFlags } from './shard-rows.ts';
import { hashBytes, inactiveHash, type Snapshot, sameBytes } from './snapshot.ts';
import { emptyTally } from './tally.ts';

/** One shard of the wanted roster compared with what earlier runs achieved. */
export interface Comparison {
	tally: Tally;
	plan: Uint8Array;
}

/** Bytes of the hash of a record's content: SHA-256, cut; rows that differ never count as the same. */
export function contentHash(...parts: readonly Uint8Array[]): Uint8Array {
	const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
	return hash('sha256', bytes, 'buffer').subarray(0, hashBytes);
}

/** For schools, sections and users. `mapping` stands for the settings that shape what is written: if they change, so does every hash. */
export function compareEntities(shard: Uint8Array, previous: Snapshot, mapping: Uint8Array): Comparison {
	const rows = indexRows(shard);
	const plan = new GrowingBytes();
	const tally = { ...emptyTally };
	for (let place = 0; place < rows.lines.length; place++) {
		const record = rows.lines[place] as Uint8Array;
		const further = rows.further.get(place) ?? [];
		const before = previous.find(rows.keys.keyOf(place));
		if (before >= 0 && sameBytes(previous.hashAt(before), recordHash(mapping, record, further))) {
			tally.unchanged++;
			continue;
		}
		const isNew = before < 0;
		tally[isNew ? 'added' : 'changed']++;
		appendPlanLine(plan, isNew ? planOps.add : planOps.change, record);
		for (const line of further) appendPlanLine(plan, planOps.furtherSchool, line);
	}
	previous.forEach((key, place) => {
		if (rows.keys.find(key, 0, key.length) >= 0 || sameBytes(previous.hashAt(place), inactiveHash)) return;
		tally.removed++;
		appendPlanLine(plan, planOps.remove, key);
	});
	return { tally, plan: plan.bytes };
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

function indexRows(shard: Uint8Array): IndexedRows {
	const rows: IndexedRows = { keys: new KeyTable({ seed: 0 }), lines: [], further: new Map() };
	forEachLine(shard, (start, end) => {
		const place = rows.keys.intern(shard, start + 1, fieldEndAfter(shard, start + 1, end));
		const line = shard.subarray(start, end);
		if (place === rows.lines.length) rows.lines.push(line);
		else if (shard[start] === rowFlags.furtherSchool)
			rows.further.set(place, [...(rows.further.get(place) ?? []), line]);
	});
	return rows;
}

/** For enrollments and rosters: the line is the key. */
export function compareMemberships(shard: Uint8Array, previous: Snapshot): Comparison {
	const wanted = new KeyTable({ seed: 0 });
	const plan = new GrowingBytes();
	const tally = { ...emptyTally };
	forEachLine(shard, (start, end) => {
		const place = wanted.size;
		if (wanted.intern(shard, start, end) < place) return;
		const line = shard.subarray(start, end);
		if (previous.find(line) >= 0) {
			tally.unchanged++;
			return;
		}
		tally.added++;
		appendPlanLine(plan, planOps.add, line);
	});
	previous.forEach((key) => {
		if (wanted.find(key, 0, key.length) >= 0) return;
		tally.removed++;
		appendPlanLine(plan, planOps.remove, key);
	});
	return { tally, plan: plan.bytes };
}
