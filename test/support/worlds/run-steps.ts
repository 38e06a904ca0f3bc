import { type CourseResult, type CourseState, type CourseStep, courseOfRun } from '../../../src/domain/sync/course.ts';
import type { SyncRef } from '../../../src/ports.ts';
import { runStep } from '../../../src/services/sync/steps/run-step.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';

/** Does a step of a run; it may wait before, or do it twice, since delivery is at least once. */
export type StepDelivery = (work: () => Promise<object>, step: CourseStep) => Promise<object>;

/** Drives the course of a run up to its last step, as the orchestration does; what a step throws comes out here. */
export async function runSteps(deps: SyncDeps, run: SyncRef, deliver: StepDelivery): Promise<CourseResult> {
	for (let rest: CourseState | undefined; ; ) {
		// What is left goes through storage, as JSON.
		const course = courseOfRun(rest && (JSON.parse(JSON.stringify(rest)) as CourseState));
		let next = course.next();
		while (!next.done) {
			const steps = next.value;
			next = course.next(await Promise.all(steps.map((step) => deliver(() => runStep(deps, run, step), step))));
		}
		if ('result' in next.value) return next.value.result;
		rest = next.value.rest;
	}
}
