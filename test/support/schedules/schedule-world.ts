import type { Random } from '../../../bench/random.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { ProfileRef, RunStore, SyncRef } from '../../../src/ports.ts';
import { sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { fakeAuditStore } from '../fakes/audit-store.ts';
import { fakeDirectory } from '../fakes/directory.ts';
import { fakeEvents } from '../fakes/events.ts';
import { fakeHistoryStore } from '../fakes/history-store.ts';
import { fakeProfileStore } from '../fakes/profile-store.ts';
import { fakeRosterStore } from '../fakes/roster-store.ts';
import { fakeRunStore } from '../fakes/run-store.ts';
import { fakeSecretStore } from '../fakes/secret-store.ts';
import { fakeSyncErrorStore } from '../fakes/sync-error-store.ts';
import { fakeUploadStore } from '../fakes/upload-store.ts';
import { definition } from '../rosters/profile-builder.ts';
import { ownTenant } from '../tenants.ts';
import { inTurns, servicesOver } from '../worlds/service-world.ts';
import { type Journal, journal } from './journal.ts';
import { type FileVersion, fileText, uploadNames, versionIn } from './roster-versions.ts';
import { type RunEngine, runEngine } from './run-engine.ts';
import { virtualTime } from './virtual-time.ts';

export const quietMs = 30_000;

const eventMs = 2_000;
const lateEventMs = 10 * 60_000;
const lateEvents = 0.15;
const doubledEvents = 0.2;
const slowWriteMs = 15_000;
const slowWrites = 0.1;

/** One profile over the real services and the real steps of a run; everything outside is in memory, and takes turns. */
export async function scheduleWorld(random: Random) {
	const time = virtualTime(random);
	const { turn } = time;
	/** A directory takes its time, and a step that is under way when its run is ended goes on all the while. */
	const slowTurn = async () => {
		await turn();
		if (random.chance(slowWrites)) await time.sleep(random.below(slowWriteMs));
	};
	const log = journal(time.now);
	const rosters = fakeRosterStore();
	const runs = fakeRunStore();
	const profiles = fakeProfileStore();
	const errors = fakeSyncErrorStore();
	const directory = fakeDirectory(time);
	const uploads = fakeUploadStore(rosters, time, (profileId, { etag }, bytes) => {
		log.wrote(etag, versionIn(Buffer.from(bytes).toString()));
		announce(profileId);
	});

	/** Event Grid tells at least once, and in no order. */
	function announce(profileId: string): void {
		for (const _ of random.chance(doubledEvents) ? [1, 2] : [1]) {
			const delayMs = random.below(random.chance(lateEvents) ? lateEventMs : eventMs);
			time.spawn('event', async () => {
				await time.sleep(delayMs);
				await services.drops.arrived(profileId);
			});
		}
	}

	let ids = 0;
	const sync: SyncDeps = {
		events: fakeEvents(),
		histories: inTurns(fakeHistoryStore(), turn, ['get', 'delete']),
		// A change that somebody else disturbs is repeated, so that it is as if it had been read when it was written.
		profiles: inTurns(profiles, turn, ['get', 'list', 'insert', 'delete']),
		runs: inTurns(noting(runs, log), turn),
		errors: inTurns(errors, turn),
		uploads: inTurns(uploads, turn),
		rosters: inTurns(rosters, turn, ['read', 'deleteAll']),
		directory: inTurns(directory, slowTurn),
		clock: time,
		hashSeed: () => 7,
		maxRowsPerFile: 1_000,
		recordsPerSlice: 10_000,
	};
	const secrets = fakeSecretStore();
	const engine: RunEngine = runEngine({
		deps: { ...sync, secrets, audit: fakeAuditStore() },
		time,
		random,
		drops: () => services.drops,
		onStart: async (run) => noteLaunch(run),
		onStep: ({ runId }) => log.step(runId),
		onEnd: ({ runId }, isTerminated) => log.ended(runId, isTerminated),
	});

	async function noteLaunch(run: SyncRef): Promise<void> {
		const record = await runs.get(run.profileId, run.runId);
		// Of a profile that is being removed records and files may be gone already: its run ends with its first step.
		const state = (await profiles.get(run.tenantId, run.profileId))?.profile.state ?? 'gone';
		const isLeaving = state === 'deleting' || state === 'gone';
		if (isLeaving && (!record || !rosters.files.has(sourcePath({ ...run, runId: record.sourceRunId }, 'school'))))
			return;
		if (!record) throw new Error(`Run "${run.runId}" was started without a record.`);
		const source = { ...run, runId: record.sourceRunId };
		const textOf = (path: string) => Buffer.from(rosters.files.get(path) ?? []).toString();
		log.launch({
			run,
			reason: record.reason,
			takesUploads: record.acceptedFiles.length > 0,
			versions: new Map(rosterKinds.map((kind) => [kind, versionIn(textOf(sourcePath(source, kind)))])),
		});
	}

	const services = servicesOver({
		...sync,
		secrets,
		orchestrations: inTurns(engine.orchestrations, turn),
		randomHex: () => (++ids).toString(16).padStart(18, '0').padEnd(32, '0'),
		quietMs,
	});
	let ref: ProfileRef = { tenantId: ownTenant, profileId: '' };
	await time.untilDone(
		services.profiles.create(ownTenant, { definition: definition() }).then(({ id }) => {
			ref = { tenantId: ownTenant, profileId: id };
		}),
	);
	await time.untilRest();

	return {
		time,
		log,
		services,
		engine,
		ref,
		stores: { profiles, runs, errors, rosters, uploads, directory },
		/** What a holder of the upload URL does; a container that is gone takes nothing. */
		async put(file: FileVersion): Promise<void> {
			await turn();
			if ((await uploads.tenantOf(ref.profileId)) === undefined) return;
			log.put(file);
			uploads.put(ref.profileId, uploadNames[file.kind], fileText(file));
		},
		profile: async () => (await profiles.get(ref.tenantId, ref.profileId))?.profile,
		runRecords: async () => (await runs.list(ref.profileId, { size: 999 })).items,
	};
}

export type ScheduleWorld = Awaited<ReturnType<typeof scheduleWorld>>;

/** The journal learns of refusals, which start nothing, from the records that they leave. */
function noting(runs: RunStore, log: Journal): RunStore {
	return {
		...runs,
		async save(run) {
			if (run.outcome === 'refused') log.refuse(run);
			await runs.save(run);
		},
	};
}
