import type { GraphClock } from './graph-clock.ts';
import type { Reservation, Slowing, WriteBudget } from './write-budget.ts';

/** Reserved at a time: two seconds' worth, so that the shared account is asked seldom and a dead instance wastes little. */
const packet = 40;

/** A moment that was not used for so long is given up. */
const staleMs = 2_000;

/** Lets an instance's writes out at the moments that it has reserved, first come, first served. */
export interface WritePacer {
	/** Waits until so many writes may be sent. Throws what `check` throws, which is asked for the moment at which they may. */
	take(tenantId: string, units: number, options: TakeOptions): Promise<void>;
	slowDown(tenantId: string, slowing: Slowing): Promise<void>;
}

interface TakeOptions {
	check: (at: Date) => void;
	signal?: AbortSignal | undefined;
}

interface Lane {
	/** When writes may be sent, in order. */
	moments: number[];
	last: Promise<void>;
}

export function writePacer(budget: WriteBudget, clock: GraphClock): WritePacer {
	const lanes = new Map<string, Lane>();

	function laneOf(tenantId: string): Lane {
		const known = lanes.get(tenantId) ?? { moments: [], last: Promise.resolve() };
		lanes.set(tenantId, known);
		return known;
	}

	async function wait(tenantId: string, units: number, { check, signal }: TakeOptions): Promise<void> {
		const lane = laneOf(tenantId);
		for (;;) {
			signal?.throwIfAborted();
			const now = clock.now().getTime();
			lane.moments = lane.moments.filter((moment) => moment >= now - staleMs);
			while (lane.moments.length < units) {
				const wanted = Math.max(packet, units - lane.moments.length);
				lane.moments.push(...momentsOf(await budget.reserve(tenantId, wanted)));
			}
			const last = lane.moments[units - 1] as number;
			check(new Date(last));
			if (last > now) await clock.sleep(last - now, signal);
			// Unless somebody was refused meanwhile, and all have to wait for other moments.
			if (lane.moments[units - 1] === last) break;
		}
		lane.moments.splice(0, units);
	}

	return {
		take(tenantId, units, options) {
			if (units === 0) return Promise.resolve();
			const lane = laneOf(tenantId);
			const turn = lane.last.then(() => wait(tenantId, units, options));
			lane.last = turn.catch(() => {});
			return turn;
		},
		async slowDown(tenantId, slowing) {
			laneOf(tenantId).moments = [];
			await budget.slowDown(tenantId, slowing);
		},
	};
}

const momentsOf = ({ from, intervalMs, units }: Reservation) =>
	Array.from({ length: units }, (_, at) => from + at * intervalMs);
