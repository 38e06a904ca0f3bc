import type { Profile } from '../domain/profile.ts';
import type { Run, RunReason } from '../domain/run.ts';
import type { ProfileRef, RunRef } from '../ports.ts';
import { judgement, keepFindings, refuse, tellVerdict } from './intake/acceptance.ts';
import { verifyAccepted } from './intake/verification.ts';
import { type LaunchDeps, launchRun, letGo, newRunRecord, nextRunId } from './runs/run-launch.ts';
import { type Claim, claimHolder } from './runs/start-claim.ts';
import { getProfile } from './sync/profile-changes.ts';

export type HeldClaim = Claim & { run: RunRef; profile: Profile };

export async function withClaim(
	deps: LaunchDeps,
	ref: ProfileRef,
	action: 'start' | 'reset',
	work: (claim: HeldClaim) => Promise<void>,
): Promise<void> {
	const run: RunRef = { ...ref, runId: nextRunId(deps, await getProfile(deps.profiles, ref)) };
	const claim = claimHolder(deps, { run, action });
	const profile = await claim.take();
	try {
		await work({ ...claim, run, profile });
	} finally {
		// A run that was launched has let go of it already.
		await letGo(deps, claim, ref);
	}
}

/** What of the removals that a run held is to be carried out. */
export type Approval = Pick<Run, 'approvedRunId' | 'approvedHolds'>;

/**
 * Syncs the last accepted files again, if there are any and they still pass: the settings may be others than when they were accepted.
 * Rows that were skipped then may be skipped now.
 */
export async function rerun(
	deps: LaunchDeps,
	{ claim, reason, approval = {} }: { claim: HeldClaim; reason: RunReason; approval?: Approval },
): Promise<void> {
	const { run, profile } = claim;
	const source = profile.acceptedRunId && (await deps.runs.get(run.profileId, profile.acceptedRunId));
	if (!source) return;
	const { sourceRunId } = source;
	const files: RunRef = { ...run, runId: sourceRunId };
	const verdict = await verifyAccepted(deps, { profile, files, renew: claim.renew });
	const skipsFaultyRows = source.skipsFaultyRows === true;
	const judged = judgement({ profile, verdict, skipsFaultyRows });
	const basis = { reason, sourceRunId, acceptedFiles: [], ...approval, ...judged };
	const record = newRunRecord(deps, run, basis);
	if (!tellVerdict(deps, record, verdict)) await refuse(deps, { claim, record, verdict });
	else {
		await keepFindings(deps, { claim, record, verdict });
		await launchRun(deps, { record, claim });
	}
}
