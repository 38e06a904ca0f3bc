import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	previousShardOf,
	rowsPerShard,
	shardCountFor,
	shardHash,
	shardOf,
} from '../../../../src/domain/sync/shards/sharding.ts';

describe('sharding', () => {
	test('shardCountFor() is a power of two that holds the rows and never shrinks', () => {
		fc.assert(
			fc.property(fc.nat(50_000_000), fc.integer({ min: 0, max: 8 }), (rows, exponent) => {
				const previous = exponent === 0 ? 0 : 2 ** exponent;
				const count = shardCountFor(rows, previous);
				expect(Number.isInteger(Math.log2(count))).toBe(true);
				expect(count * rowsPerShard).toBeGreaterThanOrEqual(rows);
				expect(count).toBeGreaterThanOrEqual(previous);
			}),
		);
	});

	test('a key of a new shard lies in the old shard that previousShardOf() names', () => {
		fc.assert(
			fc.property(fc.uint8Array(), fc.nat(4), fc.nat(4), (key, before, growth) => {
				const [previousCount, count] = [2 ** before, 2 ** (before + growth)];
				const hash = shardHash(key);
				expect(previousShardOf(shardOf(hash, count), previousCount)).toBe(shardOf(hash, previousCount));
			}),
		);
	});

	test('shardHash() answers what stored snapshots were made with', () => {
		const hashes = ['', '10001', 'Section 7', 'élève'].map((key) => shardHash(new TextEncoder().encode(key)));
		expect(hashes).toMatchInlineSnapshot(`
			[
			  2872998923,
			  2434829144,
			  3557684734,
			  1101562602,
			]
		`);
	});

	test('spreads consecutive ids evenly', () => {
		const counts = new Array<number>(16).fill(0);
		for (let id = 0; id < 16_000; id++) {
			const shard = shardOf(shardHash(new TextEncoder().encode(String(100_000 + id))), 16);
			counts[shard] = (counts[shard] ?? 0) + 1;
		}
		expect(Math.max(...counts)).toBeLessThan(1_300);
		expect(Math.min(...counts)).toBeGreaterThan(700);
	});
});
