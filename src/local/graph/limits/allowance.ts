/** So much of something in so much time. */
export interface AllowanceSize {
	capacity: number;
	perSeconds: number;
}

/** What is left of a limit. */
export interface Allowance {
	/** Seconds until as much can be taken; 0 if it can be now. */
	secondsUntil(amount: number, nowMs: number): number;
	take(amount: number, nowMs: number): void;
	/** Part of the capacity that is used up, from 0 to 1. */
	usedShare(nowMs: number): number;
}
