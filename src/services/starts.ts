import { SyncApiError } from '../domain/errors.ts';
import type { FilesVerified } from '../domain/events.ts';
import { type Refusal, staleKinds } from '../domain/refusal.ts';
import { kindOfFile, type RosterKind } from '../domain/roster/kinds.ts';
import type { VerificationMessage } from '../domain/roster/verdict.ts';
import type { Run, RunReason } from '../domain/run.ts';
import { newRunId, runStartTime } from '../domain/run-id.ts';
import { UploadChangedError } from '../domain/upload-changed-error.ts';
import type { ProfileRef, RunRef } from '../ports.ts';
import { startForClient } from './client-starts.ts';
import { applyCorrections } from './corrections.ts';
import { gatherUploads } from './gather-uploads.ts';
import { getProfile } from './profiles.ts';
import { closeLostRuns, type LaunchDeps, launchRun, letGo, newRunRecord, untilEnded } from './run-launch.ts';
import { type ReplacedReport, saveReport } from './run-reports.ts';
import { type Claim, claimHolder } from './start-claim.ts';
import type { StartOptions, StartResult, StartService } from './start-service.ts';
import { sourcePath } from './sync/roster-paths.ts';
import { saveEnd } from './sync/run-end.ts';
import { type UploadSet, uploadSetId } from './upload-names.ts';
import { requireCsv } from './uploads.ts';
import { saveFileMessages, saveFindings, type UploadVerdict, verifyUploads } from './verification.ts';

export type StartDeps = LaunchDeps & { maxFileBytes: number };

export function startService(deps: StartDeps): StartService {
	const startUploads = (ref: ProfileRef, options: StartOptions) => start(deps, ref, options);
	return {
		start: (ref, options = { reason: 'start' }) =>
			options.reason === 'start' ? startForClient(deps, ref, startUploads) : startUploads(ref, options),
	};
}

/**
 * Claims the profile, verifies, takes the files and hands over to the orchestration. A crash at any point before the hand-over
 * leaves the uploads where they are and a claim that lapses; after it, the orchestration finishes the job.
 */
async function start(deps: StartDeps, ref: ProfileRef, options: StartOptions): Promise<StartResult> {
	requireCsv(await getProfile(deps.profiles, ref), 'start');
	const { reason } = options;
	const run: RunRef = { ...ref, runId: newRunId(deps.clock.now(), deps.randomHex()) };
	const claim = claimHolder(deps, { run, action: 'start', byDrop: reason === 'drop' });
	const profile = await claim.take();
	try {
		await untilEnded(deps, ref);
		if ((await deps.orchestrations.syncState(ref)) === 'none') await closeLostRuns(deps, ref);
		const uploaded = await gatherUploads(deps, profile, options);
		const { renew } = claim;
		const { set, messages } = await applyCorrections(deps, { profile, set: uploaded, renew });
		const verdict = await verifyUploads(deps, { profile, set, renew }, messages);
		const stale = reason === 'drop' ? staleKinds(uploaded.files, profile.refusal) : [];
		const record = recordOf(deps, { run, reason, set, verdict, stale });
		const isAccepted = !(options.skipsFaultyRows ? verdict.unreadable : verdict.failed);
		deps.events.happened(verified(record, { verdict, isAccepted, durationMs: elapsed(deps, record) }));
		if (!isAccepted) return await refuse(deps, { claim, record, verdict, set });
		await takeFiles(deps, run, set.files);
		await keepFindings(deps, { claim, record, verdict });
		await launchRun(deps, { record, claim });
		return { accepted: true, messages: verdict.messages };
	} catch (error) {
		await letGo(deps, claim, ref);
		if (error instanceof UploadChangedError) throw changedWhileReading(error);
		throw error;
	}
}

/** Since the run was made ready: gathering and correcting its files is a part of it. */
const elapsed = ({ clock }: StartDeps, { id }: Run) => clock.now().getTime() - runStartTime(id).getTime();

