import * as df from 'durable-functions';
import type { RosterKind } from '../domain/roster/kinds.ts';
import type { Tally } from '../domain/run.ts';
import { addTally, plannedWrites, type Tallies } from '../domain/sync/tally.ts';
import { orchestratorNames } from '../orchestrator-names.ts';
import type { RunRef, SyncRef } from '../ports.ts';
import type { ShardResult } from '../services/sync/apply-entities.ts';
import { applyShard } from '../services/sync/apply-shard.ts';
import { beginRun } from '../services/sync/begin-run.ts';
import { compareShard } from '../services/sync/compare-shard.ts';
import { finishRun, type RunResult } from '../services/sync/finish-run.ts';
import { withoutLeftovers } from '../services/sync/leftovers.ts';
import { type PlannedShard, planRun } from '../services/sync/plan-run.ts';
import { RunFailure, requireKept } from '../services/sync/run-failure.ts';
import { type ShardManifest, shardRefs, shardRoster, snapshotCountsAfter } from '../services/sync/shard-roster.ts';
import type { SnapshotManifest } from '../services/sync/snapshots.ts';
import { RunEndedError, type ShardRef, type SyncDeps } from '../services/sync/sync-deps.ts';
import { flushTelemetry, syncDeps, tracedStep } from '../wiring.ts';
import { stepRetries } from './step-retries.ts';

/** Steps under way at once. More would not be faster: the directory's own limits come first. */
const fanOut = 4;

/** What may be written side by side; each group needs the ids that the ones before it brought. */
const applyOrder: readonly (readonly RosterKind[])[] = [
	['school'],
	['student', 'teacher'],
	['section'],
	['studentEnrollment', 'teacherRoster'],
];

/** Answered by a step that would fail again however often it is tried. */
interface StepFailure {
	failure: string;
}

type Work<Input, Output> = (deps: SyncDeps, input: Input) => Promise<Output>;

/** `work` must be repeatable: a step is delivered at least once. */
function step<Input extends RunRef, Output extends object>(name: string, work: Work<Input, Output>) {
	return df.app.activity(name, {
		handler: async (input: Input, context): Promise<Output | StepFailure> => {
			const deps = syncDeps(context);
			try {
				requireKept(deps, input);
				return await tracedStep(context, input, () => withoutLeftovers(deps, input, () => work(deps, input)));
			} catch (error) {
				// A run that is over is not brought back by trying again.
				if (error instanceof RunFailure || error instanceof RunEndedError) return { failure: error.message };
				throw error;
			}
		},
	});
}

/** What a step answered; throws its failure in the orchestration, where nothing is retried. */
function settled<Output extends object>(answer: Output | StepFailure): Output {
	if ('failure' in answer) throw new StepFailed(answer.failure);
	return answer;
}

class StepFailed extends Error {}

const begin = step('beginRun', async (deps, run: RunRef) => {
	await beginRun(deps, run);
	return {};
});

const shard = step('shardRoster', shardRoster);

const compare = step('compareShard', compareShard);

const plan = step('planRun', async (deps, { planned, ...run }: RunRef & { planned: PlannedShard[] }) => {
	await planRun(deps, run, planned);
	return {};
});

const apply = step('applyShard', (deps, { snapshotCounts, ...ref }: ShardRef & { snapshotCounts: SnapshotManifest }) =>
	applyShard(deps, ref, snapshotCounts),
);

const finish = df.app.activity('finishRun', {
	handler: async ({ result, ...run }: SyncRef & { result: RunResult }, context) => {
		const deps = syncDeps(context);
		await tracedStep(context, run, () => withoutLeftovers(deps, run, () => finishRun(deps, run, result)));
		await flushTelemetry();
		return {};
	},
});

type Steps<T> = Generator<df.Task, T, unknown>;

/** One run: shard, compare, apply by phase, commit. It only decides; every effect is in an activity. */
df.app.orchestration(orchestratorNames.sync, function* (context) {
	const run = context.df.getInput<SyncRef>() as SyncRef;
	let result: RunResult;
	try {
		result = yield* syncRun(context, run);
	} catch (error) {
		const failure = error instanceof StepFailed ? error.message : failureText;
		result = { tallies: {}, directoryWrites: 0, failure };
	}
	yield finish({ ...run, result }).withRetry(stepRetries());
});

const failureText =
	'The sync could not go on: a service that it needs did not answer. What was written so far stays; start again with the same files, or reset the profile.';

function* syncRun(context: df.OrchestrationContext, run: SyncRef): Steps<RunResult> {
	settled((yield begin(run).withRetry(stepRetries())) as object);
	const manifest = settled((yield shard(run).withRetry(stepRetries())) as ShardManifest);
	const shards = shardRefs(run, manifest);
	let tallies: Tallies = {};
	const planned: PlannedShard[] = [];
	const comparisons = yield* inBatches<ShardRef, Tally>(context, shards, (ref) => compare(ref));
	for (const [at, tally] of comparisons.entries()) {
		const ref = shards[at] as ShardRef;
		tallies = addTally(tallies, ref.kind, tally);
		if (plannedWrites(tally) > 0) planned.push({ ref, writes: plannedWrites(tally) });
	}
	settled((yield plan({ ...run, planned }).withRetry(stepRetries())) as object);
	const snapshotCounts = snapshotCountsAfter(manifest);
	let directoryWrites = 0;
	for (const kinds of applyOrder) {
		const refs = planned.map(({ ref }) => ref).filter(({ kind }) => kinds.includes(kind));
		const results = yield* inBatches<ShardRef, ShardResult>(context, refs, (ref) => apply({ ...ref, snapshotCounts }));
		for (const [at, { failed, writes }] of results.entries()) {
			tallies = addTally(tallies, (refs[at] as ShardRef).kind, { failed });
			directoryWrites += writes;
		}
	}
	return { tallies, directoryWrites, manifest: snapshotCounts };
}

/** A fixed batch at a time: a task must not be yielded twice (azure-functions-durable-js issue 574). */
function* inBatches<I, O extends object>(
	context: df.OrchestrationContext,
	inputs: readonly I[],
	start: (input: I) => df.RegisteredActivityTask,
): Steps<O[]> {
	const outputs: O[] = [];
	for (let at = 0; at < inputs.length; at += fanOut) {
		const batch = inputs.slice(at, at + fanOut).map((input) => start(input).withRetry(stepRetries()));
		outputs.push(...((yield context.df.Task.all(batch)) as O[]).map(settled));
	}
	return outputs;
}
