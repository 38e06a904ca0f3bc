import type { Profile } from '../../../src/domain/profile.ts';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { Run } from '../../../src/domain/run.ts';
import { newRunId } from '../../../src/domain/run-id.ts';
import type { CourseResult } from '../../../src/domain/sync/course.ts';
import type { Clock, SyncRef } from '../../../src/ports.ts';
import { judgement } from '../../../src/services/intake/acceptance.ts';
import { verifyAccepted } from '../../../src/services/intake/verification.ts';
import { writeFile } from '../../../src/services/sync/files/roster-files.ts';
import { sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { fakeDirectory } from '../fakes/directory.ts';
import { fakeEvents } from '../fakes/events.ts';
import { fakeHistoryStore } from '../fakes/history-store.ts';
import { fakeProfileStore } from '../fakes/profile-store.ts';
import { fakeRosterStore } from '../fakes/roster-store.ts';
import { fakeRunStore } from '../fakes/run-store.ts';
import { fakeSyncErrorStore } from '../fakes/sync-error-store.ts';
import { fakeUploadStore } from '../fakes/upload-store.ts';
import { profile as profileOf } from '../rosters/profile-builder.ts';
import { runSteps, type StepDelivery } from './run-steps.ts';

/** Time stands still; whoever waits lets everything else go on. */
export interface WaitingClock extends Clock {
	pass(milliseconds: number): void;
}

function waitingClock(): WaitingClock {
	let now = new Date('2026-03-02T10:00:00.000Z').getTime();
	return {
		now: () => new Date(now),
		sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
		pass: (milliseconds) => {
			now += milliseconds;
		},
	};
}

/** The steps of runs over stores in memory, one run as far as it is told, others beside it. */
export function runWorld(changes: Partial<Profile> = {}, { recordsPerSlice = 10_000 } = {}) {
	const clock = waitingClock();
	const profile = profileOf({ state: 'provisioned', ...changes });
	const rosters = fakeRosterStore();
	const directory = fakeDirectory(clock);
	const deps: SyncDeps = {
		profiles: fakeProfileStore(profile),
		runs: fakeRunStore(),
		errors: fakeSyncErrorStore(),
		histories: fakeHistoryStore(),
		uploads: fakeUploadStore(rosters, clock),
		rosters,
		directory,
		events: fakeEvents(),
		clock,
		hashSeed: () => 7,
		maxRowsPerFile: 1_000_000,
		recordsPerSlice,
	};
	let ids = 0;

	async function current(): Promise<Profile> {
		return (await deps.profiles.get(profile.tenantId, profile.id))?.profile as Profile;
	}

	/** A run whose files were accepted under the settings that the profile has now. */
	async function accept(
		files: Partial<Record<RosterKind, string>>,
		{ skipsFaultyRows = false } = {},
	): Promise<SyncRef> {
		clock.pass(1_000);
		const run: SyncRef = {
			tenantId: profile.tenantId,
			profileId: profile.id,
			runId: newRunId(clock.now(), (++ids).toString(16).padStart(18, '0')),
			generation: (await current()).snapshotGeneration,
		};
		for (const kind of rosterKinds) await writeFile(rosters, sourcePath(run, kind), [Buffer.from(files[kind] ?? '')]);
		const verdict = await verifyAccepted(deps, { profile: await current(), files: run, renew: async () => {} });
		if (skipsFaultyRows ? verdict.unreadable : verdict.failed) throw new Error(JSON.stringify(verdict.messages));
		const record: Run = {
			id: run.runId,
			tenantId: run.tenantId,
			profileId: run.profileId,
			reason: 'start',
			phase: 'shard',
			startedDateTime: clock.now().toISOString(),
			sourceRunId: run.runId,
			acceptedFiles: [],
			tallies: {},
			directoryWrites: 0,
			...judgement({ profile: await current(), verdict, skipsFaultyRows }),
		};
		await deps.runs.save(record);
		return run;
	}

	/** All steps of a run but the last, and then that. */
	async function carry(run: SyncRef, deliver: StepDelivery = (work) => work()): Promise<CourseResult> {
		const result = await runSteps(deps, run, deliver);
		await finishRun(deps, run, result);
		return result;
	}

	async function change(edit: Partial<Profile>): Promise<void> {
		const stored = await deps.profiles.get(profile.tenantId, profile.id);
		if (stored) await deps.profiles.replace(stored, { ...stored.profile, ...edit });
	}

	/** SIS ids of the members of each class, in order. */
	function members(): Record<string, string[]> {
		const names = new Map([...directory.users].map(([id, user]) => [id, user.externalId]));
		return Object.fromEntries(
			[...directory.classes.values()].map(({ id, externalId }) => [
				externalId,
				directory
					.membersOf(id, 'student')
					.map((user) => names.get(user) ?? '?')
					.sort(),
			]),
		);
	}

	return { deps, clock, directory, accept, carry, change, members, current };
}

/** Holds a call of the directory until it is let go. */
export function gate() {
	let open = () => {};
	let arrive = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	const arrived = new Promise<void>((resolve) => {
		arrive = resolve;
	});
	return {
		open: () => open(),
		arrived,
		async pass(): Promise<void> {
			arrive();
			await opened;
		},
	};
}
