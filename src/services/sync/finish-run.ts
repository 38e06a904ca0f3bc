import type { RosterKind } from '../../domain/roster/kinds.ts';
import type { Run, RunOutcome } from '../../domain/run.ts';
import { failures, type Tallies } from '../../domain/sync/tally.ts';
import type { SyncRef } from '../../ports.ts';
import { changeProfile } from '../profile-changes.ts';
import { removeKeptPasswords } from './kept-passwords.ts';
import {
	plansFolder,
	reportFolder,
	runFolder,
	runsFolder,
	shardsFolder,
	snapshotCountFolder,
	sourceFolder,
} from './roster-paths.ts';
import { type EndedRun, saveEnd } from './run-end.ts';
import { type RunFailure, requireKept } from './run-failure.ts';
import { readManifest, type SnapshotManifest, writeManifest } from './snapshots.ts';
import type { SyncDeps } from './sync-deps.ts';

export interface RunResult {
	tallies: Tallies;
	directoryWrites: number;
	/** The shard counts of the new snapshots; absent if the run did not get through. */
	manifest?: SnapshotManifest;
	failure?: string;
}

/** Last step of a run: snapshots count from now on, and run and profile show how it ended. Idempotent: it only overwrites. */
export async function finishRun(deps: SyncDeps, ref: SyncRef, result: RunResult): Promise<Run | undefined> {
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run || run.outcome === 'terminated') return undefined;
	const failure = result.failure ?? lossSince(deps, ref);
	if (result.manifest && !failure) {
		await replaceSnapshots(deps, ref, result.manifest);
		await removeKeptPasswords(deps, ref, { sourceRunId: run.sourceRunId, manifest: result.manifest });
	}
	const errorCount = (await deps.errors.count(ref.profileId)) + (run.unlistedFindings ?? 0);
	const outcome: RunOutcome = failure ? 'failed' : failures(result.tallies) > 0 ? 'error' : 'success';
	const finished: EndedRun = {
		...run,
		phase: 'finish',
		outcome,
		...(failure ? { failure } : {}),
		tallies: result.tallies,
		directoryWrites: result.directoryWrites,
		errorCount,
		finishedDateTime: deps.clock.now().toISOString(),
	};
	await saveEnd(deps, finished);
	await showOnProfile(deps, ref, finished);
	await deps.rosters.deleteAll(shardsFolder(ref));
	await deps.rosters.deleteAll(plansFolder(ref));
	await removeOlderFiles(deps, ref, finished);
	return finished;
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

/**
 * Pupils' data is kept once: in the files that a reset would sync again, and in the report of the latest verification. All else
 * of older runs goes, however they ended. A newer run may be in the making, and its files stay.
 */
async function removeOlderFiles(deps: SyncDeps, ref: SyncRef, { sourceRunId }: Run): Promise<void> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	const kept = [sourceFolder({ ...ref, runId: sourceRunId })];
	if (profile?.verifiedRunId) kept.push(reportFolder({ ...ref, runId: profile.verifiedRunId }));
	// Run ids are ordered newest first.
	const oldest = runFolder(ref);
	await deps.rosters.deleteAll(
		runsFolder(ref.profileId),
		(path) => path < oldest || path.startsWith(oldest) || kept.some((folder) => path.startsWith(folder)),
	);
}

/** From here on the new shards count; those of a kind that needed more of them than before are dropped. */
async function replaceSnapshots(deps: SyncDeps, history: SyncRef, manifest: SnapshotManifest): Promise<void> {
	const previous = await readManifest(deps.rosters, history);
	await writeManifest(deps.rosters, history, manifest);
	await changeProfile(deps.profiles, history, (profile) =>
		profile.snapshotGeneration === history.generation && profile.syncedGeneration !== history.generation
			? { ...profile, syncedGeneration: history.generation }
			: undefined,
	);
	for (const [kind, count] of Object.entries(previous) as [RosterKind, number][]) {
		if (manifest[kind] !== count) await deps.rosters.deleteAll(snapshotCountFolder(history, kind, count));
	}
}

async function showOnProfile(deps: SyncDeps, ref: SyncRef, run: Run): Promise<void> {
	const now = deps.clock.now().toISOString();
	await changeProfile(deps.profiles, ref, (profile) => {
		if (profile.latestRunId !== ref.runId || profile.status !== 'inProgress') return undefined;
		return {
			...profile,
			status: run.outcome === 'success' ? 'success' : 'error',
			statusMessage: messageOf(run),
			errorCount: run.errorCount,
			lastActivityDateTime: now,
			...(run.outcome === 'success' ? { lastSynchronizationDateTime: now } : {}),
		};
	});
}

/** In the two sentences that clients know. */
function messageOf(run: Run): string {
	if (run.failure) return run.failure;
	const total = (pick: 'unchanged' | 'added' | 'changed' | 'removed' | 'failed') =>
		Object.values(run.tallies).reduce((sum, tally) => sum + tally[pick], 0);
	const updated = total('added') + total('changed') + total('removed') - total('failed');
	const processed = updated + total('unchanged') + total('failed');
	return `Processed ${processed} in the last run.\r\nUpdated ${updated} in the last run.`;
}
