import { CannotRunError } from '../cannot-run.ts';
import type { Hold, Plan, Run } from '../client/api-shapes.ts';
import type { SyncOptions } from '../options.ts';
import type { RosterFile } from '../roster-folder.ts';
import { holdLines, paragraph, planLines } from '../screen/plan-report.ts';
import { messageLines } from '../screen/report.ts';
import { printable } from '../screen/wording.ts';
import { followRun } from './follow-run.ts';
import type { PerformContext } from './perform-sync.ts';
import { ensureProfile } from './profiles.ts';
import { uploadStep } from './upload-step.ts';

/** What a command that is no sync came to. */
export interface Looked {
	lines: string[];
	json: Record<string, unknown>;
	exitCode: number;
}

/** Does what the options ask for instead of a sync; undefined if they ask for one. */
export async function lookFirst(
	options: SyncOptions,
	files: readonly RosterFile[],
	context: PerformContext,
): Promise<Looked | undefined> {
	const { plan, holds, discard, undo } = options;
	if (!plan && !holds && !discard && !undo) return undefined;
	const { client, screen } = context;
	screen.progress({ title: 'Preparing the profile', done: 0, total: 0 });
	const { profile, isNew } = await ensureProfile(options, context);
	screen.fact('Profile', printable(profile.displayName) + (isNew ? ' (new)' : ''));
	if (plan) return planFiles(profile.id, files, context);
	if (holds) return showHolds(await client.listHolds(profile.id, holds), holds, context);
	if (discard) {
		await client.discard(profile.id, discard);
		const text = `Discarded: what run ${discard} held stays in the directory until the files change.`;
		return { lines: paragraph(text, screen), json: { outcome: 'discarded', runId: discard }, exitCode: 0 };
	}
	return undoRun(profile.id, undo as string, { isCertain: options.yes, context });
}

/** 1 if a sync of these files would hold something, as for one that holds it. */
async function planFiles(profileId: string, files: readonly RosterFile[], context: PerformContext): Promise<Looked> {
	const { client, screen } = context;
	await uploadStep(profileId, files, context);
	screen.progress({ title: 'Checking files', done: 0, total: 0 });
	const answer = await client.startDryRun(profileId);
	const found = messageLines(answer.messages, screen);
	if (answer.kind === 'refused') {
		const lines = [...found, ...paragraph('The files have errors: there is no plan.', screen)];
		return { lines, json: { outcome: 'refused', messages: answer.messages }, exitCode: 1 };
	}
	const { run, plan, held } = await planOf(profileId, answer.runId, context);
	const text =
		held > 0
			? `${held} removals would wait for approval. Nothing was written.`
			: 'Nothing was written. Run the same command without --plan to carry it out.';
	return {
		lines: [...found, ...planLines(plan, screen), '', ...paragraph(text, screen)],
		json: { ...planJson(run, plan), outcome: held > 0 ? 'held' : 'planned', messages: answer.messages },
		exitCode: held > 0 ? 1 : 0,
	};
}

interface Planned {
	run: Run;
	plan: Plan;
	held: number;
}

async function planOf(profileId: string, runId: string, context: PerformContext): Promise<Planned> {
	const { client, screen } = context;
	const run = await followRun(profileId, runId, { ...context, onProgress: (progress) => screen.progress(progress) });
	if (run.outcome !== 'success')
		throw new CannotRunError(`Cannot plan: ${run.failure ?? `the dry run ended as "${run.outcome}"`}`);
	const plan = await client.getPlan(profileId, runId);
	return { run, plan, held: Object.values(plan.counts).reduce((sum, { held }) => sum + held, 0) };
}

const planJson = ({ id }: Run, { counts, estimate, value }: Plan) => ({ runId: id, counts, estimate, changes: value });

function showHolds(holds: readonly Hold[], runId: string, { screen }: PerformContext): Looked {
	const advice =
		holds.length === 0
			? `Run ${runId} holds nothing.`
			: `From here: the same command with --approve ${runId}, or --discard ${runId}, or corrected files.`;
	return {
		lines: [...holdLines(holds, screen), '', ...paragraph(advice, screen)],
		json: { runId, holds },
		exitCode: 0,
	};
}

/** Shows what an undo would do, and carries it out if that was asked for as well. */
async function undoRun(
	profileId: string,
	runId: string,
	{ isCertain, context }: { isCertain: boolean; context: PerformContext },
): Promise<Looked> {
	const { client, screen } = context;
	const { run, plan } = await planOf(profileId, await client.undo(profileId, runId), context);
	const shown = [
		...planLines(plan, screen),
		...(run.cannotUndo ?? []).flatMap((sentence) => ['', ...paragraph(sentence, screen)]),
		'',
	];
	const json = { ...planJson(run, plan), cannotUndo: run.cannotUndo ?? [] };
	if (!isCertain) {
		const text = `Nothing was written. To undo run ${runId}: the same command with --yes.`;
		return { lines: [...shown, ...paragraph(text, screen)], json: { ...json, outcome: 'planned' }, exitCode: 0 };
	}
	const undoing = await client.undo(profileId, runId, plan['@odata.etag']);
	context.onHandedOver();
	const ended = await followRun(profileId, undoing, {
		...context,
		onProgress: (progress) => screen.progress(progress),
	});
	const isDone = ended.outcome === 'success';
	const text = isDone ? 'Undone.' : `Not undone as a whole: ${ended.failure ?? 'see the errors of the profile.'}`;
	return {
		lines: [...shown, ...paragraph(text, screen)],
		json: { ...json, runId: ended.id, outcome: ended.outcome },
		exitCode: isDone ? 0 : ended.outcome === 'failed' ? 2 : 1,
	};
}
