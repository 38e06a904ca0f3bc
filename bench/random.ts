/** A small seeded generator (xorshift32): the same seed gives the same roster everywhere. */
export interface Random {
	/** A whole number from 0 to `limit - 1`. */
	below(limit: number): number;
	pick<T>(items: readonly T[]): T;
	/** True with the probability `rate`. */
	chance(rate: number): boolean;
}

export function seededRandom(seed: number): Random {
	// Zero would stay zero for ever.
	let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
	const next = () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return state >>> 0;
	};
	const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
	return {
		below,
		pick: (items) => items[below(items.length)] as (typeof items)[number],
		chance: (rate) => next() / 2 ** 32 < rate,
	};
}
