import { SyncApiError } from '../../domain/errors.ts';
import type { Profile } from '../../domain/profile.ts';
import { type Refusal, staleKinds } from '../../domain/refusal.ts';
import type { VerificationMessage } from '../../domain/roster/findings/verdict.ts';
import { kindOfFile, type RosterKind } from '../../domain/roster/format/kinds.ts';
import type { AcceptedFile, Run, RunReason } from '../../domain/run.ts';
import { UploadChangedError } from '../../domain/uploads/upload-changed-error.ts';
import type { ProfileRef, RunRef } from '../../ports.ts';
import { closeLostRuns } from '../runs/open-runs.ts';
import {
	type LaunchDeps,
	launchRun,
	letGo,
	newRunRecord,
	nextRunId,
	requireNoneSuspended,
	untilEnded,
} from '../runs/run-launch.ts';
import { claimHolder } from '../runs/start-claim.ts';
import { sourcePath } from '../sync/files/roster-paths.ts';
import { getProfile } from '../sync/profile-changes.ts';
import { type Judged, judgement, keepFindings, refuse, runOf, tellVerdict } from './acceptance.ts';
import { startForClient } from './client-starts.ts';
import { applyCorrections } from './corrections.ts';
import { gatherUploads } from './gather-uploads.ts';
import type { StartOptions, StartResult, StartService } from './start-service.ts';
import { type UploadSet, uploadSetId } from './upload-names.ts';
import { requireCsv } from './uploads.ts';
import { type UploadVerdict, verifyUploads } from './verification.ts';

export type StartDeps = LaunchDeps & { maxFileBytes: number };

export function startService(deps: StartDeps): StartService {
	const startUploads = (ref: ProfileRef, options: StartOptions) => start(deps, ref, options);
	return {
		start: (ref, options = { reason: 'start' }) =>
			options.reason === 'start' && !options.isDryRun
				? startForClient(deps, ref, startUploads)
				: startUploads(ref, options),
	};
}

/**
 * Claims the profile, verifies, takes the files and hands over to the orchestration. A crash at any point before the hand-over
 * leaves the uploads where they are and a claim that lapses; after it, the orchestration finishes the job.
 */
async function start(deps: StartDeps, ref: ProfileRef, options: StartOptions): Promise<StartResult> {
	const before = await getProfile(deps.profiles, ref);
	requireCsv(before, 'start');
	const { reason } = options;
	const run: RunRef = { ...ref, runId: nextRunId(deps, before) };
	const claim = claimHolder(deps, { run, action: 'start', byDrop: reason === 'drop' });
	const profile = await claim.take();
	try {
		if (options.isDryRun) await requireNoneSuspended(deps, ref);
		await untilEnded(deps, ref);
		if ((await deps.orchestrations.syncState(ref)) === 'none') await closeLostRuns(deps, ref);
		const uploaded = await gatherUploads(deps, profile, options);
		if (options.isDryRun) requireUploads(profile, uploaded);
		const { renew } = claim;
		const { set, messages } = await applyCorrections(deps, { profile, set: uploaded, renew });
		const verdict = await verifyUploads(deps, { profile, set, renew }, messages);
		const stale = reason === 'drop' ? staleKinds(uploaded.files, profile.refusal) : [];
		const skipsFaultyRows = options.skipsFaultyRows === true;
		const isDryRun = options.isDryRun === true;
		const record = recordOf(deps, { run, reason, set, profile, verdict, skipsFaultyRows, stale, isDryRun });
		if (!tellVerdict(deps, record, verdict)) return await refuseUploads(deps, { claim, record, verdict, set });
		await takeFiles(deps, run, set.files);
		await keepFindings(deps, { claim, record, verdict });
		// What was looked at waits for whoever looks.
		if (isDryRun) await claim.change((current) => lookedAt(current, refusalOf(record, set, [])));
		await launchRun(deps, { record, claim });
		return { accepted: true, messages: verdict.messages, ...(isDryRun ? { runId: run.runId } : {}) };
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
	profile: Profile;
	verdict: UploadVerdict;
	skipsFaultyRows: boolean;
	/** Kinds whose file had stayed from a refused set. */
	stale: readonly RosterKind[];
	isDryRun: boolean;
}

/** What verification said of other files is not true any more. */
function lookedAt(profile: Profile, refusal: Refusal): Profile {
	const isOutdated = profile.status === 'validationError';
	return { ...profile, ...(isOutdated ? { status: 'paused', statusMessage: '', errorCount: 0 } : {}), refusal };
}

/** Without any, nobody has asked for a verification of anything. */
function requireUploads({ id }: Profile, { files, ambiguous, unknown }: UploadSet): void {
	if (files.size + ambiguous.size + [...unknown].length > 0) return;
	throw new SyncApiError(
		'Conflict',
		`Cannot start a dry run of profile "${id}": there are no uploads. If an automatic start has taken them, its run has a plan: list the profile's runs.`,
	);
}

function recordOf(deps: StartDeps, { run, reason, set, stale, isDryRun, ...judged }: Attempt): Run {
	return newRunRecord(deps, run, {
		reason,
		sourceRunId: run.runId,
		...(isDryRun ? { isDryRun } : {}),
		acceptedFiles: isDryRun ? [] : acceptedOf(set, stale),
		...judgement(judged),
	});
}

function acceptedOf(set: UploadSet, stale: readonly RosterKind[]): AcceptedFile[] {
	return [...set.files].map(([kind, { name, etag, lastModified }]) => ({
		kind,
		name,
		etag,
		writtenDateTime: lastModified.toISOString(),
		...(stale.includes(kind) ? { isStale: true } : {}),
	}));
}

/** The files stay, so that only the faulty one need be uploaded again, or only its faulty rows: hence the copy. */
async function refuseUploads(deps: StartDeps, { set, ...judged }: Judged & { set: UploadSet }): Promise<StartResult> {
	const { record, verdict } = judged;
	const faulty = new Set(verdict.findings.map(({ kind }) => kind));
	await takeFiles(deps, runOf(record), new Map([...set.files].filter(([kind]) => faulty.has(kind))));
	return refuse(deps, judged, refusalOf(record, set, verdict.messages));
}

function refusalOf({ id, reason }: Run, set: UploadSet, messages: readonly VerificationMessage[]): Refusal {
	const errors = messages.filter(({ type }) => type === 'Error');
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
