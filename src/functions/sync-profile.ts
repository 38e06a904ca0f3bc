import * as df from 'durable-functions';
import {
	type CourseResult,
	type CourseState,
	type CourseStep,
	courseOfRun,
	StepFailed,
} from '../domain/sync/course.ts';
import type { SyncKind } from '../domain/sync/sync-kinds.ts';
import { orchestratorNames } from '../orchestrator-names.ts';
import type { SyncRef } from '../ports.ts';
import { withoutLeftovers } from '../services/sync/leftovers.ts';
import { RunFailure, requireKept } from '../services/sync/run-failure.ts';
import { finishRun } from '../services/sync/steps/finish-run.ts';
import { runStep } from '../services/sync/steps/run-step.ts';
import { RunEndedError } from '../services/sync/sync-deps.ts';
import { flushTelemetry, recorded, syncDeps, tracedStep } from '../wiring.ts';
import { stepRetries } from './registration/step-retries.ts';

/** Answered by a step that would fail again however often it is tried. */
interface StepFailure {
	failure: string;
}

type StepInput = SyncRef & { step: CourseStep };

function kindOf(step: CourseStep): SyncKind | undefined {
	if (step.name === 'applySlice') return step.slice.kind;
	return 'kind' in step ? step.kind : undefined;
}

/** One function for each step, so that telemetry and logs name it. A step is delivered at least once. */
function activity(name: CourseStep['name']): (input: StepInput) => df.RegisteredActivityTask {
	return df.app.activity(name, {
		handler: async ({ step, ...run }: StepInput, context): Promise<object | StepFailure> => {
			const deps = syncDeps(context);
			try {
				requireKept(deps, run);
				return await tracedStep(context, { run, kind: kindOf(step) }, () =>
					withoutLeftovers(deps, run, () => runStep(deps, run, step)),
				);
			} catch (error) {
				// A run that is over is not brought back by trying again.
				if (error instanceof RunFailure || error instanceof RunEndedError) return { failure: error.message };
				throw error;
			}
		},
	});
}

const activities: Readonly<Record<CourseStep['name'], (input: StepInput) => df.RegisteredActivityTask>> = {
	beginRun: activity('beginRun'),
	takeHistory: activity('takeHistory'),
	rekey: activity('rekey'),
	shardRoster: activity('shardRoster'),
	compareShard: activity('compareShard'),
	findRekeyed: activity('findRekeyed'),
	weighRemovals: activity('weighRemovals'),
	planRun: activity('planRun'),
	applySlice: activity('applySlice'),
	settleNames: activity('settleNames'),
	readBack: activity('readBack'),
	holdFound: activity('holdFound'),
};

const finish = df.app.activity('finishRun', {
	// Whoever is told of the end is told by an orchestration.
	extraInputs: [df.input.durableClient()],
	handler: async ({ result, ...run }: SyncRef & { result: CourseResult }, context) => {
		const deps = syncDeps(context);
		await tracedStep(context, { run }, () => withoutLeftovers(deps, run, () => finishRun(deps, run, result)));
		await recorded(context);
		await flushTelemetry();
		return {};
	},
});

/** What a step answered; throws its failure in the course, where nothing is retried. */
function settled(answer: object | StepFailure): object {
	if ('failure' in answer) throw new StepFailed(answer.failure);
	return answer;
}

/** One run: its course decides, and every effect is in an activity. A long one goes on as a new execution with what is left. */
df.app.orchestration(orchestratorNames.sync, function* (context) {
	const { rest, ...run } = context.df.getInput<SyncRef & { rest?: CourseState }>() as SyncRef & { rest?: CourseState };
	const course = courseOfRun(rest);
	let next = course.next();
	while (!next.done) {
		const steps = next.value.map((step) => activities[step.name]({ ...run, step }).withRetry(stepRetries()));
		try {
			const answers = (yield context.df.Task.all(steps)) as object[];
			next = course.next(answers.map(settled));
		} catch (error) {
			next = course.throw(error);
		}
	}
	if ('rest' in next.value) context.df.continueAsNew({ ...run, rest: next.value.rest });
	else yield finish({ ...run, result: next.value.result }).withRetry(stepRetries());
});
