import type { Directory } from '../../../src/directory-ports.ts';
import { newProfileId } from '../../../src/domain/profile-id.ts';
import type { CourseResult } from '../../../src/domain/sync/course.ts';
import type { Orchestrations, ProfileRef, SecretStore, SyncRef } from '../../../src/ports.ts';
import { dropService } from '../../../src/services/intake/drops.ts';
import { reportService } from '../../../src/services/intake/run-reports.ts';
import { startService } from '../../../src/services/intake/starts.ts';
import { uploadService } from '../../../src/services/intake/uploads.ts';
import { lifecycleService } from '../../../src/services/lifecycle.ts';
import { profileService } from '../../../src/services/profiles/profiles.ts';
import { type ProvisioningDeps, provisionProfile, removeProfile } from '../../../src/services/profiles/provisioning.ts';
import { beginRun } from '../../../src/services/sync/steps/begin-run.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import { shardRoster } from '../../../src/services/sync/steps/shard-roster.ts';
import { takeHistory } from '../../../src/services/sync/steps/take-history.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { fakeAuditStore } from '../fakes/audit-store.ts';
import { fakeClock } from '../fakes/clock.ts';
import { fakeEvents } from '../fakes/events.ts';
import { fakeHistoryStore } from '../fakes/history-store.ts';
import { type Deliver, fakeOrchestrations } from '../fakes/orchestrations.ts';
import { fakeProfileStore } from '../fakes/profile-store.ts';
import { fakeRosterStore } from '../fakes/roster-store.ts';
import { fakeRunStore } from '../fakes/run-store.ts';
import { fakeSecretStore } from '../fakes/secret-store.ts';
import { fakeSyncErrorStore } from '../fakes/sync-error-store.ts';
import { fakeUploadStore } from '../fakes/upload-store.ts';

/** Called before every access of the outside, so that a test may let others go first. */
export type Turn = () => Promise<void>;

/** All services over stores in memory, and an engine that takes one step of an orchestration when it is told to. */
export function serviceWorld(first: Turn = async () => {}) {
	let take = first;
	const turn: Turn = () => take();
	const clock = fakeClock();
	const profiles = inTurns(fakeProfileStore(), turn);
	const runs = inTurns(fakeRunStore(), turn);
	const errors = inTurns(fakeSyncErrorStore(), turn);
	const rosters = fakeRosterStore();
	const uploads = fakeUploadStore(rosters, clock);
	const secrets = fakeSecretStore();
	let ids = 0;
	const randomHex = () => (++ids).toString(16).padStart(18, '0').padEnd(32, '0');
	const events = fakeEvents();
	const histories = inTurns(fakeHistoryStore(), turn);
	const sync: SyncDeps = {
		events,
		histories,
		profiles,
		runs,
		errors,
		uploads: inTurns(uploads, turn),
		rosters,
		directory: emptyDirectory,
		clock: inTurns(clock, turn, ['sleep']),
		hashSeed: () => 7,
		maxRowsPerFile: 1_000,
		recordsPerSlice: 10_000,
	};
	const engine = orchestrationEngine({ ...sync, secrets, audit: fakeAuditStore() });
	const orchestrations = inTurns(engine.orchestrations, turn);
	return {
		/** From now on calls wait for these. */
		takeTurns(next: Turn) {
			take = next;
		},
		clock,
		profiles,
		runs,
		errors,
		uploads,
		rosters,
		engine,
		events,
		reports: reportService({ profiles, runs, rosters, events }),
		services: servicesOver({ ...sync, secrets, orchestrations, randomHex, quietMs: 0 }),
	};
}

export interface Outside extends SyncDeps {
	secrets: SecretStore;
	orchestrations: Orchestrations;
	randomHex: () => string;
	quietMs: number;
}

/** All services, wired as in `src/wiring.ts`. */
export function servicesOver(outside: Outside) {
	const { clock, randomHex } = outside;
	const starts = startService({ ...outside, maxFileBytes: 1_000_000 });
	return {
		profiles: profileService({ ...outside, newId: () => newProfileId(clock.now(), randomHex()) }),
		uploads: uploadService(outside),
		starts,
		lifecycle: lifecycleService({ ...outside, starts, undoDays: 30 }),
		drops: dropService({ ...outside, starts, isAutomatic: true }),
	};
}

