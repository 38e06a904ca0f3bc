import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import { KeyTable } from '../../../src/domain/roster/csv/key-table.ts';
import { compareEntities, compareMemberships } from '../../../src/domain/sync/comparison.ts';
import {
	entityPayload,
	incompleteHash,
	membershipStates,
	Snapshot,
} from '../../../src/domain/sync/history/snapshot.ts';

/**
 * Ids that are prepared to meet in one slot of a table whose seed is known. Whoever uploads a roster may choose them; the seed is
 * drawn for each use, so they are as any others.
 */

const letters = [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const blockLength = 6;

function mix(value: number): number {
	let mixed = value | 0;
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return mixed ^ (mixed >>> 16);
}

/** As `KeyTable` hashes. Two texts that lead from one state to the same one may stand for each other anywhere. */
function collidingIds(seed: number, count: number): string[] {
	const basis = mix(seed);
	const multiplier = mix(basis ^ 0x9e3779b9) | 1;
	const step = (hash: number, byte: number) => {
		const mixed = Math.imul(hash ^ byte, multiplier);
		return (mixed ^ (mixed >>> 15)) | 0;
	};
	const pairFrom = (start: number): { texts: [string, string]; end: number } => {
		const seen = new Map<number, string>();
		for (let number = 0; ; number++) {
			let text = '';
			let hash = start;
			for (let rest = number, at = 0; at < blockLength; at++, rest = Math.floor(rest / letters.length)) {
				const letter = letters[rest % letters.length] as string;
				text += letter;
				hash = step(hash, letter.charCodeAt(0));
			}
			const twin = seen.get(hash);
			if (twin) return { texts: [twin, text], end: hash };
			seen.set(hash, text);
		}
	};
	const blocks: [string, string][] = [];
	for (let state = basis; 2 ** blocks.length < count; ) {
		const { texts, end } = pairFrom(state);
		blocks.push(texts);
		state = end;
	}
	return Array.from({ length: count }, (_, number) => blocks.map((pair, at) => pair[(number >> at) & 1]).join(''));
}

const count = 16_384;
const known = 0;
const prepared = collidingIds(known, count);
const random = seededRandom(1);
const ordinary = prepared.map((id) => Array.from(id, () => random.pick(letters)).join(''));
const bytes = (text: string) => new TextEncoder().encode(text);
const drawn = 0x5bd1e995;

/** The best of some, so that what else the machine does counts little. */
function fastest(work: () => void): number {
	const times = Array.from({ length: 5 }, () => {
		const start = performance.now();
		work();
		return performance.now() - start;
	});
	return Math.min(...times);
}

const uses: Readonly<Record<string, (ids: readonly string[], seed: number) => void>> = {
	'a table of keys': (ids, seed) => {
		const table = new KeyTable({ seed });
		for (const id of ids) table.intern(bytes(id), 0, id.length);
	},
	'a comparison of people': (ids, seed) => {
		const previous = new Snapshot(32, seed);
		for (const id of ids) previous.set(bytes(id), entityPayload(incompleteHash, undefined));
		const shard = bytes(ids.map((id) => `${id}\x1fS1\n`).join(''));
		compareEntities(shard, previous, {
			seed,
			mayRemove: true,
			recordsPerSlice: 1000,
			mapping: bytes('m'),
		});
	},
	'a comparison of classes': (ids, seed) => {
		const previous = new Snapshot(1, seed);
		for (const id of ids) previous.set(bytes(`${id}\x1fP1`), membershipStates.there);
		const shard = bytes(ids.map((id) => `${id}\x1fP2\n`).join(''));
		compareMemberships(shard, previous, { seed, mayRemove: true, cutsGroups: false, recordsPerSlice: 1000 });
	},
};

test('prepared ids do meet where the seed is the one that they were prepared for', () => {
	const use = uses['a table of keys'] as (typeof uses)[string];
	const few = prepared.slice(0, 1_024);
	expect(fastest(() => use(few, known))).toBeGreaterThan(3 * fastest(() => use(few, drawn)));
});

describe.each(Object.keys(uses))('%s', (name) => {
	test('takes prepared ids as it takes any', () => {
		const use = uses[name] as (typeof uses)[string];
		expect(fastest(() => use(prepared, drawn))).toBeLessThan(3 * fastest(() => use(ordinary, drawn)));
	});
});
