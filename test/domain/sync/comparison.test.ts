import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	type Comparison,
	compareEntities,
	compareMemberships,
	recordHash,
} from '../../../src/domain/sync/comparison.ts';
import { Journal, replay } from '../../../src/domain/sync/history/journal.ts';
import {
	decodeSnapshot,
	entityPayload,
	inactiveHash,
	incompleteHash,
	membershipStates,
	Snapshot,
} from '../../../src/domain/sync/history/snapshot.ts';
import { changesIn, forEachPlanLine, planOps } from '../../../src/domain/sync/plan.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const id = '0f0e0d0c-0b0a-4908-8706-050403020100';
const mapping = bytes('v1');
const opNames = new Map<number, string>(Object.entries(planOps).map(([name, op]) => [op, name]));
const options = { seed: 7, mayRemove: true, recordsPerSlice: 1000 };
const entities = (shard: string, previous: Snapshot, changes: Partial<typeof options & { mapping: Uint8Array }> = {}) =>
	compareEntities(bytes(shard), previous, { ...options, mapping, ...changes });

function linesOf(plan: Uint8Array): string[] {
	const lines: string[] = [];
	forEachPlanLine(plan, (op, line) => lines.push(`${opNames.get(op)} ${text(line)}`));
	return lines;
}

const planOf = ({ parts }: Comparison): string[] => parts.flatMap(linesOf);

function snapshotOf(records: Record<string, Uint8Array>): Snapshot {
	const snapshot = new Snapshot(32, 7);
	for (const [key, hash] of Object.entries(records)) snapshot.set(bytes(key), entityPayload(hash, id));
	return snapshot;
}

const hashOf = (line: string) => recordHash(mapping, bytes(line));

describe('compareEntities()', () => {
	test('adds what is new, changes what differs, leaves what is equal, removes what is gone', () => {
		const previous = snapshotOf({ b: hashOf('b\x1fold'), c: hashOf('c\x1fsame'), d: hashOf('d\x1fgone') });
		const comparison = entities('a\x1fnew\nb\x1fchanged\nc\x1fsame\n', previous);
		expect(planOf(comparison)).toEqual(['add a\x1fnew', 'change b\x1fchanged', 'remove d']);
		expect([comparison.unchanged, comparison.parts.map(changesIn)]).toEqual([
			1,
			[{ added: 1, changed: 1, removed: 1 }],
		]);
	});

	test('does not call another password a change', () => {
		const previous = snapshotOf({ a: hashOf('a\x1fx\x1eFirst-1') });
		expect(entities('a\x1fx\x1eSecond-2\n', previous).unchanged).toBe(1);
	});

	test('calls a changed mapping a change of every record', () => {
		const previous = snapshotOf({ a: hashOf('a\x1fx') });
		expect(planOf(entities('a\x1fx\n', previous, { mapping: bytes('v2') }))).toEqual(['change a\x1fx']);
	});

	test('takes the first row of a person, wherever a further one stands', () => {
		const shard = 'a\x1fx\nb\x1fx\na\x1fy\n';
		expect(planOf(entities(shard, snapshotOf({ a: hashOf('a\x1fx'), b: hashOf('b\x1fx') })))).toEqual([]);
		expect(planOf(entities(shard, snapshotOf({ b: hashOf('b\x1fx') })))).toEqual(['add a\x1fx']);
	});

	test('writes an incomplete record again, and an inactive one only when it returns', () => {
		const previous = snapshotOf({ a: incompleteHash, b: inactiveHash });
		expect(planOf(entities('a\x1fx\n', previous))).toEqual(['change a\x1fx']);
		expect(planOf(entities('b\x1fx\n', previous))).toEqual(['change b\x1fx', 'remove a']);
	});

	test('removes nothing on the strength of a file of which rows were skipped', () => {
		const previous = snapshotOf({ a: hashOf('a\x1fx'), b: hashOf('b\x1fx') });
		expect(planOf(entities('a\x1fy\n', previous, { mayRemove: false }))).toEqual(['change a\x1fy']);
	});

	test('cuts a plan into slices', () => {
		const { parts } = entities('a\x1fx\nb\x1fx\nc\x1fx\n', snapshotOf({ d: hashOf('d\x1fx') }), { recordsPerSlice: 2 });
		expect(parts.map(changesIn)).toEqual([
			{ added: 2, changed: 0, removed: 0 },
			{ added: 1, changed: 0, removed: 1 },
		]);
	});
});

const memberships = (
	shard: string,
	previous: Snapshot,
	changes: Partial<typeof options & { cutsGroups: boolean }> = {},
) => compareMemberships(bytes(shard), previous, { ...options, cutsGroups: false, ...changes });

