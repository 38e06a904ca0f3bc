import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	type Comparison,
	compareEntities,
	compareMemberships,
	recordHash,
} from '../../../src/domain/sync/comparison.ts';
import { forEachPlanLine, planOps } from '../../../src/domain/sync/plan.ts';
import {
	decodeSnapshot,
	entityPayload,
	inactiveHash,
	incompleteHash,
	Snapshot,
} from '../../../src/domain/sync/snapshot.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const id = '0f0e0d0c-0b0a-4908-8706-050403020100';
const mapping = bytes('v1');
const opNames = new Map<number, string>(Object.entries(planOps).map(([name, op]) => [op, name]));

function planOf({ plan }: Comparison): string[] {
	const lines: string[] = [];
	forEachPlanLine(plan, (op, line) => lines.push(`${opNames.get(op)} ${text(line)}`));
	return lines;
}

function snapshotOf(records: Record<string, Uint8Array>): Snapshot {
	const snapshot = new Snapshot(32);
	for (const [key, hash] of Object.entries(records)) snapshot.set(bytes(key), entityPayload(hash, id));
	return snapshot;
}

const hashOf = (line: string, ...further: string[]) => recordHash(mapping, bytes(line), further.map(bytes));

describe('compareEntities()', () => {
	test('adds what is new, changes what differs, leaves what is equal, removes what is gone', () => {
		const previous = snapshotOf({ b: hashOf(' b\x1fold'), c: hashOf(' c\x1fsame'), d: hashOf(' d\x1fgone') });
		const comparison = compareEntities(bytes(' a\x1fnew\n b\x1fchanged\n c\x1fsame\n'), previous, mapping);
		expect(planOf(comparison)).toEqual(['add  a\x1fnew', 'change  b\x1fchanged', 'remove d']);
		expect(comparison.tally).toEqual({ added: 1, changed: 1, removed: 1, unchanged: 1, failed: 0 });
	});

	test('does not call another password a change', () => {
		const previous = snapshotOf({ a: hashOf(' a\x1fx\x1eFirst-1') });
		expect(compareEntities(bytes(' a\x1fx\x1eSecond-2\n'), previous, mapping).tally.unchanged).toBe(1);
	});

	test('calls a changed mapping a change of every record', () => {
		const previous = snapshotOf({ a: hashOf(' a\x1fx') });
		expect(compareEntities(bytes(' a\x1fx\n'), previous, bytes('v2')).tally.changed).toBe(1);
	});

	test('takes a further school as part of the record, wherever its row stands', () => {
		const shard = bytes(' a\x1fs1\n b\x1fs1\n+a\x1fs2\n');
		const previous = snapshotOf({ a: hashOf(' a\x1fs1'), b: hashOf(' b\x1fs1') });
		const comparison = compareEntities(shard, previous, mapping);
		expect(planOf(comparison)).toEqual(['change  a\x1fs1', 'furtherSchool +a\x1fs2']);
		const after = snapshotOf({ a: hashOf(' a\x1fs1', '+a\x1fs2'), b: hashOf(' b\x1fs1') });
		expect(planOf(compareEntities(shard, after, mapping))).toEqual([]);
	});

	test('writes an incomplete record again, and an inactive one only when it returns', () => {
		const previous = snapshotOf({ a: incompleteHash, b: inactiveHash });
		expect(planOf(compareEntities(bytes(' a\x1fx\n'), previous, mapping))).toEqual(['change  a\x1fx']);
		expect(planOf(compareEntities(bytes(' b\x1fx\n'), previous, mapping))).toEqual(['change  b\x1fx', 'remove a']);
	});
});

describe('compareMemberships()', () => {
	test('turns any old set of pairs into any new one, and finds nothing left to do afterwards', () => {
		const pairs = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(9)).map(([section, user]) => `s${section}\x1fu${user}`));
		fc.assert(
			fc.property(pairs, pairs, (before, wanted) => {
				const snapshot = new Snapshot(0);
				for (const pair of before) snapshot.set(bytes(pair));
				const shard = bytes([...wanted, ...wanted].map((pair) => `${pair}\n`).join(''));
				forEachPlanLine(compareMemberships(shard, snapshot).plan.slice(), (op, key) => {
					if (op === planOps.remove) snapshot.delete(key);
					else snapshot.set(key);
				});
				const achieved: string[] = [];
				snapshot.forEach((key) => {
					achieved.push(text(key));
				});
				expect(achieved.sort()).toEqual([...wanted].sort());
				expect(compareMemberships(shard, snapshot).tally).toMatchObject({ added: 0, removed: 0 });
			}),
		);
	});
});

describe('Snapshot', () => {
	test('comes back from its stored form as it was', () => {
		const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 50 });
		fc.assert(
			fc.property(keys, fc.uint8Array({ minLength: 16, maxLength: 16 }), (names, hash) => {
				const snapshot = snapshotOf(Object.fromEntries(names.map((name) => [`k${name}`, hash])));
				const stored = Buffer.concat([...snapshot.encode()].map((part) => Uint8Array.from(part)));
				const copy = new Snapshot(32);
				decodeSnapshot(stored, copy);
				expect(copy.size).toBe(names.length);
				snapshot.forEach((key, place) => {
					expect(copy.idAt(copy.find(key))).toBe(id);
					expect([...copy.hashAt(copy.find(key))]).toEqual([...snapshot.hashAt(place)]);
				});
			}),
		);
	});

	test('refuses a file that is no snapshot of its kind', () => {
		const memberships = Buffer.concat([...new Snapshot(0).encode()]);
		expect(() => decodeSnapshot(memberships, new Snapshot(32))).toThrow('Reset the profile');
		expect(() => decodeSnapshot(bytes('SIS ID,Name\r\n'), new Snapshot(0))).toThrow('Reset the profile');
	});
});
