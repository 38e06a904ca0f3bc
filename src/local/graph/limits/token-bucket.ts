/** Lets through `capacity` at once and `capacity / perSeconds` a second for ever. */
export interface TokenBucket {
	/** Seconds until there are as many tokens; 0 if there are. */
	secondsUntil(tokens: number, nowMs: number): number;
	take(tokens: number, nowMs: number): void;
	/** Part of the capacity that is used up, from 0 to 1. */
	usedShare(nowMs: number): number;
}

export function createTokenBucket({ capacity, perSeconds }: { capacity: number; perSeconds: number }): TokenBucket {
	const perMs = capacity / (perSeconds * 1000);
	let tokens = capacity;
	let filledMs: number | undefined;
	function fill(nowMs: number): void {
		// A clock that steps back neither fills nor empties.
		if (filledMs !== undefined && nowMs > filledMs) tokens = Math.min(capacity, tokens + (nowMs - filledMs) * perMs);
		filledMs = nowMs;
	}
	return {
		secondsUntil(wanted, nowMs) {
			fill(nowMs);
			return tokens >= wanted ? 0 : (wanted - tokens) / perMs / 1000;
		},
		take(wanted, nowMs) {
			fill(nowMs);
			tokens -= wanted;
		},
		usedShare(nowMs) {
			fill(nowMs);
			return 1 - tokens / capacity;
		},
	};
}