export type ServiceWorld = ReturnType<typeof serviceWorld>;

/** The port with a turn before each of its calls. */
export function inTurns<T extends object>(port: T, turn: Turn, only?: readonly (keyof T)[]): T {
	const waiting = (method: (...parts: unknown[]) => unknown) =>
		async function (this: unknown, ...parts: unknown[]) {
			await turn();
			return method.apply(port, parts);
		};
	return new Proxy(port, {
		get(target, name) {
			const member = Reflect.get(target, name) as unknown;
			const isWaiting = typeof member === 'function' && (only === undefined || only.includes(name as keyof T));
			return isWaiting ? waiting(member as (...parts: unknown[]) => unknown) : member;
		},
	});
}

const emptyDirectory: Directory = {
	putSchools: async () => [],
	putUsers: async () => [],
	putClasses: async () => [],
	changeMembers: async () => [],
	changeSchoolMembers: async () => [],
	classMembers: async () => [],
	schoolMembers: async () => [],
	estimate: () => ({ writes: 0, seconds: 0 }),
	usersNamed: async () => [],
	describe: async () => [],
	rekey: async () => {},
};

interface ParkedStep {
	run: SyncRef;
	go(): void;
}

/** Orchestrations whose steps are taken one by one, when a test says so. */
export function orchestrationEngine(deps: SyncDeps & ProvisioningDeps) {
	const pending: (() => Promise<void>)[] = [];
	const parked: ParkedStep[] = [];
	/** By run: whoever waits until its step is done. */
	const onQuiet = new Map<string, () => void>();
	const started: SyncRef[] = [];
	const settling: string[] = [];
	const results = new Map<string, CourseResult>();
	const resultOf = ({ profileId }: SyncRef) => results.get(profileId) ?? { tallies: {}, directoryWrites: 0, held: 0 };
	const orchestrations = fakeOrchestrations({
		now: deps.clock.now,
		work: {
			provision: (ref) => provisionProfile(deps, ref),
			remove: (ref) => removeProfile(deps, orchestrations, ref),
			sync: (run, deliver) => carryOut(deps, run, { deliver, result: () => resultOf(run) }),
			settle: async (_, setId) => void settling.push(setId),
		},
		async onStart(run) {
			started.push(run);
		},
		spawn({ name, ref }, work) {
			if (name === 'provision' || name === 'remove') pending.push(work);
			else void work().finally(() => quiet(ref));
		},
		beforeStep: (run) =>
			new Promise((go) => {
				parked.push({ run, go });
				quiet(run);
			}),
	});
	function quiet(ref: ProfileRef | SyncRef): void {
		if ('runId' in ref) onQuiet.get(ref.runId)?.();
	}
	async function take({ run, go }: ParkedStep): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		onQuiet.set(run.runId, resolve);
		go();
		await promise;
	}
	return {
		orchestrations,
		/** Every sync that was ever started, and every set of uploads that was to be. */
		started,
		settling,
		/** What the runs of a profile come to, other than nothing. */
		results,
		/** What was asked of it and is not done; whoever empties it loses that. */
		pending,
		lose: orchestrations.lose,
		/** Does all that was asked for, or else the next step of a run; answers whether there was anything to do. */
		async step(): Promise<boolean> {
			const works = pending.splice(0);
			for (const work of works) await work();
			if (works.length > 0) return true;
			const at = parked.findIndex(({ run }) => {
				const current = orchestrations.currentOf(run.profileId);
				return current?.run === run && current.state === 'running';
			});
			const [next] = at < 0 ? [] : parked.splice(at, 1);
			if (next) await take(next);
			return next !== undefined;
		},
		stateOf: (profileId: string) => orchestrations.currentOf(profileId)?.state ?? 'none',
	};
}

interface Carrying {
	deliver: Deliver;
	result(): CourseResult;
}

/** Three steps of a run: what goes wrong in one is the record's to say. */
async function carryOut(deps: SyncDeps, run: SyncRef, { deliver, result }: Carrying): Promise<void> {
	await deliver(() => beginRun(deps, run).catch(() => {}));
	await deliver(() =>
		takeHistory(deps, run)
			.then(() => shardRoster(deps, run))
			.catch(() => {}),
	);
	await deliver(() => finishRun(deps, run, result()));
}
