import { describe, expect, test } from 'vitest';
import type { Run, RunOutcome, Tally } from '../../../src/domain/run.ts';
import { type RunEnd, resultText, runEnd, stopText } from '../../../src/domain/schedule/run-end.ts';
import { newRun } from '../../support/rosters/run-builder.ts';

const finishedDateTime = '2026-03-02T10:00:00.000Z';
const tally = (changes: Partial<Tally>): Tally => ({
	added: 0,
	changed: 0,
	removed: 0,
	unchanged: 0,
	failed: 0,
	...changes,
});
const ended = (outcome: RunOutcome, changes: Partial<Run> = {}) =>
	newRun(new Date(finishedDateTime), { outcome, ...changes });
const endOf = (run: Run, previous?: RunEnd) => runEnd(run, { previous, finishedDateTime });
/** The ends of runs one after the other. */
function endsOf(...runs: readonly Run[]): RunEnd[] {
	const ends: RunEnd[] = [];
	for (const run of runs) ends.push(endOf(run, ends.at(-1)));
	return ends;
}
const records = (total: number, failed: number) =>
	ended('error', { tallies: { student: tally({ added: total, failed }) } });

describe('a profile is stopped', () => {
	test('by five runs in a row that could not go on, and goes on counting', () => {
		const ends = endsOf(...Array.from({ length: 6 }, () => ended('failed')));
		expect(ends.map(({ stopped }) => stopped)).toEqual([
			undefined,
			undefined,
			undefined,
			undefined,
			'failedRuns',
			'failedRuns',
		]);
	});

	test('not by five with another one between them', () => {
		const failed = Array.from({ length: 4 }, () => ended('failed'));
		expect(endsOf(...failed, ended('error'), ...failed).some(({ stopped }) => stopped)).toBe(false);
	});

	test.each([
		[1_000, 1_000, undefined],
		[1_001, 251, 'failedRecords'],
		[2_000, 500, undefined],
		[2_000, 501, 'failedRecords'],
	])('of %i records by %i that failed: %s', (total, failed, stopped) => {
		expect(endOf(records(total, failed)).stopped).toBe(stopped);
	});

	test('with a sentence that says why, and how to go on', () => {
		const run = records(2_000, 501);
		expect(stopText(run, endOf(run))).toMatch(
			/^Stopped: 501 of 2000 records \(25 %\) could not be written\..* resume .* reset/,
		);
		const last = ended('failed');
		expect(stopText(last, endsOf(last, last, last, last, last).at(-1) as RunEnd)).toMatch(/^Stopped: 5 syncs in a row/);
		expect(stopText(last, endOf(last))).toBeUndefined();
	});
});

describe('trying again', () => {
	test('may help where records failed or a service did not answer, and not where only a reset does', () => {
		expect(endOf(records(10, 1)).isRetryable).toBe(true);
		expect(endOf(ended('failed')).isRetryable).toBe(true);
		expect(endOf(ended('success'))).not.toHaveProperty('isRetryable');
		const lost = runEnd(ended('failed'), { previous: undefined, finishedDateTime, needsReset: true });
		expect(lost).not.toHaveProperty('isRetryable');
	});

	test('is counted in a row, and anew after a run that somebody asked for', () => {
		const again = { ...records(10, 1), reason: 'schedule' as const };
		const ends = endsOf(records(10, 1), again, again, records(10, 1), again, ended('success'), again);
		expect(ends.map(({ retries }) => retries)).toEqual([0, 1, 2, 0, 1, 0, 0]);
	});
});

test('removals that wait are remembered, but not of a run that could not go on', () => {
	expect(endOf(ended('success', { heldRemovals: 9 })).isHolding).toBe(true);
	expect(endOf(ended('failed', { heldRemovals: 9 }))).not.toHaveProperty('isHolding');
});

describe('what a run did is said', () => {
	test('in the two sentences that clients know', () => {
		const tallies = {
			student: tally({ added: 3, unchanged: 5, failed: 1 }),
			schoolStudent: tally({ added: 3 }),
		};
		expect(resultText(ended('error', { tallies }))).toBe('Processed 8 in the last run.\r\nUpdated 2 in the last run.');
	});

	test.each<[string, Partial<Run>]>([
		['the files have no rows', { rows: { student: 0 }, tallies: { student: tally({}) } }],
		['every row of the files has an error', { rows: { student: 2 }, acceptedRows: { student: 0 } }],
		['the customizations of the profile defer all', { rows: { student: 2 }, acceptedRows: { student: 2 } }],
	])('with the reason where it did nothing: %s', (reason, changes) => {
		expect(resultText(ended('success', changes))).toMatch(
			new RegExp(`^Nothing was synced: ${reason}.*\r\nProcessed 0 `),
		);
	});

	test('by its failure where it has one', () => {
		expect(resultText(ended('failed', { failure: 'The run was lost in a crash.' }))).toBe(
			'The run was lost in a crash.',
		);
	});
});
