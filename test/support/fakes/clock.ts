import type { Clock } from '../../../src/ports.ts';

export interface FakeClock extends Clock {
	set(iso: string): void;
}

/** Stands still until it is set; sleeping moves it on at once. */
export function fakeClock(iso = '2026-03-02T10:00:00.000Z'): FakeClock {
	let now = new Date(iso).getTime();
	return {
		now: () => new Date(now),
		sleep: async (milliseconds) => {
			now += milliseconds;
		},
		set: (next) => {
			now = new Date(next).getTime();
		},
	};
}
