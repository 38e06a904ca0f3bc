import type { Orchestrations, ProfileRef, SyncRef } from '../../../src/ports.ts';

/** Does one step of a run once it may begin; throws `Terminated` if that will never be. A step that is repeated begins anew. */
export type Deliver = <T>(step: () => Promise<T>) => Promise<T>;

/** A step of an orchestration that was ended: nobody waits for it. */
export class Terminated extends Error {}

/** What the orchestrations carry out. */
export interface OrchestratedWork {
	provision(ref: ProfileRef): Promise<unknown>;
	remove(ref: ProfileRef): Promise<unknown>;
	sync(run: SyncRef, deliver: Deliver): Promise<unknown>;
	settle(ref: ProfileRef, setId: string): Promise<unknown>;
}

/** An orchestration that begins; the one of a sync has its run. */
export interface Job {
	name: keyof OrchestratedWork;
	ref: ProfileRef | SyncRef;
}

export interface FakeOrchestrationsParts {
	work: OrchestratedWork;
	now(): Date;
	/** Begins what nobody waits for. */
	spawn(job: Job, work: () => Promise<void>): void;
	/** Waited for before each step of a run. */
	beforeStep(run: SyncRef): Promise<void>;
	/** Before the first step can begin. */
	onStart(run: SyncRef): Promise<void>;
	onEnd(run: SyncRef, isTerminated: boolean): void;
}

export interface FakeOrchestrations extends Orchestrations {
	/** What was asked for, in order, as "provision <profileId>". */
	readonly asked: string[];
	isBroken: boolean;
	/** The run of the profile that is not over. */
	currentOf(profileId: string): { run: SyncRef; state: 'running' | 'suspended' } | undefined;
	/** What a crash of the durable storage does. */
	lose(profileId: string): void;
}

interface Sync {
	run: SyncRef;
	state: 'running' | 'suspended' | 'over';
	/** Steps that wait until they may begin. */
	waiting: (() => void)[];
}

const nothing: FakeOrchestrationsParts = {
	work: {
		provision: async () => {},
		remove: async () => {},
		sync: () => new Promise(() => {}),
		settle: async () => {},
	},
	now: () => new Date(),
	spawn: (_, work) => void work(),
	beforeStep: async () => {},
	onStart: async () => {},
	onEnd: () => {},
};

/**
 * As Durable does it: one sync of a profile at most; what is suspended begins no step; a step under way when its run is ended
 * finishes all the same. Without work of its own it does nothing, and a sync that was started runs until it is ended.
 */
export function fakeOrchestrations(parts: Partial<FakeOrchestrationsParts> = {}): FakeOrchestrations {
	const { work, now, spawn, beforeStep, onStart, onEnd } = { ...nothing, ...parts };
	const syncs = new Map<string, Sync>();
	const settled = new Map<string, { startedAt: Date; isOver: boolean }>();

	function ask(what: string): void {
		if (fake.isBroken) throw new Error('The orchestrations are out of reach.');
		fake.asked.push(what);
	}

	function become(sync: Sync | undefined, state: Sync['state']): void {
		if (!sync || sync.state === 'over') return;
		sync.state = state;
		if (state === 'over' && syncs.get(sync.run.profileId) === sync) syncs.delete(sync.run.profileId);
		if (state !== 'suspended') for (const go of sync.waiting.splice(0)) go();
	}

	async function mayBegin(sync: Sync): Promise<void> {
		await beforeStep(sync.run);
		while (sync.state === 'suspended') await new Promise<void>((go) => sync.waiting.push(go));
		if (sync.state === 'over') throw new Terminated();
	}

	async function carry(sync: Sync): Promise<void> {
		try {
			await work.sync(sync.run, async (step) => {
				await mayBegin(sync);
				return step();
			});
		} catch (error) {
			if (error instanceof Terminated) return;
			throw error;
		} finally {
			if (sync.state !== 'over') {
				become(sync, 'over');
				onEnd(sync.run, false);
			}
		}
	}

	async function settle(ref: ProfileRef, setId: string, own: { isOver: boolean }): Promise<void> {
		await work.settle(ref, setId);
		own.isOver = true;
	}

	const fake: FakeOrchestrations = {
		asked: [],
		isBroken: false,

		async provision(ref) {
			ask(`provision ${ref.profileId}`);
			spawn({ name: 'provision', ref }, async () => void (await work.provision(ref)));
		},

		async remove(ref) {
			ask(`remove ${ref.profileId}`);
			spawn({ name: 'remove', ref }, async () => void (await work.remove(ref)));
		},

		async startSync(run) {
			ask(`startSync ${run.profileId}`);
			if (syncs.has(run.profileId)) return false;
			const sync: Sync = { run, state: 'running', waiting: [] };
			syncs.set(run.profileId, sync);
			await onStart(run);
			spawn({ name: 'sync', ref: run }, () => carry(sync));
			return true;
		},

		async syncState({ profileId }) {
			return fake.currentOf(profileId)?.state ?? 'none';
		},

		async suspendSync({ profileId }) {
			ask(`suspendSync ${profileId}`);
			become(syncs.get(profileId), 'suspended');
		},

		async resumeSync({ profileId }) {
			ask(`resumeSync ${profileId}`);
			become(syncs.get(profileId), 'running');
		},

		async endSync({ profileId }) {
			ask(`endSync ${profileId}`);
			const sync = syncs.get(profileId);
			if (!sync) return;
			onEnd(sync.run, true);
			become(sync, 'over');
		},

		async settleUploads(ref, setId) {
			ask(`settleUploads ${ref.profileId} ${setId}`);
			const id = `${ref.profileId} ${setId}`;
			if (settled.has(id)) return;
			const own = { startedAt: now(), isOver: false };
			settled.set(id, own);
			spawn({ name: 'settle', ref }, () => settle(ref, setId, own));
		},

		async forgetBefore(time) {
			for (const [id, { startedAt, isOver }] of settled) if (isOver && startedAt < time) settled.delete(id);
		},

		currentOf(profileId) {
			const sync = syncs.get(profileId);
			return sync && { run: sync.run, state: sync.state as 'running' | 'suspended' };
		},

		lose: (profileId) => become(syncs.get(profileId), 'over'),
	};
	return fake;
}
