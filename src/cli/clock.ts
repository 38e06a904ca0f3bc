import { setTimeout as delay } from 'node:timers/promises';

/** Time as the client sees it; tests supply one that does not wait. */
export interface Clock {
	nowMs(): number;
	/** Rejects when the signal is aborted. */
	sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	nowMs: () => Date.now(),
	sleep: (durationMs, signal) => delay(durationMs, undefined, { signal }),
};
