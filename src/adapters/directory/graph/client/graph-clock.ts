import { setTimeout as pause } from 'node:timers/promises';

/** What the client needs of time and chance; tests put their own in its place. */
export interface GraphClock {
	now(): Date;
	sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
	/** Aborted after so long. */
	timeout(milliseconds: number): AbortSignal;
	/** Between 0 and 1. */
	random(): number;
}

export const systemGraphClock: GraphClock = {
	now: () => new Date(),
	async sleep(milliseconds, signal) {
		await pause(milliseconds, undefined, signal ? { signal } : {});
	},
	timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
	random: Math.random,
};
