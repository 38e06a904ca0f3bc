export interface HostClock {
	now(): Date;
	/** Calls `run` after `delayMs`; returns a function that cancels it. */
	after(delayMs: number, run: () => void): () => void;
}

/** `setTimeout` fires at once beyond 24.8 days (0x7fffffff ms), so long waits are cut into steps. */
const maxStepMs = 0x7fff_ffff;

export const systemClock: HostClock = {
	now: () => new Date(),
	after(delayMs, run) {
		let timer: NodeJS.Timeout;
		const arm = (remainingMs: number) => {
			const stepMs = Math.min(remainingMs, maxStepMs);
			timer = setTimeout(() => (remainingMs > stepMs ? arm(remainingMs - stepMs) : run()), stepMs);
		};
		arm(Math.max(0, delayMs));
		return () => clearTimeout(timer);
	},
};
