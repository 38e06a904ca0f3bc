import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { turningRosters } from '../../support/campaign/rosters.ts';
import { type ServiceOptions, startOneHost } from '../../support/campaign/service.ts';
import { type Turn, type TurnStory, takeTurn } from '../../support/campaign/turn.ts';
import { planTurns, type TurnPlan } from '../../support/campaign/turn-plans.ts';
import { startTwoHosts } from '../../support/campaign/two-hosts.ts';
import { type CampaignWorld, type Expected, undisturbed } from '../../support/campaign/undisturbed.ts';
import { createWriteRecord } from '../../support/campaign/written-rows.ts';
import { repetitionIn } from '../../support/campaign/written-slices.ts';
import type { DirectoryContent } from '../../support/rosters/directory-image.ts';
import { createProfile } from '../../support/sync-story.ts';

/**
 * Hosts and emulators that are killed at any instant of a run, again and again: `KILLS=300` turns on demand, of `KILL_SEED`. Two
 * rosters take turns, and each turn must come to what it comes to where nothing is disturbed.
 */

const turns = planTurns(Number(process.env.KILLS ?? 3), Number(process.env.KILL_SEED ?? 1));

let folder: string;
let options: ServiceOptions;
let world: CampaignWorld;
let hasTwoHosts = false;
let expected: readonly [Expected, Expected];

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'sds-kills-'));
	const rosters = await turningRosters(path.join(folder, 'roster'));
	const record = createWriteRecord(path.join(folder, 'writes'));
	options = { dataFolder: path.join(folder, 'data'), settings: record.settings };
	const service = await startOneHost(options);
	world = { service, record, profile: await createProfile(service.client) };
	expected = await undisturbed(world, rosters);
});

afterAll(async () => {
	await world?.service.stop();
	world?.record.close();
	await rm(folder, { recursive: true, force: true });
});

test('undisturbed, one roster succeeds, and of the other a person is refused and removals are held', () => {
	expect(expected.map(({ change }) => [change.outcome, change.errors.length, change.holds.length])).toEqual([
		['success', 0, 0],
		['error', 2, 1],
	]);
	for (const { written } of expected) expect(written.size).toBeGreaterThan(50);
});

/** Two hosts for a turn in which one of two is killed; then one again, over the same data. */
async function changeService({ victim, requestSeed }: TurnPlan): Promise<void> {
	const isTwo = victim === 'oneOfTwo';
	if (isTwo === hasTwoHosts) return;
	await world.service.stop();
	world = { ...world, service: await (isTwo ? startTwoHosts(options, requestSeed) : startOneHost(options)) };
	hasTwoHosts = isTwo;
}

test.for(turns)('$name', async (plan) => {
	await changeService(plan);
	const turn: Turn = { plan, wanted: expected[plan.roster], other: expected[1 - plan.roster] as Expected };
	const story = await takeTurn(world, turn);
	expect(story.open).toEqual([]);
	expectDeathsTold(story, turn);
	if (story.recovery) expectResetMadeCertain(story, turn);
	else if (story.isForgotten) expectAllThere(story.content, turn.wanted, turn);
	else expectSameEnd(story, turn);
	expect(story.again).toEqual(turn.wanted.again);
	expect(story.contentAgain).toEqual(turn.wanted.content);
	expect([...story.writtenAgain]).toEqual([]);
	const { repeated, interruptions } = repetitionIn(story, turn);
	expect(repeated).toBeLessThanOrEqual(interruptions);
});

/** Storage is lost with the emulator only; then the host says so at once, and the next start does. Only what is lost may fail. */
function expectDeathsTold({ kills, runs }: TurnStory, { plan: { victim } }: Turn): void {
	const losesStorage = victim === 'emulator' || victim === 'both';
	for (const { ended, log, losses } of kills) {
		expect(ended).toBe(victim === 'emulator' ? 1 : 'SIGKILL');
		if (victim === 'emulator') expect(log).toContain('The storage emulator has ended unexpectedly (signal SIGKILL).');
		expect(losses.join()).toMatch(losesStorage ? /did not end cleanly/ : /^$/);
	}
	const failures = runs.filter(({ outcome }) => outcome === 'failed').map(({ failure }) => String(failure));
	for (const failure of failures)
		expect(failure).toMatch(losesStorage ? /storage may have lost|lost in a crash/ : /lost in a crash/);
}

/** Accepted files are in the directory, whichever of them storage still knows. */
function expectResetMadeCertain({ recovery, content }: TurnStory, turn: Turn): void {
	expect(recovery?.status).toBe(200);
	expect(recovery?.run).toMatchObject({ reason: 'reset', outcome: expect.stringMatching(/success|error/) });
	const accepted = recovery?.run.outcome === turn.wanted.change.outcome ? turn.wanted : turn.other;
	expectAllThere(content, accepted, turn);
}

/** What the files say is there; whoever else is there was before, and is removed by later syncs. */
function expectAllThere(content: DirectoryContent, { content: said }: Expected, { wanted, other }: Turn): void {
	expect([...said.memberships].filter((membership) => !content.memberships.has(membership))).toEqual([]);
	const known = new Set([...wanted.content.memberships, ...other.content.memberships]);
	expect([...content.memberships].filter((membership) => !known.has(membership))).toEqual([]);
	expect([...content.objects.keys()]).toEqual([...said.objects.keys()]);
	for (const [id, object] of content.objects)
		expect([wanted.content.objects.get(id), other.content.objects.get(id)]).toContain(object);
}

function expectSameEnd({ content, account, runs }: TurnStory, { plan, wanted }: Turn): void {
	expect(content).toEqual(wanted.content);
	// A replaced run has done a part of what was to be done, so counts differ.
	if (plan.disturbance === 'replace') {
		const { tallies: _, statusMessage: __, ...told } = wanted.again;
		expect(account).toMatchObject(told);
		return;
	}
	expect([wanted.change, wanted.again]).toContainEqual(account);
	const bringing = runs.filter(({ tallies }) => JSON.stringify(tallies) === JSON.stringify(wanted.change.tallies));
	expect(bringing).toHaveLength(1);
	expect(bringing[0]?.directoryWrites).toBeLessThanOrEqual(wanted.directoryWrites);
}
