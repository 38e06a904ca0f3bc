import { tableDirectory } from '../../../src/adapters/directory/tables/table-directory.ts';
import { tableHistoryStore } from '../../../src/adapters/stores/history-store.ts';
import { tableProfileStore } from '../../../src/adapters/stores/profile-store.ts';
import { blobRosterStore } from '../../../src/adapters/stores/roster-store.ts';
import { tableRunStore } from '../../../src/adapters/stores/run-store.ts';
import { tableSyncErrorStore } from '../../../src/adapters/stores/sync-error-store.ts';
import { uploadSigner } from '../../../src/adapters/stores/upload-signer.ts';
import { blobUploadStore } from '../../../src/adapters/stores/upload-store.ts';
import type { Profile } from '../../../src/domain/profile.ts';
import { newProfileId } from '../../../src/domain/profile-id.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { Run } from '../../../src/domain/run.ts';
import { newRunId } from '../../../src/domain/run-id.ts';
import type { CourseStep } from '../../../src/domain/sync/course.ts';
import type { SyncRef } from '../../../src/ports.ts';
import { writeFile } from '../../../src/services/sync/files/roster-files.ts';
import { sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { fakeEvents } from '../fakes/events.ts';
import { startTestStorage, type TestStorage } from '../hosts/test-storage.ts';
import { definition } from '../rosters/profile-builder.ts';
import type { RosterFiles } from '../sync-story.ts';
import { runSteps } from './run-steps.ts';

/** `once`: every step as the orchestration would call it. `twice`: as it may be after a crash, since delivery is at least once. */
export type Delivery = 'once' | 'twice';

type Group = 'shard' | 'compare' | 'apply' | 'finish';

export interface SyncCourse {
	delivery?: Delivery;
	/** Called with the run before each group of steps. */
	before?: (group: Group, run: SyncRef) => Promise<void>;
	/** Syncs the files of this run again, as a reset does. */
	sourceRunId?: string;
	rows?: Run['rows'];
	/** Further members of the run's record. */
	record?: Partial<Run>;
}

const groups: Partial<Record<CourseStep['name'], Group>> = {
	shardRoster: 'shard',
	compareShard: 'compare',
	applySlice: 'apply',
};

/** The steps of a run in the order of the orchestration, without it, over real storage. */
export class SyncBench {
	readonly storage: TestStorage;
	readonly deps: SyncDeps;
	#ids = 0;

	constructor(storage: TestStorage) {
		this.storage = storage;
		const { account } = storage;
		const now = () => new Date();
		this.deps = {
			events: fakeEvents(),
			histories: tableHistoryStore(account),
			profiles: tableProfileStore(account),
			runs: tableRunStore(account),
			errors: tableSyncErrorStore(account),
			uploads: blobUploadStore(account, uploadSigner(account, { permissions: 'cw', now })),
			rosters: blobRosterStore(account),
			directory: tableDirectory(account),
			clock: { now, sleep: async () => {} },
			hashSeed: () => 7,
			maxRowsPerFile: 1_000_000,
			recordsPerSlice: 10_000,
		};
	}

	static async open(): Promise<SyncBench> {
		return new SyncBench(await startTestStorage());
	}

	async newProfile(
		changes: Partial<Profile> = {},
		tenantId = `00000000-0000-4000-8000-${this.#hex().slice(6)}`,
	): Promise<Profile> {
		const profile: Profile = {
			id: newProfileId(new Date(), this.#hex()),
			tenantId,
			...definition({ displayName: 'Steps' }),
			state: 'provisioned',
			status: 'paused',
			statusMessage: '',
			createdDateTime: new Date().toISOString(),
			errorCount: 0,
			snapshotGeneration: 'first',
			...changes,
		};
		await this.deps.profiles.insert(profile);
		await this.deps.uploads.create(profile.tenantId, profile.id);
		return profile;
	}

	async runSync(profile: Profile, files: RosterFiles, { delivery = 'once', before, ...source }: SyncCourse = {}) {
		const { deps } = this;
		const run = await this.acceptedRun(profile, files, source);
		const twice = async <T>(work: () => Promise<T>): Promise<T> => {
			const first = await work();
			return delivery === 'twice' ? work() : first;
		};
		const seen = new Set<Group>();
		const reach = async (group: Group | undefined) => {
			if (!group || seen.has(group)) return;
			seen.add(group);
			await before?.(group, run);
		};
		const result = await runSteps(deps, run, async (work, step) => {
			await reach(groups[step.name]);
			return twice(work);
		});
		await reach('finish');
		const finished = await twice(() => finishRun(deps, run, result));
		const errors = (await deps.errors.list(profile.id, { size: 999 })).items;
		return { run, finished, outcome: finished?.outcome, tallies: result.tallies, errors };
	}

	/** All steps of a run that was accepted. */
	async finishRun(run: SyncRef): Promise<void> {
		await finishRun(this.deps, run, await runSteps(this.deps, run, (work) => work()));
	}

	/** `files` may be none if they are those of an earlier run. */
	async acceptedRun(
		profile: Profile,
		files: RosterFiles,
		{ sourceRunId, rows = {}, record = {} }: Pick<SyncCourse, 'sourceRunId' | 'rows' | 'record'> = {},
	): Promise<SyncRef> {
		const { deps } = this;
		const run: SyncRef = {
			tenantId: profile.tenantId,
			profileId: profile.id,
			runId: newRunId(new Date(), this.#hex()),
			generation: profile.snapshotGeneration,
		};
		for (const kind of rosterKinds) {
			const name = Object.keys(files).find((each) => each.toLowerCase() === `${kind.toLowerCase()}.csv`);
			if (name) await writeFile(deps.rosters, sourcePath(run, kind), [Buffer.from(files[name] as string)]);
		}
		await deps.errors.deleteAll(profile.id);
		await deps.runs.save({
			id: run.runId,
			tenantId: profile.tenantId,
			profileId: profile.id,
			reason: 'start',
			phase: 'shard',
			startedDateTime: new Date().toISOString(),
			sourceRunId: sourceRunId ?? run.runId,
			acceptedFiles: [],
			rows,
			tallies: {},
			directoryWrites: 0,
			errorCount: 0,
			...record,
		});
		return run;
	}

	#hex(): string {
		return (++this.#ids).toString(16).padStart(18, '0');
	}
}
