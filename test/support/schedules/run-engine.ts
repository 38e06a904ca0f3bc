import type { Random } from '../../../bench/random.ts';
import type { CourseResult } from '../../../src/domain/sync/course.ts';
import type { Orchestrations, ProfileRef, SyncRef } from '../../../src/ports.ts';
import type { DropService } from '../../../src/services/intake/drops.ts';
import { type ProvisioningDeps, provisionProfile, removeProfile } from '../../../src/services/profiles/provisioning.ts';
import { withoutLeftovers } from '../../../src/services/sync/leftovers.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { runSteps } from '../worlds/run-steps.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Instance {
	run: SyncRef;
	state: 'running' | 'suspended' | 'ended';
	/** Steps that wait until they may begin. */
	waiting: (() => void)[];
	queueMs: number;
}

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

/** A step of an orchestration that was terminated: nobody waits for it. */
class Terminated extends Error {}

const doubledSteps = 0.1;
/** How long a message waits for a worker: what a run meets, from an idle service to a busy one. */
const queueMs = [50, 1_000, 4_000] as const;
const stepAttempts = 6;
const firstRetryMs = 3_000;

/**
 * As Durable does it, in virtual time: one sync of a profile at most; what is suspended begins no step; a step under way when its
 * run is terminated finishes all the same; a step that fails is repeated; any may be delivered twice.
 */
export function runEngine({ deps, time, random, drops, onStart, onStep, onEnd }: EngineParts): RunEngine {
	const syncs = new Map<string, Instance>();
	const settled = new Set<string>();

	const orchestrations: Orchestrations = {
		provision: async (ref) => time.spawn('provisioning', () => untilDone(() => provisionProfile(deps, ref))),
		remove: async (ref) => time.spawn('removal', () => untilDone(() => removeProfile(deps, orchestrations, ref))),
		async startSync(run) {
			if (syncs.has(run.profileId)) return false;
			const instance: Instance = { run, state: 'running', waiting: [], queueMs: random.pick(queueMs) };
			syncs.set(run.profileId, instance);
			await onStart(run);
			time.spawn('sync', () => carry(instance));
			return true;
		},
		syncState: async ({ profileId }) => (syncs.get(profileId)?.state as 'running' | 'suspended' | undefined) ?? 'none',
		suspendSync: async ({ profileId }) => become(syncs.get(profileId), 'suspended'),
		resumeSync: async ({ profileId }) => become(syncs.get(profileId), 'running'),
		async endSync({ profileId }) {
			const instance = syncs.get(profileId);
			if (!instance) return;
			syncs.delete(profileId);
			onEnd(instance.run, true);
			become(instance, 'ended');
		},
		forgetBefore: async () => {},
		async settleUploads(ref, setId) {
			const id = `${ref.profileId}-${setId}`;
			if (settled.has(id)) return;
			settled.add(id);
			time.spawn('settling', () => settle(ref, setId));
		},
	};

	function become(instance: Instance | undefined, state: Instance['state']): void {
		if (!instance) return;
		instance.state = state;
		if (state !== 'suspended') for (const go of instance.waiting.splice(0)) go();
	}

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

	async function step<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
		const begin = async () => {
			await time.sleep(random.below(instance.queueMs));
			while (instance.state === 'suspended') await new Promise<void>((go) => instance.waiting.push(go));
			if (instance.state === 'ended') throw new Terminated();
			onStep(instance.run);
			return withoutLeftovers(deps, instance.run, work);
		};
		const isDoubled = random.chance(doubledSteps);
		let result = await untilDone(begin);
		if (isDoubled) result = await untilDone(begin);
		return result;
	}

	async function carry(instance: Instance): Promise<void> {
		const { run } = instance;
		try {
			const result = await runSteps(deps, run, (work) => step(instance, work)).catch((error): CourseResult => {
				if (instance.state === 'ended') throw error;
				return { tallies: {}, directoryWrites: 0, held: 0, failure: `The sync could not go on: ${error}` };
			});
			await step(instance, () => finishRun(deps, run, result));
		} catch (error) {
			if (instance.state !== 'ended') throw error;
			return;
		}
		// Its outcome shows a moment before it is over.
		await time.turn();
		if (syncs.get(run.profileId) !== instance) return;
		syncs.delete(run.profileId);
		instance.state = 'ended';
		onEnd(run, false);
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
			const instance = syncs.get(profileId);
			return instance?.state === 'suspended' ? instance.run.runId : undefined;
		},
	};
}
