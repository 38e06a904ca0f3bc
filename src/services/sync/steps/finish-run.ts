import type { Run, RunOutcome } from '../../../domain/run.ts';
import { resultText, runEnd, stopText } from '../../../domain/schedule/run-end.ts';
import type { CourseResult } from '../../../domain/sync/course.ts';
import { type HistoryRecord, isFenced } from '../../../domain/sync/history/history.ts';
import { heldText } from '../../../domain/sync/holds/held-text.ts';
import type { SyncKind } from '../../../domain/sync/sync-kinds.ts';
import { failures } from '../../../domain/sync/tally.ts';
import type { SyncRef } from '../../../ports.ts';
import { type HeldRemovals, readHolds } from '../files/holds.ts';
import { removeAllPasswords, removeKeptPasswords } from '../files/kept-passwords.ts';
import { leavePlanToRead } from '../files/plan-files.ts';
import {
	historyFolder,
	historyPath,
	journalsFolder,
	reportFolder,
	runFolder,
	runsFolder,
	shardsFolder,
	sourceFolder,
} from '../files/roster-paths.ts';
import { changeProfile } from '../profile-changes.ts';
import { type EndedRun, saveEnd } from '../run-end.ts';
import { type RunFailure, requireKept, resetAdvice } from '../run-failure.ts';
import type { SyncDeps } from '../sync-deps.ts';

/** Last step of a run: run and profile show how it ended, and what nobody needs any more goes. Idempotent: it only overwrites. */
export async function finishRun(deps: SyncDeps, ref: SyncRef, result: CourseResult): Promise<Run | undefined> {
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run || run.outcome === 'terminated') return undefined;
	const failure = result.failure ?? lossSince(deps, ref);
	const record = (await deps.histories.get(ref.profileId))?.record;
	// A newer run says how this one ended.
	if (record && isFenced(record, ref.runId)) return undefined;
	if (run.isDryRun) return finishDryRun(deps, ref, { run, record, result, failure });
	if (record && !failure) await completeHistory(deps, ref, { run, record });
	const errorCount = (await deps.errors.count(ref.profileId)) + (run.unlistedFindings ?? 0);
	const outcome: RunOutcome = failure ? 'failed' : failures(result.tallies) > 0 ? 'error' : 'success';
	const finished: EndedRun = {
		...run,
		phase: 'finish',
		outcome,
		...(failure ? { failure } : {}),
		tallies: result.tallies,
		directoryWrites: result.directoryWrites,
		...(result.held > 0 ? { heldRemovals: result.held } : {}),
		errorCount,
		finishedDateTime: deps.clock.now().toISOString(),
	};
	await saveEnd(deps, finished);
	await showOnProfile(deps, ref, { run: finished, holds: await readHolds(deps, ref) });
	await deps.rosters.deleteAll(shardsFolder(ref));
	if (isAllSettled(record, ref))
		await removeOlderFiles(deps, ref, await rostersToKeep(deps, ref, { run: finished, record }));
	return finished;
}

interface DryEnd {
	run: Run;
	record: HistoryRecord | undefined;
	result: CourseResult;
	failure: string | undefined;
}

/** Its plan can be read, and all else is as it was. */
async function finishDryRun(deps: SyncDeps, ref: SyncRef, { run, record, result, failure }: DryEnd): Promise<Run> {
	const { sourceRunId } = run;
	if (record) await removeKeptPasswords(deps, ref, { sourceRunId, files: record.files });
	await leavePlanToRead(deps.rosters, ref);
	await deps.rosters.deleteAll(shardsFolder(ref));
	const finished: EndedRun = {
		...run,
		phase: 'finish',
		outcome: failure ? 'failed' : 'success',
		...(failure ? { failure } : {}),
		tallies: result.tallies,
		finishedDateTime: deps.clock.now().toISOString(),
	};
	await saveEnd(deps, finished);
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	const { acceptedRunId = sourceRunId, latestRunId = ref.runId } = profile ?? {};
	// Approvals go by what the latest run holds.
	const latest = { ...ref, runId: latestRunId };
	const rosters = await rostersToKeep(deps, ref, { run: { ...run, sourceRunId: acceptedRunId }, record });
	const needed = [...rosters, runFolder(latest)];
	if (isAllSettled(record, ref)) await removeOlderFiles(deps, ref, needed);
	return finished;
}

/** Until this run has taken it into account, the history may need what an earlier one left. */
const isAllSettled = (record: HistoryRecord | undefined, { runId }: SyncRef) =>
	record?.epoch === runId && !record.unsettled;

