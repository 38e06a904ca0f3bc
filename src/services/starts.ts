import { SyncApiError } from '../domain/errors.ts';
import type { Run, RunReason } from '../domain/run.ts';
import { newRunId } from '../domain/run-id.ts';
import { UploadChangedError } from '../domain/upload-changed-error.ts';
import type { ProfileRef, RunRef } from '../ports.ts';
import { applyCorrections } from './corrections.ts';
import { getProfile } from './profiles.ts';
import { type LaunchDeps, launchRun, letGo, newRunRecord, untilEnded } from './run-launch.ts';
import { type ReplacedReport, saveReport } from './run-reports.ts';
import { type Claim, claimHolder } from './start-claim.ts';
import type { StartOptions, StartResult, StartService } from './start-service.ts';
import { sourcePath } from './sync/roster-paths.ts';
import { maxUploadsListed, sortUploads, type UploadSet, uploadSetId } from './upload-names.ts';
import { requireCsv } from './uploads.ts';
import { saveFindings, type UploadVerdict, verifyUploads } from './verification.ts';

export type StartDeps = LaunchDeps & { maxFileBytes: number };

export function startService(deps: StartDeps): StartService {
	return { start: (ref, options = { reason: 'start' }) => start(deps, ref, options) };
}

/**
 * Claims the profile, verifies, takes the files and hands over to the orchestration. A crash at any point before the hand-over
 * leaves the uploads where they are and a claim that lapses; after it, the orchestration finishes the job.
 */
async function start(deps: StartDeps, ref: ProfileRef, options: StartOptions): Promise<StartResult> {
	requireCsv(await getProfile(deps.profiles, ref), 'start');
	const run: RunRef = { ...ref, runId: newRunId(deps.clock.now(), deps.randomHex()) };
	const claim = claimHolder(deps, { run, action: 'start' });
	const profile = await claim.take();
	try {
		await untilEnded(deps, ref);
		const uploaded = sortUploads(await deps.uploads.list(ref.profileId, maxUploadsListed));
		const { renew } = claim;
		const { set, messages } = await applyCorrections(deps, { profile, set: uploaded, renew });
		const verdict = await verifyUploads(deps, { profile, set, renew }, messages);
		const record = recordOf(deps, { run, reason: options.reason, set, verdict });
		if (options.skipsFaultyRows ? verdict.unreadable : verdict.failed)
			return await refuse(deps, { claim, record, verdict, set });
		await takeFiles(deps, run, set.files);
		await keepReport(deps, claim, run, verdict.findings);
		await deps.errors.deleteAll(ref.profileId);
		await saveFindings(deps, run, verdict.findings);
		await launchRun(deps, { record, claim });
		return { accepted: true, messages: verdict.messages };
	} catch (error) {
		await letGo(deps, claim, ref);
		if (error instanceof UploadChangedError) throw changedWhileReading(error);
		throw error;
	}
}

function changedWhileReading(error: UploadChangedError): SyncApiError {
	return new SyncApiError('Conflict', `${error.message} Start again when all uploads are complete.`, {
		headers: { 'Retry-After': '5' },
	});
}

interface Attempt {
	run: RunRef;
	reason: RunReason;
	set: UploadSet;
	verdict: UploadVerdict;
}

function recordOf(deps: StartDeps, { run, reason, set, verdict }: Attempt): Run {
	const unlisted = verdict.findingCount - verdict.findings.length;
	return newRunRecord(deps, run, {
		reason,
		sourceRunId: run.runId,
		acceptedFiles: [...set.files].map(([kind, { name, etag }]) => ({ kind, name, etag })),
		rows: verdict.rowCounts,
		errorCount: verdict.findingCount,
		...(unlisted > 0 ? { unlistedFindings: unlisted } : {}),
	});
}

/** Only while the claim holds: the profile then says whose report it is, and whose went before. */
async function keepReport(
	deps: StartDeps,
	claim: Claim,
	run: RunRef,
	findings: UploadVerdict['findings'],
): Promise<void> {
	let replaced: ReplacedReport | undefined;
	await claim.change((profile) => {
		const { verifiedRunId: runId, acceptedRunId } = profile;
		if (runId) replaced = { runId, wasAccepted: runId === acceptedRunId };
		return { ...profile, verifiedRunId: run.runId };
	});
	await saveReport(deps, run, { findings, renew: claim.renew, replaced });
}

/** The files stay, so that only the faulty one need be uploaded again, or only its faulty rows: hence the copy. */
async function refuse(
	deps: StartDeps,
	{ claim, record, verdict, set }: Pick<Attempt, 'verdict' | 'set'> & { claim: Claim; record: Run },
): Promise<StartResult> {
	const now = deps.clock.now().toISOString();
	const { profileId } = record;
	const run: RunRef = { tenantId: record.tenantId, profileId, runId: record.id };
	const faulty = new Set(verdict.findings.map(({ kind }) => kind));
	await takeFiles(deps, run, new Map([...set.files].filter(([kind]) => faulty.has(kind))));
	await keepReport(deps, claim, run, verdict.findings);
	await deps.errors.deleteAll(profileId);
	await saveFindings(deps, run, verdict.findings);
	await deps.runs.save({ ...record, phase: 'verify', outcome: 'refused', finishedDateTime: now });
	const errors = verdict.messages.filter((message) => message.type === 'Error');
	await claim.change(({ pausedSince: _, ...profile }) => ({
		...profile,
		status: 'validationError',
		statusMessage: errors.map(({ fileName, description }) => `${fileName}: ${description}`).join('\r\n'),
		errorCount: verdict.findingCount,
		lastActivityDateTime: now,
		latestRunId: record.id,
		refusedSet: uploadSetId(set),
	}));
	await claim.release();
	return { accepted: false, messages: verdict.messages };
}

/** Copies what was verified, version by version, out of the reach of the upload URL. */
async function takeFiles(deps: StartDeps, run: RunRef, files: UploadSet['files']): Promise<void> {
	await Promise.all(
		[...files].map(([kind, file]) => deps.uploads.copyToRosters(run.profileId, file, sourcePath(run, kind))),
	);
}
