import type { Turn } from '../worlds/service-world.ts';

/** Lets waiting calls go on in an order that random numbers decide, one at a time. */
export function randomTurns(below: (limit: number) => number) {
	const waiting: (() => void)[] = [];
	let isOver = false;
	const turn: Turn = () => (isOver ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)));
	return {
		turn,
		/** Runs all to their end; after that nobody waits any more. */
		async untilDone<T>(all: Promise<T>): Promise<T> {
			const done = all.finally(() => {
				isOver = true;
			});
			// A failure is the caller's to see, in its own time.
			done.catch(() => {});
			while (!isOver) {
				await new Promise((resolve) => setImmediate(resolve));
				const [next] = waiting.splice(below(waiting.length), 1);
				next?.();
			}
			return done;
		},
	};
}
