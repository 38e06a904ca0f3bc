import { apiErrors } from '../../domain/errors.ts';
import type { Profile } from '../../domain/profile.ts';
import type { AcceptedFile, Run, RunReason } from '../../domain/run.ts';
import { takenForDrop, takenForStart } from '../../domain/uploads/taken-files.ts';
import type { ProfileStore, RunStore, UploadStore } from '../../ports.ts';
import { sourcePath } from '../sync/files/roster-paths.ts';
import type { StartOptions } from './start-service.ts';
import { maxUploadsListed, sortUploads, type UploadSet, uploadSetId } from './upload-names.ts';

export interface GatherDeps {
	profiles: ProfileStore;
	runs: RunStore;
	uploads: UploadStore;
}

/** The automatic start whose files are the last accepted ones, and how the latest run with them stands. */
export interface Drop {
	/** It took the files. */
	run: Run;
	/** Itself, or a later one that syncs the same files again. */
	latest: Run;
}

/** Undefined if a client asked for the last accepted files to be synced. */
export async function lastDrop(deps: Pick<GatherDeps, 'runs'>, profile: Profile): Promise<Drop | undefined> {
	const { id, acceptedRunId, latestRunId } = profile;
	const run = acceptedRunId === undefined ? undefined : await deps.runs.get(id, acceptedRunId);
	if (run?.reason !== 'drop') return undefined;
	const latest = latestRunId === undefined || latestRunId === run.id ? undefined : await deps.runs.get(id, latestRunId);
	return { run, latest: latest?.sourceRunId === run.id ? latest : run };
}

/** A run that ended so has not done what its files were uploaded for. */
export const hasFailed = ({ outcome }: Run) => outcome === 'failed' || outcome === 'terminated';

/**
 * The uploads that a start is about: what lies in the container, and what an automatic start took of the same upload. That is put
 * back, so that the container holds what its uploader believes it to hold.
 */
export async function gatherUploads(
	deps: GatherDeps,
	profile: Profile,
	{ reason, setId }: StartOptions,
): Promise<UploadSet> {
	const list = async () => sortUploads(await deps.uploads.list(profile.id, maxUploadsListed));
	const set = await list();
	const drop = reason === 'start' || reason === 'drop' ? await lastDrop(deps, profile) : undefined;
	const back = drop ? filesOfSameUpload(set, drop, reason) : [];
	// A file that came since has not rested, and may be the first of many.
	if (setId !== undefined && uploadSetId(withTaken(set, back)) !== setId)
		throw apiErrors.changedMeanwhile('start', profile.id);
	if (!drop || back.length === 0) return set;
	const etags = new Map([...set.files].map(([kind, { etag }]) => [kind, etag]));
	const run = { tenantId: profile.tenantId, profileId: profile.id, runId: drop.run.id };
	for (const { kind, name } of back)
		etags.set(kind, (await deps.uploads.putBack(profile.id, name, sourcePath(run, kind))) ?? '');
	const whole = await list();
	const isAsExpected = [...whole.files].every(([kind, { etag }]) => etags.get(kind) === etag);
	if (setId !== undefined && !isAsExpected) throw apiErrors.changedMeanwhile('start', profile.id);
	return whole;
}

/** The set as it will be once these are put back. */
export function withTaken(set: UploadSet, taken: readonly AcceptedFile[]): UploadSet {
	const files = new Map(set.files);
	for (const { kind, name, etag, writtenDateTime = '' } of taken)
		files.set(kind, { name, etag, lastModified: new Date(writtenDateTime), sizeBytes: 0, isBlockBlob: true });
	return { ...set, files };
}

/** What the drop took of what lies in the container now. */
export function filesOfSameUpload({ files }: UploadSet, drop: Drop, reason: RunReason): readonly AcceptedFile[] {
	const { acceptedFiles } = drop.run;
	const uploaded = newUploads(files, acceptedFiles);
	if (reason === 'drop') return takenForDrop(uploaded, acceptedFiles);
	if (uploaded.size > 0) return takenForStart(uploaded, acceptedFiles).filter(({ kind }) => !files.has(kind));
	return hasFailed(drop.latest) ? acceptedFiles.filter(({ kind }) => !files.has(kind)) : [];
}

/** A run takes its files away in its first step; until then they lie there and are not new. */
export function newUploads(files: UploadSet['files'], taken: readonly AcceptedFile[]): UploadSet['files'] {
	const isTaken = ({ name, etag }: { name: string; etag: string }) =>
		taken.some((file) => file.name === name && file.etag === etag);
	return new Map([...files].filter(([, file]) => !isTaken(file)));
}
