import { type RosterKind, rosterKinds } from '../roster/format/kinds.ts';
import type { Run, Tally } from '../run.ts';

/** How the latest run that came to its end did so: what is decided by it afterwards. */
export interface RunEnd {
	runId: string;
	finishedDateTime: string;
	/** Trying again may help: records failed, or a service did not answer. */
	isRetryable?: true;
	/** How often in a row that was done. */
	retries: number;
	/** So many runs in a row `failed`. */
	failedRuns: number;
	/** Removals wait for approval. */
	isHolding?: true;
	/** Why nothing starts by itself any more. */
	stopped?: StopCause;
}

export type StopCause = 'failedRuns' | 'failedRecords';

/** After so many runs in a row that could not go on, the next one would not either. */
const maxFailedRuns = 5;
/** Of so many records a share is a sign of wrong settings, not of wrong records. */
const manyRecords = 1_000;
const maxFailedShare = 0.25;

type Ended = Pick<Run, 'id' | 'reason' | 'outcome' | 'tallies' | 'heldRemovals' | 'rows' | 'acceptedRows' | 'failure'>;

interface EndOptions {
	previous: RunEnd | undefined;
	finishedDateTime: string;
	/** What made it fail only a reset mends. */
	needsReset?: boolean;
}

/** Of a run that came to its end, or was lost on the way. */
export function runEnd(run: Ended, { previous, finishedDateTime, needsReset = false }: EndOptions): RunEnd {
	const hasFailed = run.outcome === 'failed';
	const failedRuns = hasFailed ? (previous?.failedRuns ?? 0) + 1 : 0;
	const { processed, failed } = countsOf(run);
	const isRetryable = hasFailed ? !needsReset : run.outcome === 'error';
	const tooManyRecords = !hasFailed && processed > manyRecords && failed > processed * maxFailedShare;
	return {
		runId: run.id,
		finishedDateTime,
		...(isRetryable ? { isRetryable } : {}),
		retries: run.reason === 'schedule' && previous?.isRetryable ? previous.retries + 1 : 0,
		failedRuns,
		...(run.heldRemovals !== undefined && !hasFailed ? { isHolding: true } : {}),
		...(failedRuns >= maxFailedRuns ? { stopped: 'failedRuns' } : tooManyRecords ? { stopped: 'failedRecords' } : {}),
	};
}

/** Of what has rows in the files. */
function countsOf({ tallies }: Pick<Run, 'tallies'>) {
	const total = (pick: keyof Tally) => rosterKinds.reduce((sum, kind) => sum + (tallies[kind]?.[pick] ?? 0), 0);
	const changed = total('added') + total('changed') + total('removed');
	return { processed: changed + total('unchanged'), changed, failed: total('failed') };
}

const wayOut =
	'Nothing starts by itself until then: start with corrected files, resume to try again, or reset the profile.';

/** Why the profile is quarantined, and the way out; undefined if nothing was stopped. */
export function stopText(run: Ended, { stopped, failedRuns }: RunEnd): string | undefined {
	const { processed, failed } = countsOf(run);
	switch (stopped) {
		case 'failedRuns':
			return `Stopped: ${failedRuns} syncs in a row could not go on. Mend what the next line says. ${wayOut}`;
		case 'failedRecords':
			return `Stopped: ${failed} of ${processed} records (${Math.round((100 * failed) / processed)} %) could not be written. The errors say why; often it is a setting of the profile. ${wayOut}`;
		default:
			return undefined;
	}
}

/** What a run did: in two sentences that clients know, and another one where it did nothing at all. */
export function resultText(run: Ended): string {
	if (run.failure) return run.failure;
	const { processed, changed, failed } = countsOf(run);
	const counts = `Processed ${processed} in the last run.\r\nUpdated ${changed - failed} in the last run.`;
	const didNothing = Object.values(run.tallies).every((tally) => isNothing(tally));
	return didNothing ? `${nothingText(run)}\r\n${counts}` : counts;
}

const isNothing = ({ added, changed, removed, unchanged }: Tally) => added + changed + removed + unchanged === 0;

function nothingText({ rows, acceptedRows }: Ended): string {
	const sum = (counts: Partial<Record<RosterKind, number>>) =>
		Object.values(counts).reduce((total, count) => total + count, 0);
	if (sum(rows) === 0) return 'Nothing was synced: the files have no rows.';
	if (acceptedRows && sum(acceptedRows) === 0) return 'Nothing was synced: every row of the files has an error.';
	return 'Nothing was synced: the customizations of the profile defer all that the files have.';
}
