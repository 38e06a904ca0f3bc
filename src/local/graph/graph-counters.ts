import type { RequestCost } from './limits/request-cost.ts';

interface KindCounts {
	/** Admitted or not. */
	requests: number;
	/** Admitted requests that count on the write quota. */
	writes: number;
	throttled: number;
	/** Answered with another error than 429. */
	failed: number;
}

export interface GraphCounts extends KindCounts {
	/** A batch is one, however many requests it has. */
	httpRequests: number;
	batches: number;
	resourceUnits: number;
	/** Access tokens that were given out. */
	tokens: number;
	/** The most writes that one app made in one tenant in any 150 seconds. */
	mostWritesInWindow: number;
	/** By `POST /education/users` and the like. */
	byKind: Record<string, KindCounts>;
}

/** The time for which Graph states its limit of writes. */
const windowMs = 150_000;

export interface GraphCounters {
	read(): GraphCounts;
	count(event: 'httpRequests' | 'batches' | 'tokens'): void;
	/** `owner` is an app in a tenant. */
	countAdmitted(kind: string, cost: RequestCost, write: { owner: string; nowMs: number }): void;
	countThrottled(kind: string): void;
	countFailed(kind: string): void;
}

export function createCounters(): GraphCounters {
	const totals = { httpRequests: 0, batches: 0, resourceUnits: 0, tokens: 0, mostWritesInWindow: 0, ...noCounts() };
	const byKind: Record<string, KindCounts> = {};
	const windows = new Map<string, WriteWindow>();
	const both = (kind: string, change: (counts: KindCounts) => void) => {
		byKind[kind] ??= noCounts();
		change(byKind[kind]);
		change(totals);
	};
	return {
		read: () => ({ ...totals, byKind: structuredClone(byKind) }),
		count(event) {
			totals[event] += 1;
		},
		countAdmitted(kind, { resourceUnits, writes }, { owner, nowMs }) {
			totals.resourceUnits += resourceUnits;
			both(kind, (counts) => {
				counts.requests += 1;
				counts.writes += writes;
			});
			if (writes === 0) return;
			const window = windows.get(owner) ?? createWriteWindow();
			windows.set(owner, window);
			totals.mostWritesInWindow = Math.max(totals.mostWritesInWindow, window.add(nowMs));
		},
		countThrottled(kind) {
			both(kind, (counts) => {
				counts.requests += 1;
				counts.throttled += 1;
			});
		},
		countFailed: (kind) =>
			both(kind, (counts) => {
				counts.failed += 1;
			}),
	};
}

function noCounts(): KindCounts {
	return { requests: 0, writes: 0, throttled: 0, failed: 0 };
}

interface WriteWindow {
	/** Writes in the window that ends with this one. */
	add(nowMs: number): number;
}

function createWriteWindow(): WriteWindow {
	let times: number[] = [];
	let first = 0;
	return {
		add(nowMs) {
			times.push(nowMs);
			while ((times[first] as number) <= nowMs - windowMs) first += 1;
			if (first > times.length / 2) {
				times = times.slice(first);
				first = 0;
			}
			return times.length - first;
		},
	};
}
