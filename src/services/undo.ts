import { apiErrors, SyncApiError } from '../domain/errors.ts';
import type { Profile } from '../domain/profile.ts';
import { rosterKinds } from '../domain/roster/format/kinds.ts';
import type { Run } from '../domain/run.ts';
import type { HistoryRecord } from '../domain/sync/history/history.ts';
import type { RunRef } from '../ports.ts';
import { isPast } from './profiles/retention.ts';
import { type HeldClaim, withClaim } from './reruns.ts';
import { type LaunchDeps, launchRun, newRunRecord, requireNoneSuspended, untilEnded } from './runs/run-launch.ts';
import { findPlanIndex } from './sync/files/plan-index.ts';
import { sourcePath } from './sync/files/roster-paths.ts';

type UndoDeps = LaunchDeps & { undoDays: number };

/** See `LifecycleService`. */
export async function undoRun(deps: UndoDeps, ref: RunRef, etag?: string): Promise<{ runId: string }> {
	let runId = '';
	await withClaim(deps, ref, 'start', async (claim) => {
		await requireNoneSuspended(deps, ref);
		await untilEnded(deps, ref);
		const basis = await basisOf(deps, ref, claim.profile);
		if (etag === undefined) runId = await launch(deps, claim, { ...basis, isDryRun: true });
		else {
			await requireLookedAt(deps, ref, { etag, history: basis.history });
			deps.events.happened({ name: 'run.undone', ...ref });
			runId = await launch(deps, claim, { ...basis, expectedPlan: await planNameOf(deps, ref, basis.history) });
		}
	});
	return { runId };
}

interface Basis {
	history: HistoryRecord;
	/** The run whose roster is gone back to. */
	earlier: Run;
	undoes: NonNullable<Run['undoes']>;
}

/** Throws `SyncApiError` with why a run cannot be undone. */
async function basisOf(deps: UndoDeps, ref: RunRef, profile: Profile): Promise<Basis> {
	const run = await deps.runs.get(ref.profileId, ref.runId);
	if (!run) throw apiErrors.runNotFound(ref.runId);
	const cannot = (why: string) => new SyncApiError('Conflict', `Cannot undo run "${ref.runId}": ${why}`);
	if (!run.outcome) throw cannot('it is under way. Wait until it has ended.');
	if (run.isDryRun) throw cannot('it was a dry run, and wrote nothing.');
	if (run.outcome === 'refused') throw cannot('its files were refused, and it wrote nothing.');
	const history = (await deps.histories.get(ref.profileId))?.record;
	if (history?.last !== ref.runId || history.generation !== profile.snapshotGeneration)
		throw cannot(
			'it is not the latest run that could write, or the profile was reset since. List the runs of the profile.',
		);
	const { before } = history;
	const notKept = 'what was before it is not known, or not kept any more. Sync the files that you had then.';
	if (!before || isPast(before, deps)) throw cannot(notKept);
	const earlier = await deps.runs.get(ref.profileId, before.runId);
	if (!earlier?.settings || !(await hasFiles(deps, { ...ref, runId: earlier.sourceRunId }))) throw cannot(notKept);
	return { history, earlier, undoes: { runId: ref.runId, files: before.files } };
}

async function hasFiles({ rosters }: UndoDeps, source: RunRef): Promise<boolean> {
	for (const kind of rosterKinds) {
		const file = await rosters.read(sourcePath(source, kind));
		if (!file) return false;
		// Ends the reading.
		for await (const _ of file) break;
	}
	return true;
}

/** The name of the plan that a dry run of this undo made, if nothing has happened since. */
async function planNameOf(deps: UndoDeps, ref: RunRef, { epoch }: HistoryRecord): Promise<string | undefined> {
	const dry = await deps.runs.get(ref.profileId, epoch);
	if (!dry?.isDryRun || dry.outcome !== 'success' || dry.undoes?.runId !== ref.runId) return undefined;
	return (await findPlanIndex(deps.rosters, { ...ref, runId: dry.id }))?.etag;
}

async function requireLookedAt(
	deps: UndoDeps,
	ref: RunRef,
	{ etag, history }: { etag: string; history: HistoryRecord },
): Promise<void> {
	const name = await planNameOf(deps, ref, history);
	if (name !== undefined && (etag === name || etag === '*')) return;
	throw new SyncApiError(
		'PreconditionFailed',
		`Cannot undo run "${ref.runId}": the plan is another than If-Match names, or is not made. Ask without If-Match, and look at the plan of that dry run.`,
	);
}

type Launching = Basis & Pick<Run, 'isDryRun'> & { expectedPlan?: string | undefined };

/** Under the settings of then, and with the rows that were counted then. */
async function launch(
	deps: UndoDeps,
	claim: HeldClaim,
	{ earlier, undoes, isDryRun, expectedPlan }: Launching,
): Promise<string> {
	const { sourceRunId, rows, acceptedRows, skippedRows, skipsFaultyRows, settings } = earlier;
	const record = newRunRecord(deps, claim.run, {
		reason: 'undo',
		sourceRunId,
		acceptedFiles: [],
		rows,
		...(acceptedRows ? { acceptedRows } : {}),
		...(skippedRows ? { skippedRows } : {}),
		...(skipsFaultyRows ? { skipsFaultyRows } : {}),
		...(settings ? { settings } : {}),
		...(isDryRun ? { isDryRun } : {}),
		...(expectedPlan ? { expectedPlan } : {}),
		undoes,
		errorCount: 0,
	});
	if (isDryRun) await claim.change((profile) => ({ ...profile, dryRunId: record.id }));
	else await deps.errors.deleteAll(record.profileId);
	await launchRun(deps, { record, claim });
	return record.id;
}
