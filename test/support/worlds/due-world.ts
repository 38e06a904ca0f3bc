import type { Profile, ProfileDefinition } from '../../../src/domain/profile.ts';
import type { CourseResult } from '../../../src/domain/sync/course.ts';
import type { ProfileRef } from '../../../src/ports.ts';
import { type Chore, dailyAt } from '../../../src/services/due/chores.ts';
import { doDueWork } from '../../../src/services/due/due-work.ts';
import { plannedProfiles } from '../../../src/services/due/planned-profiles.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { fakeAuditStore } from '../fakes/audit-store.ts';
import { fakeClock } from '../fakes/clock.ts';
import { fakeDueWorkStore } from '../fakes/due-work-store.ts';
import { fakeEvents } from '../fakes/events.ts';
import { fakeHistoryStore } from '../fakes/history-store.ts';
import { fakeProfileStore } from '../fakes/profile-store.ts';
import { fakeRosterStore } from '../fakes/roster-store.ts';
import { fakeRunStore } from '../fakes/run-store.ts';
import { fakeSecretStore } from '../fakes/secret-store.ts';
import { fakeSyncErrorStore } from '../fakes/sync-error-store.ts';
import { fakeUploadStore } from '../fakes/upload-store.ts';
import { definition } from '../rosters/profile-builder.ts';
import { smallRoster } from '../rosters/roster.ts';
import { ownTenant } from '../tenants.ts';
import { inTurns, orchestrationEngine, servicesOver, type Turn } from './service-world.ts';

const atOnce: Turn = async () => {};
const tally = { added: 0, changed: 0, removed: 0, unchanged: 7, failed: 0 };

/** What a run may come to. */
export const results = {
	success: { tallies: { student: tally }, directoryWrites: 1, held: 0 },
	error: { tallies: { student: { ...tally, changed: 1, failed: 1 } }, directoryWrites: 1, held: 0 },
	held: { tallies: { student: tally }, directoryWrites: 1, held: 60 },
	failed: { tallies: {}, directoryWrites: 0, held: 0, failure: 'A service did not answer.' },
} as const satisfies Record<string, CourseResult>;

/** Profiles over stores that several instances of the service share, each with the timer; time passes when it is told to. */
export function dueWorld(iso = '2026-01-01T00:00:20.000Z') {
	const clock = fakeClock(iso);
	const rosters = fakeRosterStore();
	const stored = { profiles: fakeProfileStore(), runs: fakeRunStore(), due: fakeDueWorkStore() };
	const uploads = fakeUploadStore(rosters, clock);
	const events = fakeEvents();
	let ids = 0;
	const shared = {
		errors: fakeSyncErrorStore(),
		histories: fakeHistoryStore(),
		uploads,
		rosters,
		events,
		clock,
		directory: {} as SyncDeps['directory'],
		hashSeed: () => 7,
		maxRowsPerFile: 1_000,
		recordsPerSlice: 10_000,
		secrets: fakeSecretStore(),
		audit: fakeAuditStore(),
		randomHex: () => (++ids).toString(16).padStart(18, '0').padEnd(32, '0'),
		quietMs: 0,
	};
	const chores: string[] = [];
	const nightly: Chore = {
		nextAfter: dailyAt(2, 23),
		work: async () => void chores.push(clock.now().toISOString().slice(0, 'YYYY-MM-DD'.length)),
	};

	/** Of what steps of orchestrations do, no turn is taken. */
	const engine = orchestrationEngine({ ...shared, ...stored, profiles: plannedProfiles(stored.profiles, stored.due) });

	/** One instance of the service. It waits for its turn before each access of what the instances share. */
	function instance(turn: Turn = atOnce) {
		const due = inTurns(stored.due, turn);
		const outside = {
			...shared,
			profiles: plannedProfiles(inTurns(stored.profiles, turn), due),
			runs: inTurns(stored.runs, turn),
			orchestrations: inTurns(engine.orchestrations, turn),
		};
		const services = servicesOver(outside);
		const { drops, lifecycle } = services;
		const profileWork = { ...outside, drops, lifecycle };
		const tick = () => doDueWork({ due, clock, tenants: [ownTenant], profileWork, chores: { nightly } });
		return { ...outside, services, tick };
	}

	const own = instance();

	async function settle(): Promise<void> {
		while (await engine.step());
	}

	const profileOf = async ({ tenantId, profileId }: ProfileRef): Promise<Profile> => {
		const found = await stored.profiles.get(tenantId, profileId);
		if (!found) throw new Error('The profile is gone.');
		return found.profile;
	};

	return {
		...own,
		stored,
		uploads,
		events,
		engine,
		chores,
		clock,
		instance,
		settle,
		profileOf,
		pass: (ms: number) => clock.set(new Date(clock.now().getTime() + ms).toISOString()),
		async create(changes: Partial<ProfileDefinition> = {}): Promise<ProfileRef> {
			const { id: profileId } = await own.services.profiles.create(ownTenant, { definition: definition(changes) });
			await settle();
			return { tenantId: ownTenant, profileId };
		},
		upload({ profileId }: ProfileRef): void {
			for (const [name, text] of Object.entries(smallRoster())) uploads.put(profileId, name, String(text));
		},
		/** A client's start, and its run. */
		async sync(this: void, ref: ProfileRef, result: CourseResult = results.success): Promise<void> {
			for (const [name, text] of Object.entries(smallRoster())) uploads.put(ref.profileId, name, String(text));
			engine.results.set(ref.profileId, result);
			await own.services.starts.start(ref);
			await settle();
		},
		async change({ tenantId, profileId }: ProfileRef, edit: (profile: Profile) => Profile): Promise<void> {
			const before = await own.profiles.get(tenantId, profileId);
			if (before) await own.profiles.replace(before, edit(before.profile));
		},
		runsOf: async ({ profileId }: ProfileRef) => (await stored.runs.list(profileId, { size: 999 })).items.toReversed(),
	};
}

export type DueWorld = ReturnType<typeof dueWorld>;