/** That which a reset would sync again, and the one before it, for an undo: that one without any password. */
async function rostersToKeep(
	deps: SyncDeps,
	ref: SyncRef,
	{ run: { sourceRunId }, record }: { run: Run; record: HistoryRecord | undefined },
): Promise<string[]> {
	const earlier = record?.before && (await deps.runs.get(ref.profileId, record.before.runId))?.sourceRunId;
	const own = sourceFolder({ ...ref, runId: sourceRunId });
	if (earlier === undefined || earlier === sourceRunId) return [own];
	await removeAllPasswords(deps, { ...ref, runId: earlier });
	return [own, sourceFolder({ ...ref, runId: earlier })];
}

/** A run that got through before storage lost a part of it has not got through. */
function lossSince(deps: SyncDeps, ref: SyncRef): string | undefined {
	try {
		requireKept(deps, ref);
		return undefined;
	} catch (error) {
		return (error as RunFailure).message;
	}
}

/** Everything that was planned has its journal, and stands in the history. */
async function completeHistory(
	deps: SyncDeps,
	ref: SyncRef,
	{ run: { sourceRunId }, record }: { run: Run; record: HistoryRecord },
): Promise<void> {
	await changeProfile(deps.profiles, ref, (profile) =>
		profile.snapshotGeneration === ref.generation && profile.keptGeneration !== ref.generation
			? { ...profile, keptGeneration: ref.generation }
			: undefined,
	);
	const { files, before } = record;
	await removeKeptPasswords(deps, ref, { sourceRunId, files });
	await leavePlanToRead(deps.rosters, ref);
	await deps.rosters.deleteAll(journalsFolder(ref));
	await removeOldSnapshots(deps, ref, [files, before?.files ?? {}]);
}

/** What the history does not name any more; of a newer run everything stays, since it may be about to name it. */
async function removeOldSnapshots(
	deps: SyncDeps,
	ref: SyncRef,
	kept: readonly HistoryRecord['files'][],
): Promise<void> {
	const named = new Set(
		kept
			.flatMap((files) => Object.entries(files) as [SyncKind, readonly string[]][])
			.flatMap(([kind, names]) => names.map((file, shard) => historyPath(ref.profileId, { kind, file, shard }))),
	);
	// Run ids are ordered newest first, and names of files begin with them.
	const own = `${historyFolder(ref.profileId)}${ref.runId}`;
	await deps.rosters.deleteAll(historyFolder(ref.profileId), (path) => path < own || named.has(path));
}

/**
 * Pupils' data is kept once: in the files that a reset would sync again, and in the report of the latest verification. All else
 * of older runs goes, however they ended. A newer run may be in the making, and its files stay; so do the plan and the journal of a
 * run that did not get through, for the next one to look at.
 */
async function removeOlderFiles(deps: SyncDeps, ref: SyncRef, needed: readonly string[]): Promise<void> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	const kept = [...needed];
	if (profile?.verifiedRunId) kept.push(reportFolder({ ...ref, runId: profile.verifiedRunId }));
	const own = runFolder(ref);
	await deps.rosters.deleteAll(
		runsFolder(ref.profileId),
		(path) => path < own || path.startsWith(own) || kept.some((folder) => path.startsWith(folder)),
	);
}

async function showOnProfile(
	deps: SyncDeps,
	ref: SyncRef,
	{ run, holds: { holds } }: { run: EndedRun; holds: HeldRemovals },
): Promise<void> {
	const { outcome, errorCount, finishedDateTime } = run;
	const needsReset = run.failure?.endsWith(resetAdvice) === true;
	await changeProfile(deps.profiles, ref, (profile) => {
		if (profile.latestRunId !== ref.runId || profile.status !== 'inProgress') return undefined;
		const lastEnd = runEnd(run, { previous: profile.lastEnd, finishedDateTime, needsReset });
		const waits = [lastEnd.isHolding ? heldText(run.id, holds) : [], stopText(run, lastEnd) ?? []].flat();
		const isInStep = outcome === 'success' && waits.length === 0;
		return {
			...profile,
			status: waits.length > 0 ? 'quarantined' : outcome === 'success' ? 'success' : 'error',
			statusMessage: [...waits, resultText(run)].join('\r\n'),
			errorCount,
			lastEnd,
			lastActivityDateTime: finishedDateTime,
			...(isInStep ? { lastSynchronizationDateTime: finishedDateTime } : {}),
		};
	});
}
