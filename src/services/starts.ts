import { apiErrors, SyncApiError } from '../domain/errors.ts';
import type { Profile } from '../domain/profile.ts';
import { type RosterKind, rosterKinds } from '../domain/roster/kinds.ts';
import type { Run, RunReason } from '../domain/run.ts';
import { newRunId } from '../domain/run-id.ts';
import { UploadChangedError } from '../domain/upload-changed-error.ts';
import type { Orchestrations, ProfileRef, RunRef } from '../ports.ts';
import { changeProfile } from './profile-changes.ts';
import { claimHolder } from './start-claim.ts';
import type { StartResult, StartService } from './start-service.ts';
import { sourcePath } from './sync/roster-paths.ts';
import type { SyncDeps } from './sync/sync-deps.ts';
import { maxUploadsListed, sortUploads, type UploadSet, uploadSetId } from './upload-names.ts';
import { saveFindings, type UploadVerdict, verifyUploads } from './verification.ts';

export interface StartDeps extends SyncDeps {
	orchestrations: Orchestrations;
	randomHex: () => string;
	maxFileBytes: number;
}

export function startService(deps: StartDeps): StartService {
	return { start: (ref, reason = 'start') => start(deps, ref, reason) };
}

/**
 * Claims the profile, verifies, takes the files and hands over to the orchestration. A crash at any point before the hand-over
 * leaves the uploads where they are and a claim that lapses; after it, the orchestration finishes the job.
 */
async function start(deps: StartDeps, ref: ProfileRef, reason: RunReason): Promise<StartResult> {
	const run: RunRef = { ...ref, runId: newRunId(deps.clock.now(), deps.randomHex()) };
	const claim = claimHolder(deps, run);
	const profile = await claim.take();
	try {
		await untilEnded(deps, ref);
		const set = sortUploads(await deps.uploads.list(ref.profileId, maxUploadsListed));
		const verdict = await verifyUploads(deps, { profile, set, renew: claim.renew });
		const record = newRun(deps, { run, reason, set, verdict });
		if (verdict.failed) return await refuse(deps, { run, record, verdict, set });
		await takeFiles(deps, run, set);
		await deps.errors.deleteAll(ref.profileId);
		await saveFindings(deps, run, verdict.findings);
		await deps.runs.save(record);
		if (!(await deps.orchestrations.startSync(run))) throw apiErrors.wrongState('start', ref.profileId, busyState);
		await showRunning(deps, run);
		return { accepted: true, messages: verdict.messages };
	} catch (error) {
		await claim.release();
		if (error instanceof UploadChangedError) throw changedWhileReading(error);
		throw error;
	}
}

const busyState = {
	property: 'status',
	present: 'inProgress',
	wanted: 'idle. Wait until the running sync has finished',
} as const;

/** The last step of a run shows its outcome a moment before its orchestration has ended. */
async function untilEnded(deps: StartDeps, ref: ProfileRef): Promise<void> {
	for (let poll = 0; await deps.orchestrations.isSyncing(ref); poll++) {
		if (poll === endPolls) throw apiErrors.wrongState('start', ref.profileId, busyState);
		await deps.clock.sleep(endPollMs);
	}
}

const endPollMs = 250;
const endPolls = 40;

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

function newRun(deps: StartDeps, { run, reason, set, verdict }: Attempt): Run {
	const acceptedFiles = [...set.files].map(([kind, { name, etag }]) => ({ kind, name, etag }));
	return {
		id: run.runId,
		tenantId: run.tenantId,
		profileId: run.profileId,
		reason,
		phase: 'shard',
		startedDateTime: deps.clock.now().toISOString(),
		acceptedFiles,
		rows: verdict.rowCounts,
		tallies: {},
		directoryWrites: 0,
		errorCount: verdict.findings.length,
	};
}

/** The files stay, so that only the faulty one need be uploaded again. */
async function refuse(
	deps: StartDeps,
	{ run, record, verdict, set }: Omit<Attempt, 'reason'> & { record: Run },
): Promise<StartResult> {
	const now = deps.clock.now().toISOString();
	await deps.errors.deleteAll(run.profileId);
	await saveFindings(deps, run, verdict.findings);
	await deps.runs.save({ ...record, phase: 'verify', outcome: 'refused', finishedDateTime: now });
	const errors = verdict.messages.filter((message) => message.type === 'Error');
	await changeProfile(deps.profiles, run, ({ claim: _, ...profile }) => ({
		...profile,
		status: 'validationError',
		statusMessage: errors.map(({ fileName, description }) => `${fileName}: ${description}`).join('\r\n'),
		errorCount: verdict.findings.length,
		lastActivityDateTime: now,
		latestRunId: run.runId,
		refusedSet: uploadSetId(set),
	}));
	return { accepted: false, messages: verdict.messages };
}

/** Copies what was verified, version by version, out of the reach of the upload URL. */
async function takeFiles(deps: StartDeps, run: RunRef, set: UploadSet): Promise<void> {
	await Promise.all(
		rosterKinds.map(async (kind: RosterKind) => {
			const file = set.files.get(kind);
			if (file) await deps.uploads.copyToRosters(run.profileId, file, sourcePath(run, kind));
		}),
	);
}

/** Only a courtesy to a client that asks at once: the run's first step does the same, and may have been faster. */
async function showRunning(deps: StartDeps, run: RunRef): Promise<void> {
	await changeProfile(deps.profiles, run, ({ claim, ...profile }: Profile) =>
		claim?.runId === run.runId
			? { ...profile, status: 'inProgress', statusMessage: '', latestRunId: run.runId }
			: undefined,
	);
}
