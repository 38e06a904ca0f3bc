import { applyPhases, type RunOutcome, type RunPhase, type RunProgress } from './run.ts';

/** What one phase of a run has done. */
export type PhaseProgress = RunProgress & { phase: RunPhase };

/** What follows from the counts of a run. */
export interface RunFigures {
	/** Of those that have something to do; none once the run has ended. */
	phases: readonly Pick<PhaseProgress, 'phase' | 'done' | 'total'>[];
	/** Of the phase that is under way; absent before the first are done. */
	recordsPerSecond?: number;
	/** Of all records that are to be written; absent before their number is known. */
	percent?: number;
	/** At the rate of the phase that is under way; absent where that is unknown. */
	secondsLeft?: number;
}

export function figuresOf(
	{ phase, outcome }: { phase: RunPhase; outcome?: RunOutcome },
	reported: readonly PhaseProgress[],
): RunFigures {
	if (outcome) return { phases: [], ...(isComplete(outcome) ? { percent: 100 } : {}) };
	const busy = reported.filter(({ total }) => total > 0);
	const writing = busy.filter((each) => applyPhases.includes(each.phase));
	const sum = (count: 'done' | 'total') => writing.reduce((all, each) => all + each[count], 0);
	const [done, total] = [sum('done'), sum('total')];
	const rate = rateOf(busy.find((each) => each.phase === phase));
	const isWriting = applyPhases.includes(phase);
	return {
		phases: busy.map(({ phase: name, done, total }) => ({ phase: name, done, total })),
		...(rate === undefined ? {} : { recordsPerSecond: Math.round(rate * 10) / 10 }),
		...(total === 0 ? {} : { percent: Math.floor((100 * done) / total) }),
		...(rate === undefined || !isWriting ? {} : { secondsLeft: Math.ceil((total - done) / rate) }),
	};
}

const isComplete = (outcome: RunOutcome) => outcome === 'success' || outcome === 'error';

/** Between the first step's beginning and the last report: a pause since does not make it slower. */
function rateOf(progress: PhaseProgress | undefined): number | undefined {
	if (!progress?.since || !progress.until || progress.done === 0) return undefined;
	const seconds = (Date.parse(progress.until) - Date.parse(progress.since)) / 1000;
	return seconds > 0 ? progress.done / seconds : undefined;
}
