import { setImmediate } from 'node:timers/promises';
import type { HostClock } from '../../../src/local/host-clock.ts';

export interface ManualClock extends HostClock {
	/** Moves on to the time, firing what is due on the way, each at its own time. */
	advanceTo(time: string): Promise<void>;
}

export function createManualClock(start: string): ManualClock {
	let now = Date.parse(start);
	const waiting = new Set<{ at: number; run: () => void }>();
	return {
		now: () => new Date(now),
		after(delayMs, run) {
			const entry = { at: now + delayMs, run };
			waiting.add(entry);
			return () => void waiting.delete(entry);
		},
		async advanceTo(time) {
			const end = Date.parse(time);
			for (;;) {
				await settled();
				const [next] = [...waiting].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
				if (!next) break;
				waiting.delete(next);
				now = Math.max(now, next.at);
				next.run();
			}
			now = end;
		},
	};
}

/** Lets every promise settle that needs nothing but the event loop. */
async function settled(): Promise<void> {
	for (let turn = 0; turn < 10; turn += 1) await setImmediate();
}
