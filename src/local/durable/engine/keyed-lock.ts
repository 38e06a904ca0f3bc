/** Runs work on one key at a time, in order of arrival; different keys do not wait for each other. */
export type KeyedLock = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createKeyedLock(): KeyedLock {
	const tails = new Map<string, Promise<unknown>>();
	return async (key, work) => {
		const before = tails.get(key);
		const turn = (before ?? Promise.resolve()).then(work, work);
		tails.set(key, turn);
		try {
			return await turn;
		} finally {
			if (tails.get(key) === turn) tails.delete(key);
		}
	};
}
