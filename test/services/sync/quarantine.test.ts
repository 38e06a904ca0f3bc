import { describe, expect, test } from 'vitest';
import type { Profile } from '../../../src/domain/profile.ts';
import type { CourseResult } from '../../../src/domain/sync/course.ts';
import type { SyncRef } from '../../../src/ports.ts';
import { beginRun } from '../../../src/services/sync/steps/begin-run.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import { rosterByKind } from '../../support/worlds/drop-world.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

type World = ReturnType<typeof runWorld>;

/** A run that came to this, whatever it did. */
async function end({ accept, deps, current }: World, result: Partial<CourseResult>): Promise<Profile> {
	const run: SyncRef = await accept(rosterByKind());
	await beginRun(deps, run);
	const whole = { tallies: {}, directoryWrites: 0, held: 0, ...result };
	await finishRun(deps, run, whole);
	// Its last step is delivered at least once.
	await finishRun(deps, run, whole);
	return current();
}

const failure = 'The sync could not go on: a service that it needs did not answer.';
const tally = { added: 0, changed: 0, removed: 0, unchanged: 0, failed: 0 };
const failing = { tallies: { student: { ...tally, added: 2_000, failed: 501 } } };

describe('a profile is quarantined', () => {
	test('when five runs in a row could not go on, and says why and the way out', async () => {
		const world = runWorld();
		for (let count = 0; count < 4; count++) expect(await end(world, { failure })).toMatchObject({ status: 'error' });
		expect(await end(world, { failure })).toMatchObject({
			status: 'quarantined',
			statusMessage: expect.stringMatching(
				/^Stopped: 5 syncs in a row could not go on\..*\r\nThe sync could not go on:/,
			),
		});
	});

	test('when more than a quarter of many records failed', async () => {
		expect(await end(runWorld(), failing)).toMatchObject({
			status: 'quarantined',
			statusMessage: expect.stringMatching(
				/^Stopped: 501 of 2000 records \(25 %\).*\r\nProcessed 2000 in the last run\./,
			),
			lastEnd: { stopped: 'failedRecords', isRetryable: true },
		});
	});

	test('until a run does better', async () => {
		const world = runWorld();
		await end(world, failing);
		const inStep = await end(world, { tallies: { student: { ...tally, unchanged: 2_000 } } });
		expect(inStep).toMatchObject({ status: 'success', statusMessage: expect.stringMatching(/^Processed 2000 /) });
		expect(inStep.lastEnd).not.toHaveProperty('stopped');
	});
});

test('a run that did nothing says so', async () => {
	expect((await end(runWorld(), {})).statusMessage).toMatch(/^Nothing was synced: .*\r\nProcessed 0 in the last run\./);
});

test('what only a reset mends is not tried again', async () => {
	const world = runWorld();
	const lost = await world.accept(rosterByKind());
	await beginRun(world.deps, lost);
	const deps = { ...world.deps, storageLostAt: new Date(world.clock.now().getTime() + 1) };
	await finishRun(deps, lost, { tallies: {}, directoryWrites: 0, held: 0 });
	expect((await world.current()).lastEnd).toMatchObject({ failedRuns: 1 });
	expect((await world.current()).lastEnd).not.toHaveProperty('isRetryable');
});
