import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyTable } from '../../../../src/domain/roster/csv/key-table.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (key: Uint8Array) => new TextDecoder().decode(key);
const seed = 31;

function internAll(table: KeyTable, keys: readonly string[]): number[] {
	return keys.map((key) => table.intern(bytes(key), 0, bytes(key).length));
}

describe('KeyTable', () => {
	test('numbers distinct keys from 0 in order of arrival, as a Map would', () => {
		const key = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 4 }),
			fc.constantFrom('', 'a', 'A', 'aa', '\0', '\0\0'),
		);
		fc.assert(
			fc.property(fc.array(key, { maxLength: 300 }), fc.integer(), (keys, hashSeed) => {
				const table = new KeyTable({ seed: hashSeed });
				const model = new Map<string, number>();
				for (const each of keys) if (!model.has(each)) model.set(each, model.size);
				expect(internAll(table, keys)).toEqual(keys.map((each) => model.get(each)));
				expect(table.size).toBe(model.size);
				for (const [each, id] of model) expect(text(table.keyOf(id))).toBe(each);
			}),
			{ seed },
		);
	});

	test('finds keys in any order, and runs of them in order, as a Map would', () => {
		const table = new KeyTable({ seed });
		// Many of them end with one that was interned before.
		const keys = Array.from({ length: 60 }, (_, each) => `${'1'.repeat(each % 4)}2${'1'.repeat(each / 4)}`);
		internAll(table, keys);
		const run = fc
			.record({ from: fc.nat(65), step: fc.constantFrom(0, 1, 1, 2, -1), length: fc.integer({ min: 1, max: 8 }) })
			.map(({ from, step, length }) => Array.from({ length }, (_, each) => from + step * each));
		fc.assert(
			fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
				for (const wanted of runs.flat()) {
					const key = bytes(keys[wanted] ?? `3${keys[Math.abs(wanted) % 60]}`);
					expect(table.find(key, 0, key.length)).toBe(wanted >= 0 && wanted < keys.length ? wanted : -1);
				}
			}),
			{ seed },
		);
	});

	test('finds each of 100,000 keys again after it has grown, and no other', () => {
		const table = new KeyTable({ seed });
		internAll(
			table,
			Array.from({ length: 100_000 }, (_, each) => `K${each}`),
		);
		for (let each = 0; each < 100_000; each += 7)
			expect(table.find(bytes(`K${each}`), 0, `K${each}`.length)).toBe(each);
		for (const missing of ['K100000', 'K', 'k1', '1', ''])
			expect(table.find(bytes(missing), 0, missing.length)).toBe(-1);
	});

	test('looks at the given part of the bytes only', () => {
		const table = new KeyTable({ seed });
		expect(table.intern(bytes('xabcx'), 1, 4)).toBe(0);
		expect(table.find(bytes('abc'), 0, 3)).toBe(0);
		expect(table.find(bytes('xabcx'), 0, 5)).toBe(-1);
	});

	test('folds the case of ASCII letters, and of those only, if asked to', () => {
		const table = new KeyTable({ seed, foldCase: true });
		expect(internAll(table, ['Jane.Doe', 'jane.doe', 'JANE.DOE', 'É', 'é', '[', '{', '@', '`'])).toEqual([
			0, 0, 0, 1, 2, 3, 4, 5, 6,
		]);
		expect(text(table.keyOf(0))).toBe('jane.doe');
	});

	test('takes keys longer than its first room', () => {
		const table = new KeyTable({ seed });
		const long = 'x'.repeat(100_000);
		expect(internAll(table, ['a', long, `${long}y`, long])).toEqual([0, 1, 2, 1]);
	});
});
