import type { EntityKind } from '../records/attribute-map.ts';
import type { RekeyedPair } from './rekeys.ts';
import { type Hold, holdOf } from './removals.ts';

/** So many pairs are shown. */
const pairsShown = 10;

/** Records of a kind that came under new SIS ids, of how many that are there. */
export function rekeyedHold(kind: EntityKind, pairs: readonly RekeyedPair[], present: number): Hold {
	const isPerson = kind === 'student' || kind === 'teacher';
	return holdOf(kind, 'rekeyed', {
		removals: pairs.length,
		present,
		people: isPerson ? pairs.length : 0,
		rekeyed: pairs.slice(0, pairsShown).map(({ from, to, evidence }) => ({ from, to, evidence })),
	});
}
