import { setTimeout as pause } from 'node:timers/promises';
import { type Json, poll } from '../requests/graph-client.ts';
import { type DirectoryContent, directoryContent } from '../rosters/directory-image.ts';
import { latestRun, uploadFiles } from '../sync-story.ts';
import { accountOf, type RunAccount, runsSince } from './run-accounts.ts';
import type { Killed } from './service.ts';
import type { Instant, TurnPlan } from './turn-plans.ts';
import { type CampaignWorld, type Expected, settled, sync } from './undisturbed.ts';
import type { WrittenRows } from './written-rows.ts';

export interface Turn {
	plan: TurnPlan;
	wanted: Expected;
	other: Expected;
}

/** What a turn came to, before anybody judges it. */
export interface TurnStory {
	kills: readonly Killed[];
	/** Runs of the turn, newest first, until accepted files were in the directory. */
	runs: readonly Json[];
	/** By them; where storage lost something, since it was started again. */
	written: WrittenRows;
	/** What is in the directory then, and what the profile says of it. */
	content: DirectoryContent;
	account: RunAccount;
	/** What a reset came to, where storage had lost something. */
	recovery?: { status: number; run: Json };
	/** The profile was reset, and nobody was removed. What the two rosters say of whom is then put right, which follows at once. */
	isForgotten: boolean;
	/** At the very end: an unchanged sync, what it wrote, and what is in the directory after it. */
	again: RunAccount;
	writtenAgain: WrittenRows;
	contentAgain: DirectoryContent;
	/** Runs that nobody has closed. */
	open: readonly Json[];
}

const none: ReadonlySet<unknown> = new Set();

export async function takeTurn(world: CampaignWorld, turn: Turn): Promise<TurnStory> {
	const { service, profile, record } = world;
	const { wanted, other } = turn;
	const { client } = service;
	const known = new Set((await runsSince(client, profile, none)).map(({ id }) => id));
	record.take();
	const kills = await disturbedStart(world, turn);
	const isLost = hasLost(kills);
	const recovery = isLost ? { recovery: await recoverLoss(world) } : {};
	const latest = recovery.recovery?.run ?? (await bringToEnd(world, turn, known));
	const runs = await runsSince(client, profile, known);
	const written = record.take();
	const content = await directoryContent(client);
	const account = await accountOf(client, profile, latest);
	// A reset that was cut off has forgotten, and started nothing.
	const isForgotten = isLost || turn.plan.disturbance === 'reset';
	if (isForgotten) await rebuildHistory(world, [other, wanted]);
	record.take();
	const again = await accountOf(client, profile, await sync(world, wanted.files));
	const writtenAgain = record.take();
	const contentAgain = isForgotten ? await directoryContent(client) : content;
	const open = (await runsSince(client, profile, none)).filter(({ outcome }) => outcome === undefined);
	const end = { again, writtenAgain, contentAgain, open };
	return { kills, ...recovery, runs, written, content, account, isForgotten, ...end };
}

const hasLost = (kills: readonly Killed[]) => kills.some(({ losses }) => losses.length > 0);

/** Uploads and starts; meanwhile somebody interferes, and processes die. */
async function disturbedStart(world: CampaignWorld, turn: Turn): Promise<readonly Killed[]> {
	const { service, profile, record } = world;
	const { plan, wanted } = turn;
	const kills: Killed[] = [];
	const kill = async () => {
		kills.push(await service.kill(plan));
		// What storage has lost, it was written for nothing.
		if (hasLost(kills)) record.take();
	};
	await uploadFiles(service.client, profile, wanted.files);
	// Both may be cut off by the kill.
	const starting = service.client.send('POST', `${profile}/start`).catch(() => {});
	await reached(world, plan.first, wanted);
	const disturbing = disturb(world, turn).catch(() => {});
	await pause(plan.delay);
	await kill();
	await Promise.all([starting, disturbing]);
	if (plan.disturbance === 'twice') {
		await reached(world, plan.second, wanted);
		await kill();
	}
	return kills;
}

const lookMs = 5;
/** A run that never gets so far, since it has ended or waits, is not waited for. */
const patience = 2;

async function reached({ record }: CampaignWorld, { of, part }: Instant, expected: Expected): Promise<void> {
	const { durationMs, sent } = expected;
	if (of === 'time') return pause(part * durationMs);
	const until = performance.now() + patience * durationMs;
	while (record.sent() < part * sent && performance.now() < until) await pause(lookMs);
}

async function disturb({ service: { client }, profile }: CampaignWorld, { plan, other }: Turn): Promise<void> {
	const send = (action: string) => client.send('POST', `${profile}/${action}`);
	if (plan.disturbance === 'pause') await send('pause');
	if (plan.disturbance === 'reset') await send('reset');
	if (plan.disturbance === 'replace') {
		await send('pause');
		await uploadFiles(client, profile, other.files);
		await send('start');
	}
}

const unreplaced: ReadonlySet<string> = new Set(['none', 'pause', 'twice']);

/** A run that was under way goes on by itself, unless somebody paused it. A client that was not heard brings its files once more. */
async function bringToEnd(world: CampaignWorld, { plan, wanted }: Turn, known: ReadonlySet<unknown>): Promise<Json> {
	const { service, profile } = world;
	await service.client.send('POST', `${profile}/resume`);
	const latest = await settled(service.client, profile);
	const isDone = unreplaced.has(plan.disturbance) && !known.has(latest.id) && endsInDirectory(latest);
	return isDone ? latest : sync(world, wanted.files);
}

const endsInDirectory = ({ outcome }: Json) => outcome === 'success' || outcome === 'error';

/** What the start screen says: runs that were under way fail, and a reset makes certain. */
async function recoverLoss({ service: { client }, profile }: CampaignWorld): Promise<{ status: number; run: Json }> {
	await client.send('POST', `${profile}/resume`);
	await settled(client, profile);
	// As long as a verification that was cut off still holds the profile, it is refused.
	const { status } = await poll(
		() => client.send('POST', `${profile}/reset`),
		(answer) => answer.status !== 409,
	);
	return { status, run: await settled(client, profile) };
}

/** Whoever left while nothing was remembered is held. They are to go; the two rosters bring back who is not. */
async function rebuildHistory(world: CampaignWorld, rosters: readonly Expected[]): Promise<void> {
	const { client } = world.service;
	const run = await latestRun(client, world.profile);
	const holds = `${world.profile}/runs/${run?.id}/holds`;
	const { body, headers } = await client.get(holds);
	if ((body.value as Json[]).some(({ scope }) => scope === 'unexpected')) {
		const etag = { 'if-match': headers.get('etag') ?? '' };
		const { status, text } = await client.send('POST', `${holds}/approve`, undefined, etag);
		if (status !== 200) throw new Error(`Approving what is held answered ${status}: ${text}`);
		await settled(client, world.profile);
	}
	for (const { files } of rosters) await sync(world, files);
}
