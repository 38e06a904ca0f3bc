import type { FilesVerified } from '../../domain/events.ts';
import type { Profile } from '../../domain/profile.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Verdict } from '../../domain/roster/findings/verdict.ts';
import type { Run, RunSettings } from '../../domain/run.ts';
import { runStartTime } from '../../domain/run-id.ts';
import type { RunRef } from '../../ports.ts';
import type { LaunchDeps } from '../runs/run-launch.ts';
import type { Claim } from '../runs/start-claim.ts';
import { saveEnd } from '../sync/run-end.ts';
import { type ReplacedReport, saveReport } from './run-reports.ts';
import type { StartResult } from './start-service.ts';
import { saveFileMessages, saveFindings } from './verification.ts';

/** A run whose files were verified, be they new or those of an earlier run. */
export interface Judged {
	claim: Claim;
	record: Run;
	verdict: Verdict;
}

export const runOf = ({ tenantId, profileId, id }: Run): RunRef => ({ tenantId, profileId, runId: id });

/**
 * What a run keeps of the verification of its files: by what they were judged, which is what they are synced by, and what came out,
 * which is what sharding must come to as well.
 */
export function judgement({
	profile,
	verdict,
	skipsFaultyRows,
}: {
	profile: Profile;
	verdict: Verdict;
	skipsFaultyRows: boolean;
}) {
	const { rowCounts: rows, acceptedCounts: acceptedRows, skippedCounts: skippedRows, findingCount } = verdict;
	const unlisted = findingCount - verdict.findings.length;
	return {
		rows,
		acceptedRows,
		skippedRows,
		settings: settingsOf(profile),
		errorCount: findingCount,
		...(skipsFaultyRows ? { skipsFaultyRows } : {}),
		...(unlisted > 0 ? { unlistedFindings: unlisted } : {}),
	} as const;
}

function settingsOf(profile: Profile): RunSettings {
	const { dataProvider, identity, licensesToAssign, handleSpecialCharacterConstraint, safety } = profile;
	const own = { dataProvider, identity, licensesToAssign, handleSpecialCharacterConstraint };
	return safety === undefined ? own : { ...own, safety };
}

/** Whether the run may go on. A file that cannot be read to its end is never synced; rows with an error are skipped only if that was asked. */
export function tellVerdict({ clock, events }: LaunchDeps, record: Run, verdict: Verdict): boolean {
	const isAccepted = !(record.skipsFaultyRows ? verdict.unreadable : verdict.failed);
	const event: FilesVerified = {
		name: 'files.verified',
		...runOf(record),
		trigger: record.reason,
		isAccepted,
		rows: verdict.rowCounts,
		findings: verdict.findingCounts,
		// Since the run was made ready: gathering and correcting its files is a part of it.
		durationMs: clock.now().getTime() - runStartTime(record.id).getTime(),
	};
	events.happened(event);
	return isAccepted;
}

/**
 * The report, only while the claim holds: the profile then says whose report it is, and whose went before. It lies with the files
 * that it is about. Then the errors; answers how many there are.
 */
export async function keepFindings(
	deps: LaunchDeps,
	{ claim, record, verdict }: Judged,
	isRefused = false,
): Promise<number> {
	const run = runOf(record);
	const source: RunRef = { ...run, runId: record.sourceRunId };
	let replaced: ReplacedReport | undefined;
	// A dry run that is accepted leaves the errors of the last run, which are still true; not those of files that were refused.
	let wasRefused = false;
	await claim.change((profile) => {
		wasRefused = profile.status === 'validationError';
		const { verifiedRunId: runId, acceptedRunId } = profile;
		if (runId) replaced = { runId, wasAccepted: runId === acceptedRunId };
		return { ...profile, verifiedRunId: source.runId };
	});
	const { findings, messages, fileMessages, findingCount } = verdict;
	await saveReport(deps, source, { findings, messages, renew: claim.renew, replaced });
	if (record.isDryRun && !isRefused && !wasRefused) return findingCount;
	await deps.errors.deleteAll(run.profileId);
	await saveFindings(deps, run, findings);
	const told = record.reason === 'drop' ? await saveFileMessages(deps, run, fileMessages) : 0;
	return findingCount + told;
}

/** The run never began: profile and run say why. The claim must be held, and is let go. */
export async function refuse(deps: LaunchDeps, judged: Judged, refusal?: Refusal): Promise<StartResult> {
	const { claim, record, verdict } = judged;
	const now = deps.clock.now().toISOString();
	const errorCount = await keepFindings(deps, judged, true);
	await saveEnd(deps, { ...record, phase: 'verify', outcome: 'refused', errorCount, finishedDateTime: now });
	const errors = verdict.messages.filter((message) => message.type === 'Error');
	await claim.change(({ pausedSince, ...profile }) => ({
		...profile,
		...(pausedSince && record.isDryRun ? { pausedSince } : {}),
		status: 'validationError',
		statusMessage: errors.map(({ fileName, description }) => `${fileName}: ${description}`).join('\r\n'),
		errorCount,
		lastActivityDateTime: now,
		latestRunId: record.id,
		...(refusal ? { refusal } : {}),
	}));
	await claim.release();
	return { accepted: false, messages: verdict.messages };
}