function verified(
	{ id: runId, tenantId, profileId, reason: trigger }: Run,
	{ verdict, isAccepted, durationMs }: { verdict: UploadVerdict; isAccepted: boolean; durationMs: number },
): FilesVerified {
	const { rowCounts: rows, findingCounts: findings } = verdict;
	const run: RunRef = { tenantId, profileId, runId };
	return { name: 'files.verified', ...run, trigger, isAccepted, rows, findings, durationMs };
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
	/** Kinds whose file had stayed from a refused set. */
	stale: readonly RosterKind[];
}

function recordOf(deps: StartDeps, { run, reason, set, verdict, stale }: Attempt): Run {
	const unlisted = verdict.findingCount - verdict.findings.length;
	return newRunRecord(deps, run, {
		reason,
		sourceRunId: run.runId,
		acceptedFiles: [...set.files].map(([kind, { name, etag, lastModified }]) => ({
			kind,
			name,
			etag,
			writtenDateTime: lastModified.toISOString(),
			...(stale.includes(kind) ? { isStale: true } : {}),
		})),
		rows: verdict.rowCounts,
		errorCount: verdict.findingCount,
		...(unlisted > 0 ? { unlistedFindings: unlisted } : {}),
	});
}

interface Verified {
	claim: Claim;
	record: Run;
	verdict: UploadVerdict;
}

const runOf = ({ tenantId, profileId, id }: Run): RunRef => ({ tenantId, profileId, runId: id });

/**
 * The report, only while the claim holds: the profile then says whose report it is, and whose went before. Then the errors;
 * answers how many there are.
 */
async function keepFindings(deps: StartDeps, { claim, record, verdict }: Verified): Promise<number> {
	const run = runOf(record);
	let replaced: ReplacedReport | undefined;
	await claim.change((profile) => {
		const { verifiedRunId: runId, acceptedRunId } = profile;
		if (runId) replaced = { runId, wasAccepted: runId === acceptedRunId };
		return { ...profile, verifiedRunId: run.runId };
	});
	const { findings, messages, fileMessages, findingCount } = verdict;
	await saveReport(deps, run, { findings, messages, renew: claim.renew, replaced });
	await deps.errors.deleteAll(run.profileId);
	await saveFindings(deps, run, findings);
	const told = record.reason === 'drop' ? await saveFileMessages(deps, run, fileMessages) : 0;
	return findingCount + told;
}

/** The files stay, so that only the faulty one need be uploaded again, or only its faulty rows: hence the copy. */
async function refuse(deps: StartDeps, { set, ...verified }: Verified & { set: UploadSet }): Promise<StartResult> {
	const { claim, record, verdict } = verified;
	const now = deps.clock.now().toISOString();
	const faulty = new Set(verdict.findings.map(({ kind }) => kind));
	await takeFiles(deps, runOf(record), new Map([...set.files].filter(([kind]) => faulty.has(kind))));
	const errorCount = await keepFindings(deps, verified);
	await saveEnd(deps, { ...record, phase: 'verify', outcome: 'refused', errorCount, finishedDateTime: now });
	const errors = verdict.messages.filter((message) => message.type === 'Error');
	await claim.change(({ pausedSince: _, ...profile }) => ({
		...profile,
		status: 'validationError',
		statusMessage: errors.map(({ fileName, description }) => `${fileName}: ${description}`).join('\r\n'),
		errorCount,
		lastActivityDateTime: now,
		latestRunId: record.id,
		refusal: refusalOf(record, set, errors),
	}));
	await claim.release();
	return { accepted: false, messages: verdict.messages };
}

function refusalOf({ id, reason }: Run, set: UploadSet, errors: readonly VerificationMessage[]): Refusal {
	const faultyKinds = new Set(errors.flatMap(({ fileName }) => kindOfFile(fileName) ?? []));
	return {
		runId: id,
		setId: uploadSetId(set),
		byDrop: reason === 'drop',
		etags: Object.fromEntries([...set.files].map(([kind, { etag }]) => [kind, etag])),
		faultyKinds: [...faultyKinds],
	};
}

/** Copies what was verified, version by version, out of the reach of the upload URL. */
async function takeFiles(deps: StartDeps, run: RunRef, files: UploadSet['files']): Promise<void> {
	await Promise.all(
		[...files].map(([kind, file]) => deps.uploads.copyToRosters(run.profileId, file, sourcePath(run, kind))),
	);
}
