import { setImmediate as untilAllWait } from 'node:timers/promises';
import type { Random } from '../../../bench/random.ts';
import type { Clock } from '../../../src/ports.ts';

export interface VirtualTime extends Clock {
	/** One access of the outside: it takes its time, and others may go first. */
	turn(): Promise<void>;
	/** Work that nobody waits for; its failure fails `untilRest`. */
	spawn(name: string, work: () => Promise<unknown>): void;
	/** Until nothing waits any more, be it for its turn or for a moment in time. */
	untilRest(): Promise<void>;
	/** Until this is done; what else goes on may still be under way. */
	untilDone(work: Promise<unknown>): Promise<void>;
}

const begin = Date.parse('2026-03-02T10:00:00.000Z');
/** Most accesses are fast. */
const turnMs = 40;
const slowTurnMs = 6_000;
const slowTurns = 0.005;
/** Far more than any schedule takes: something goes round in circles. */
const maxTurns = 200_000;

/**
 * A world in which one thing happens at a time. Who goes next, and how long it takes, random numbers decide; when everybody waits
 * for a moment in time, time jumps there. So hours pass in no time, and the same numbers give the same history.
 */
export function virtualTime(random: Random): VirtualTime {
	let now = begin;
	let turns = 0;
	const ready: (() => void)[] = [];
	const timers: { at: number; wake: () => void }[] = [];
	const failures: Error[] = [];

	function wakeUp(): void {
		for (let at = timers.length - 1; at >= 0; at--) {
			const timer = timers[at];
			if (!timer || timer.at > now) continue;
			timers.splice(at, 1);
			ready.push(timer.wake);
		}
	}

	/** False if there is nothing to do. */
	async function step(): Promise<boolean> {
		await untilAllWait();
		if (failures.length > 0) throw failures[0];
		if (++turns > maxTurns) throw new Error(`Nothing comes to rest in ${maxTurns} turns.`);
		wakeUp();
		if (ready.length === 0) {
			if (timers.length === 0) return false;
			now = Math.min(...timers.map(({ at }) => at));
			wakeUp();
		}
		const [next] = ready.splice(random.below(ready.length), 1);
		now += random.below(random.chance(slowTurns) ? slowTurnMs : turnMs);
		next?.();
		return true;
	}

	return {
		now: () => new Date(now),
		sleep: (milliseconds) => new Promise((wake) => timers.push({ at: now + milliseconds, wake })),
		turn: () => new Promise((wake) => ready.push(wake)),
		spawn(name, work) {
			work().catch((cause) => failures.push(new Error(`${name} failed: ${cause}`, { cause })));
		},
		async untilRest() {
			while (await step());
		},
		async untilDone(work) {
			let isDone = false;
			work.then(
				() => {
					isDone = true;
				},
				(error) => failures.push(error),
			);
			while (!isDone) if (!(await step()) && !isDone) throw new Error('Everybody waits for ever.');
		},
	};
}
