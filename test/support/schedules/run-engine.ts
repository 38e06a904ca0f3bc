import type { Random } from '../../../bench/random.ts';
import type { CourseResult } from '../../../src/domain/sync/course.ts';
import type { Orchestrations, ProfileRef, SyncRef } from '../../../src/ports.ts';
import type { DropService } from '../../../src/services/intake/drops.ts';
import { type ProvisioningDeps, provisionProfile, removeProfile } from '../../../src/services/profiles/provisioning.ts';
import { withoutLeftovers } from '../../../src/services/sync/leftovers.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { type Deliver, fakeOrchestrations, Terminated } from '../fakes/orchestrations.ts';
import { runSteps } from '../worlds/run-steps.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface RunEngine {
	orchestrations: Orchestrations;
	suspendedRunId(profileId: string): string | undefined;
}

interface EngineParts {
	deps: SyncDeps & ProvisioningDeps;
	time: VirtualTime;
	random: Random;
	drops: () => DropService;
	onStart(run: SyncRef): Promise<void>;
	onStep(run: SyncRef): void;
	onEnd(run: SyncRef, isTerminated: boolean): void;
}

const doubledSteps = 0.1;
/** How long a message waits for a worker: what a run meets, from an idle service to a busy one. */
const queueMs = [50, 1_000, 4_000] as const;
const stepAttempts = 6;
const firstRetryMs = 3_000;

/** Orchestrations in virtual time, which waits before each of their steps, repeats what fails, and may deliver any step twice. */
export function runEngine({ deps, time, random, drops, onStart, onStep, onEnd }: EngineParts): RunEngine {
	const orchestrations = fakeOrchestrations({
		now: time.now,
		spawn: ({ name }, work) => time.spawn(name, work),
		work: {
			provision: (ref) => untilDone(() => provisionProfile(deps, ref)),
			remove: (ref) => untilDone(() => removeProfile(deps, orchestrations, ref)),
			sync: carry,
			settle,
		},
		onStart,
		onEnd,
	});

	async function untilDone<T>(work: () => Promise<T>): Promise<T> {
		for (let attempt = 1; ; attempt++) {
			await time.turn();
			try {
				return await work();
			} catch (error) {
				if (error instanceof Terminated || attempt === stepAttempts) throw error;
				await time.sleep(firstRetryMs * 2 ** (attempt - 1));
			}
		}
	}

	async function carry(run: SyncRef, deliver: Deliver): Promise<void> {
		const waitMs = random.pick(queueMs);
		const step = async <T>(work: () => Promise<T>): Promise<T> => {
			const begin = async () => {
				await time.sleep(random.below(waitMs));
				return deliver(() => {
					onStep(run);
					return withoutLeftovers(deps, run, work);
				});
			};
			const isDoubled = random.chance(doubledSteps);
			const result = await untilDone(begin);
			return isDoubled ? untilDone(begin) : result;
		};
		const result = await runSteps(deps, run, step).catch((error): CourseResult => {
			if (error instanceof Terminated) throw error;
			return { tallies: {}, directoryWrites: 0, held: 0, failure: `The sync could not go on: ${error}` };
		});
		await step(() => finishRun(deps, run, result));
		// Its outcome shows a moment before it is over.
		await time.turn();
	}

	/** As the orchestration of `functions/uploaded-file.ts`. */
	async function settle(ref: ProfileRef, setId: string): Promise<void> {
		for (let waitedMs = 0; ; ) {
			const ask = () => drops().settle(ref, setId, waitedMs);
			if (random.chance(doubledSteps)) time.spawn('doubled settling', ask);
			const { waitMs } = await untilDone(ask);
			if (waitMs === undefined) return;
			await time.sleep(waitMs);
			waitedMs += waitMs;
		}
	}

	return {
		orchestrations,
		suspendedRunId(profileId) {
			const current = orchestrations.currentOf(profileId);
			return current?.state === 'suspended' ? current.run.runId : undefined;
		},
	};
}
