import type { GraphRequest } from '../graph-request.ts';
import { seededShare } from './seeded-random.ts';

/** What goes wrong on purpose. Shares are of all requests, those in batches each for itself, from 0 to 1. */
export interface Faults {
	seed?: number;
	/** Answered 429, below the quotas as well. */
	throttled?: number;
	/** Answered 503, nothing done. */
	unavailable?: number;
	/** Carried out, and answered 504. */
	timedOut?: number;
	/** Share of HTTP requests whose connection breaks after everything was carried out. */
	cut?: number;
	/** Objects that the directory never takes: true answers 400. */
	refuses?(request: Pick<GraphRequest, 'method' | 'segments' | 'body'>): boolean;
}

export type Fault = 'throttled' | 'unavailable' | 'timedOut' | 'refused';

/** Decides what happens to each request, by the seed and the number of the request. */
export interface FaultSource {
	change(faults: Faults): void;
	ofRequest(request: GraphRequest): Fault | undefined;
	isCut(): boolean;
	/** To answer in an order that is not that of the requests. */
	shuffled<T>(items: readonly T[]): T[];
}

const byShare = ['throttled', 'unavailable', 'timedOut'] as const;

export function createFaultSource(initial: Faults): FaultSource {
	let faults = initial;
	let asked = 0;
	function nextShare(): number {
		asked += 1;
		return seededShare(faults.seed ?? 1, `fault ${asked}`);
	}
	return {
		change(changed) {
			faults = changed;
		},
		ofRequest(request) {
			let share = nextShare();
			for (const fault of byShare) {
				share -= faults[fault] ?? 0;
				if (share < 0) return fault;
			}
			return faults.refuses?.(request) ? 'refused' : undefined;
		},
		isCut: () => nextShare() < (faults.cut ?? 0),
		shuffled: (items) =>
			items
				.map((item) => ({ item, place: nextShare() }))
				.sort((left, right) => left.place - right.place)
				.map(({ item }) => item),
	};
}
