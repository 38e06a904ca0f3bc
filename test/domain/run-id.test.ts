import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newRunId, runStartTime, syncErrorId } from '../../src/domain/run-id.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/i;
const instants = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
const randomHex = fc.stringMatching(/^[0-9a-f]{18}$/);

describe('newRunId()', () => {
	test('is a GUID of version 8 that sorts later runs first and keeps their time', () => {
		fc.assert(
			fc.property(instants, instants, randomHex, (one, other, random) => {
				const [a, b] = [newRunId(one, random), newRunId(other, random)];
				expect(a).toMatch(guid);
				expect(runStartTime(a)).toEqual(one);
				expect(Math.sign(a.localeCompare(b))).toBe(Math.sign(other.getTime() - one.getTime()));
			}),
		);
	});

	test('differs for two runs of the same millisecond', () => {
		const now = new Date('2026-09-01T08:00:00Z');
		expect(newRunId(now, '0'.repeat(18))).not.toBe(newRunId(now, '1'.repeat(18)));
	});
});

describe('syncErrorId()', () => {
	const place = { stage: fc.nat(15), shard: fc.nat(65_535), index: fc.nat(4_294_967_295) };

	test('gives one place one upper-case id, and orders places by stage, shard and index', () => {
		const runId = newRunId(new Date('2026-09-01T08:00:00Z'), 'abcdef0123456789ab');
		fc.assert(
			fc.property(fc.record(place), fc.record(place), (one, other) => {
				const [a, b] = [syncErrorId({ runId, ...one }), syncErrorId({ runId, ...other })];
				expect(a).toMatch(guid);
				expect(a).toBe(a.toUpperCase());
				const order = one.stage - other.stage || one.shard - other.shard || one.index - other.index;
				expect(a < b ? -1 : a > b ? 1 : 0).toBe(Math.sign(order));
			}),
		);
	});

	test('orders the errors of a later run behind those of an earlier one', () => {
		const first = { stage: 15, shard: 3, index: 9, runId: newRunId(new Date(1000), '0'.repeat(18)) };
		const second = { stage: 0, shard: 0, index: 0, runId: newRunId(new Date(2000), '0'.repeat(18)) };
		expect(syncErrorId(first) < syncErrorId(second)).toBe(true);
	});
});
