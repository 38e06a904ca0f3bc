import type { Allowance, AllowanceSize } from './allowance.ts';

/** Lets through `capacity` at once and `capacity / perSeconds` a second for ever. */
export function createTokenBucket({ capacity, perSeconds }: AllowanceSize): Allowance {
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
