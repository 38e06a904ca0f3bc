import { SyncApiError } from '../domain/errors.ts';
import type { Profile } from '../domain/profile.ts';
import { isStopped } from '../domain/schedule/due-work.ts';
import type { RunEnd } from '../domain/schedule/run-end.ts';
import { heldText } from '../domain/sync/holds/held-text.ts';
import type { RunRef } from '../ports.ts';
import { rerun, withClaim } from './reruns.ts';
import type { LaunchDeps } from './runs/run-launch.ts';
import { type HeldRemovals, openHolds, readHolds } from './sync/files/holds.ts';
import { changeProfile, getProfile } from './sync/profile-changes.ts';

/** What somebody decides of the removals that a run left out: all of them, or one hold. */
export interface HoldDecision {
	run: RunRef;
	/** Of the list that was looked at. */
	etag: string;
	holdId?: string | undefined;
}

/** See `LifecycleService`. */
export async function approveHolds(deps: LaunchDeps, { run: { runId, ...ref }, etag, holdId }: HoldDecision) {
	await withClaim(deps, ref, 'start', async (claim) => {
		const decision = { run: { ...ref, runId }, etag, holdId };
		const { holds } = await requireSeen(deps, decision, { profile: claim.profile, action: 'approve' });
		deps.events.happened({ name: 'holds.approved', ...ref, runId });
		const approval = { approvedRunId: runId, approvedHolds: holdId ? [holdId] : holds.map(({ id }) => id) };
		await rerun(deps, { claim, reason: 'approval', approval });
	});
}

/** See `LifecycleService`. */
export async function discardHolds(deps: LaunchDeps, decision: HoldDecision): Promise<void> {
	const { run } = decision;
	const before = await getProfile(deps.profiles, run);
	if (await isDiscarded(deps, decision, before)) return;
	const { holds } = await requireSeen(deps, decision, { profile: before, action: 'discard' });
	if (isDecided(before)) return;
	const chosen = decision.holdId ? [decision.holdId] : holds.map(({ id }) => id);
	const record = await deps.runs.get(run.profileId, run.runId);
	const held = await readHolds(deps, run);
	await changeProfile(deps.profiles, run, (profile) => {
		if (isDecided(profile) || profile.latestRunId !== run.runId) return undefined;
		const holdIds = [...new Set([...discardedOf(profile, run), ...chosen])].sort();
		const next: Profile = { ...profile, discardedHolds: { runId: run.runId, holdIds } };
		const [, ...counts] = profile.statusMessage.split('\r\n');
		const left = openHolds(held, next, run).holds;
		if (left.length > 0) return { ...next, statusMessage: [heldText(run.runId, left), ...counts].join('\r\n') };
		const status = isStopped(profile) ? 'quarantined' : record?.outcome === 'success' ? 'success' : 'error';
		return { ...withoutHolds(next), status, statusMessage: counts.join('\r\n') };
	});
	deps.events.happened({ name: 'holds.discarded', ...run });
}

/** Nothing is held any more, though the profile may be stopped. */
const isDecided = (profile: Profile) =>
	profile.status !== 'quarantined' || (isStopped(profile) && !profile.lastEnd?.isHolding);

function withoutHolds({ lastEnd, ...profile }: Profile): Profile {
	const { isHolding: _, ...end } = lastEnd ?? {};
	return lastEnd ? { ...profile, lastEnd: end as RunEnd } : profile;
}

const discardedOf = ({ discardedHolds }: Profile, { runId }: RunRef): readonly string[] =>
	discardedHolds?.runId === runId ? discardedHolds.holdIds : [];

/** Whoever asks again has got what they asked for. */
async function isDiscarded(deps: LaunchDeps, { run, holdId }: HoldDecision, profile: Profile): Promise<boolean> {
	const discarded = discardedOf(profile, run);
	if (holdId !== undefined) return discarded.includes(holdId);
	return discarded.length > 0 && openHolds(await readHolds(deps, run), profile, run).holds.length === 0;
}

/** Whoever decides has looked at just what is held now, which this answers. */
async function requireSeen(
	deps: LaunchDeps,
	{ run, etag, holdId }: HoldDecision,
	{ profile, action }: { profile: Profile; action: 'approve' | 'discard' },
): Promise<HeldRemovals> {
	const held = openHolds(await readHolds(deps, run), profile, run);
	const what = holdId ? `hold "${holdId}" of run "${run.runId}"` : `what run "${run.runId}" holds`;
	const cannot = `Cannot ${action} ${what}`;
	const obstacle = await obstacleOf(deps, { run, holdId, profile, held });
	if (obstacle) throw new SyncApiError('Conflict', `${cannot}: ${obstacle}`);
	if (holdId && !held.holds.some(({ id }) => id === holdId))
		throw new SyncApiError('ResourceNotFound', `${cannot}: there is no such hold. List the holds of the run.`);
	if (etag === '')
		throw new SyncApiError(
			'BadRequest',
			`${cannot} without looking at it: send the ETag of its holds as the header If-Match.`,
		);
	if (etag !== '*' && etag !== held.etag)
		throw new SyncApiError(
			'PreconditionFailed',
			`${cannot}: it is something else than what If-Match names. List its holds again, and look at them.`,
		);
	return held;
}

interface Deciding {
	run: RunRef;
	holdId: string | undefined;
	profile: Profile;
	held: HeldRemovals;
}

/** Why nothing can be decided, if nothing can. */
async function obstacleOf(deps: LaunchDeps, { run, holdId, profile, held }: Deciding): Promise<string | undefined> {
	const record = await deps.runs.get(run.profileId, run.runId);
	if (record?.isDryRun) return 'it was a dry run, which carries nothing out. Start with the same files.';
	const discarded = discardedOf(profile, run);
	if (holdId ? discarded.includes(holdId) : discarded.length > 0 && held.holds.length === 0)
		return 'it was discarded. The next sync of the same files holds it again.';
	if (held.holds.length === 0) return 'it holds nothing. List the runs of the profile.';
	if (profile.latestRunId !== run.runId) return 'it is not the latest of the profile. List the runs of the profile.';
	return undefined;
}
