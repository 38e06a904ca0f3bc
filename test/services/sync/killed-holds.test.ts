import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type { SyncRef } from '../../../src/ports.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import { type DistrictFiles, district } from '../../support/rosters/district.ts';
import { type Death, dying } from '../../support/worlds/dying-world.ts';
import { runSteps } from '../../support/worlds/run-steps.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const { enrollments, files } = district({ schools: 3, classes: 3, students: 12 });
const whole = files(enrollments);
const header = (text: string) => `${text.split('\r\n')[0]}\r\n`;
const without = (isLost: (row: string) => boolean) => files(enrollments.filter((row) => !isLost(row)));

const exports: Readonly<Record<string, { files: DistrictFiles; scopes: readonly string[] }>> = {
	'a class': { files: without((row) => row.startsWith('S1C0,')), scopes: ['class'] },
	'more than half of a school': {
		files: without((row) => /^S1C\d,.*P[0-6]$/.test(row)),
		scopes: ['school'],
	},
	'a kind': { files: { ...whole, studentEnrollment: header(whole.studentEnrollment) }, scopes: ['file'] },
	'the whole district': {
		files: {
			...whole,
			studentEnrollment: header(whole.studentEnrollment),
			teacherRoster: header(whole.teacherRoster),
		},
		scopes: ['file', 'file'],
	},
};

/** How many instants of each; `KILLED_HOLDS=all` for every call of every run. */
const asked = process.env.KILLED_HOLDS ?? '6';

type World = ReturnType<typeof runWorld>;

async function synced(changes: Parameters<typeof runWorld>[0] = {}): Promise<World> {
	const world = runWorld({ status: 'inProgress', ...changes }, { recordsPerSlice: 20 });
	await sync(world, whole);
	return world;
}

interface Sync {
	death?: Death;
	approvedRunId?: string;
}

/** Answers the run, what it held, and how many calls of ports it made. */
async function sync(world: World, wanted: DistrictFiles, { death, approvedRunId }: Sync = {}) {
	await world.change({ status: 'inProgress' });
	const run = await world.accept(wanted);
	const record = await world.deps.runs.get(run.profileId, run.runId);
	if (record && approvedRunId) await world.deps.runs.save({ ...record, approvedRunId });
	const mortal = dying(world.deps, death);
	const result = await runSteps(mortal.deps, run, mortal.deliver);
	await mortal.deliver(async () => {
		await finishRun(mortal.deps, run, result);
		return {};
	});
	if (death) expect(mortal.hasDied()).toBe(true);
	return { run, calls: mortal.calls(), seen: await stateOf(world, run) };
}

/** All that somebody sees of a run, and the directory. */
async function stateOf(world: World, run: SyncRef) {
	const { holds } = await readHolds(world.deps, run);
	const record = await world.deps.runs.get(run.profileId, run.runId);
	const { status } = await world.current();
	return { holds, status, outcome: record?.outcome, tallies: record?.tallies, members: world.members() };
}

function instants(calls: number, seed: number): Death[] {
	const all = Array.from({ length: calls }, (_, call) =>
		(['before', 'after'] as const).map((when) => ({ call, when })),
	).flat();
	if (asked === 'all') return all;
	const random = seededRandom(seed);
	return Array.from({ length: Number(asked) }, () => random.pick(all));
}

describe.each(Object.keys(exports))('an export that lost %s', (name) => {
	const { files: broken, scopes } = exports[name] as (typeof exports)[string];

	test('is held as ever, wherever the host is killed, and held again the next time', async () => {
		const undisturbed = await sync(await synced(), broken);
		expect(undisturbed.seen).toMatchObject({ status: 'quarantined', members: (await synced()).members() });
		expect(undisturbed.seen.holds.map(({ scope }) => scope)).toEqual(scopes);
		for (const death of instants(undisturbed.calls, 1)) {
			const world = await synced();
			const label = JSON.stringify(death);
			expect((await sync(world, broken, { death })).seen, label).toEqual(undisturbed.seen);
			const again = await sync(world, broken);
			expect([again.seen.holds, again.seen.members], label).toEqual([undisturbed.seen.holds, undisturbed.seen.members]);
		}
	});

	test('comes to the end of a run without holds when it is approved, wherever the host is killed', async () => {
		const free = await sync(await synced({ safety: 'off' }), broken);
		expect(free.seen.holds).toEqual([]);
		const first = await synced();
		const held = await sync(first, broken);
		const { calls } = await sync(first, broken, { approvedRunId: held.run.runId });
		for (const death of instants(calls, 2)) {
			const world = await synced();
			const { run } = await sync(world, broken);
			const approved = await sync(world, broken, { approvedRunId: run.runId, death });
			expect(approved.seen, JSON.stringify(death)).toMatchObject({
				holds: [],
				status: 'success',
				members: free.seen.members,
				tallies: free.seen.tallies,
			});
		}
	});
});