describe('compareMemberships()', () => {
	test('turns any old set of pairs into any new one, and finds nothing left to do afterwards', () => {
		const pairs = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(9)).map(([section, user]) => `s${section}\x1fu${user}`));
		fc.assert(
			fc.property(pairs, pairs, pairs, fc.integer({ min: 1, max: 9 }), (before, doubted, wanted, recordsPerSlice) => {
				const snapshot = new Snapshot(1, 7);
				for (const pair of before) snapshot.set(bytes(pair), membershipStates.there);
				for (const pair of doubted) snapshot.set(bytes(pair), membershipStates.unknown);
				const shard = [...wanted, ...wanted].map((pair) => `${pair}\n`).join('');
				const { parts } = memberships(shard, snapshot, { recordsPerSlice });
				const journals = parts.map((part) => {
					const journal = new Journal(1);
					forEachPlanLine(part, (op, key) => {
						if (op === planOps.remove) journal.forget(key);
						else journal.set(key, membershipStates.there);
					});
					return Buffer.concat(journal.encode({ failed: 0, writes: 0, held: 0, postponed: 0 }));
				});
				// Twice: what is repeated changes nothing.
				for (const journal of [...journals, ...journals]) replay(journal, snapshot);
				const achieved: string[] = [];
				snapshot.forEach((key) => {
					achieved.push(text(key));
				});
				expect(achieved.sort()).toEqual([...wanted].sort());
				expect(memberships(shard, snapshot).parts).toEqual([]);
			}),
		);
	});

	test('has all that changes in a class in one slice', () => {
		const previous = new Snapshot(1, 7);
		for (const pair of ['c1\x1fold', 'c2\x1fold']) previous.set(bytes(pair), membershipStates.there);
		const shard = ['c1\x1fa', 'c2\x1fa', 'c1\x1fb', 'c3\x1fa'].map((pair) => `${pair}\n`).join('');
		const { parts } = memberships(shard, previous, { recordsPerSlice: 1 });
		const classesOf = (part: Uint8Array) => new Set(linesOf(part).map((line) => line.split(' ')[1]?.split('\x1f')[0]));
		expect(parts.map((part) => [...classesOf(part)])).toEqual([['c1'], ['c2'], ['c3']]);
		const cut = memberships(`${shard}c3\x1fb\n`, previous, { recordsPerSlice: 1, cutsGroups: true });
		expect(cut.parts.map((part) => linesOf(part).length)).toEqual([3, 2, 1, 1]);
	});

	test('expels whom the directory was found to have, unless a file wants them by now', () => {
		const previous = new Snapshot(1, 7);
		for (const pair of ['c\x1fa', 'c\x1fb']) previous.set(bytes(pair), membershipStates.found);
		expect(planOf(memberships('c\x1fa\n', previous))).toEqual(['add c\x1fa', 'expel c\x1fb']);
	});

	test('makes certain what nobody knows: it is added once more, or removed', () => {
		const previous = new Snapshot(1, 7);
		for (const pair of ['c\x1fa', 'c\x1fb']) previous.set(bytes(pair), membershipStates.unknown);
		expect(planOf(memberships('c\x1fa\n', previous))).toEqual(['add c\x1fa', 'remove c\x1fb']);
		expect(planOf(memberships('c\x1fa\n', previous, { mayRemove: false }))).toEqual(['add c\x1fa']);
	});
});

describe('Snapshot', () => {
	test('comes back from its stored form as it was', () => {
		const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 50 });
		fc.assert(
			fc.property(keys, fc.uint8Array({ minLength: 16, maxLength: 16 }), (names, hash) => {
				const snapshot = snapshotOf(Object.fromEntries(names.map((name) => [`k${name}`, hash])));
				const stored = Buffer.concat([...snapshot.encode()].map((part) => Uint8Array.from(part)));
				const copy = new Snapshot(32, 8);
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
		const stored = Buffer.concat([...new Snapshot(1, 7).encode()]);
		expect(() => decodeSnapshot(stored, new Snapshot(32, 7))).toThrow('Reset the profile');
		expect(() => decodeSnapshot(bytes('SIS ID,Name\r\n'), new Snapshot(1, 7))).toThrow('Reset the profile');
	});

	test('has no id of an object of which nobody knows whether it is there', () => {
		const snapshot = new Snapshot(32, 7);
		const place = snapshot.set(bytes('a'), entityPayload(incompleteHash, undefined));
		expect(snapshot.idAt(place)).toBeUndefined();
	});
});
