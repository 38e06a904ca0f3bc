export interface PaceSample {
	atMs: number;
	done: number;
}

/** Long enough to smooth over shards that finish together, short enough to notice throttling. */
const windowMs = 20_000;
/** Below this, one observation would pass for a rate. */
const minSpanMs = 1_000;

/** The samples that still count, with the new one; a count that goes back starts afresh. */
export function addSample(samples: readonly PaceSample[], next: PaceSample): PaceSample[] {
	const last = samples.at(-1);
	if (last && next.done < last.done) return [next];
	return [...samples.filter((sample) => next.atMs - sample.atMs <= windowMs), next];
}

export interface Pace {
	perSecond: number;
	leftMs: number;
}

/** Undefined while there is too little to tell from, or nothing moves. */
export function paceOf(samples: readonly PaceSample[], total: number): Pace | undefined {
	const first = samples[0];
	const last = samples.at(-1);
	if (!first || !last || last.atMs - first.atMs < minSpanMs || last.done <= first.done) return undefined;
	const perSecond = ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
	return { perSecond, leftMs: (Math.max(0, total - last.done) / perSecond) * 1000 };
}
