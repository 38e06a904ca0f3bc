/** Keeps the first `limit` of all items given, in order, with at most twice as many in memory. */
export interface BestPlaces<T> {
	offer(item: T): void;
	/** In order. */
	result(): readonly T[];
}

/** Sorting a full buffer and dropping its second half costs, per item, no more than a heap does. */
export function bestPlaces<T>(limit: number, compare: (left: T, right: T) => number): BestPlaces<T> {
	let kept: T[] = [];
	let worst: T | undefined;
	const prune = () => {
		kept = kept.sort(compare).slice(0, limit);
		if (kept.length === limit) worst = kept.at(-1);
	};
	return {
		offer: (item) => {
			if (worst !== undefined && compare(item, worst) >= 0) return;
			kept.push(item);
			if (kept.length >= 2 * limit) prune();
		},
		result: () => {
			prune();
			return kept;
		},
	};
}
