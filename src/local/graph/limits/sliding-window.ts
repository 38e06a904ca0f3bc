import type { Allowance, AllowanceSize } from './allowance.ts';

/** Amounts are kept for parts of the window, so that a busy one needs no more memory than an idle one. */
const partsOfWindow = 100;

interface Part {
	/** When the last of it leaves the window. */
	endsMs: number;
	amount: number;
}

/** Lets through `capacity` in any `perSeconds`: what was used up comes back only as it gets as old as the window. */
export function createSlidingWindow({ capacity, perSeconds }: AllowanceSize): Allowance {
	const windowMs = perSeconds * 1000;
	const partMs = windowMs / partsOfWindow;
	let parts: Part[] = [];
	let used = 0;
	function expire(nowMs: number): void {
		if (!parts[0] || parts[0].endsMs > nowMs) return;
		const isOver = ({ endsMs }: Part) => endsMs <= nowMs;
		used -= parts.filter(isOver).reduce((sum, { amount }) => sum + amount, 0);
		parts = parts.filter((part) => !isOver(part));
	}
	return {
		secondsUntil(wanted, nowMs) {
			expire(nowMs);
			let left = used;
			for (const { endsMs, amount } of [{ endsMs: nowMs, amount: 0 }, ...parts]) {
				left -= amount;
				if (left + wanted <= capacity) return (endsMs - nowMs) / 1000;
			}
			return perSeconds;
		},
		take(amount, nowMs) {
			expire(nowMs);
			const endsMs = (Math.floor(nowMs / partMs) + 1) * partMs + windowMs;
			const last = parts.at(-1);
			if (last && last.endsMs >= endsMs) last.amount += amount;
			else parts.push({ endsMs, amount });
			used += amount;
		},
		usedShare(nowMs) {
			expire(nowMs);
			return used / capacity;
		},
	};
}
