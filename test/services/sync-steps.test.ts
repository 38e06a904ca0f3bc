import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobRosterStore } from '../../src/adapters/blobs/roster-store.ts';
import { uploadSigner } from '../../src/adapters/blobs/upload-signer.ts';
import { blobUploadStore } from '../../src/adapters/blobs/upload-store.ts';
import { tableProfileStore } from '../../src/adapters/tables/profile-store.ts';
import { tableRunStore } from '../../src/adapters/tables/run-store.ts';
import { tableSyncErrorStore } from '../../src/adapters/tables/sync-error-store.ts';
import { tableDirectory } from '../../src/adapters/tables/table-directory.ts';
import type { Profile } from '../../src/domain/profile.ts';
import { newProfileId } from '../../src/domain/profile-id.ts';
import { type RosterKind, rosterKinds } from '../../src/domain/roster/kinds.ts';
import { newRunId } from '../../src/domain/run-id.ts';
import { addTally, plannedWrites, type Tallies } from '../../src/domain/sync/tally.ts';
import type { SyncRef } from '../../src/ports.ts';
import { applyShard } from '../../src/services/sync/apply-shard.ts';
import { beginRun } from '../../src/services/sync/begin-run.ts';
import { compareShard } from '../../src/services/sync/compare-shard.ts';
import { finishRun } from '../../src/services/sync/finish-run.ts';
import { planRun } from '../../src/services/sync/plan-run.ts';
import { writeFile } from '../../src/services/sync/roster-files.ts';
import { sourcePath } from '../../src/services/sync/roster-paths.ts';
import { shardRefs, shardRoster, snapshotCountsAfter } from '../../src/services/sync/shard-roster.ts';
import type { SyncDeps } from '../../src/services/sync/sync-deps.ts';
import { smallRoster } from '../support/roster.ts';
import type { RosterFiles } from '../support/sync-story.ts';
import { startTestStorage, type TestStorage } from '../support/test-storage.ts';

let storage: TestStorage;
let deps: SyncDeps;
let ids = 0;

const hex = () => (++ids).toString(16).padStart(18, '0');

beforeAll(async () => {
	storage = await startTestStorage();
	const { account } = storage;
	const now = () => new Date();
	deps = {
		profiles: tableProfileStore(account),
		runs: tableRunStore(account),
		errors: tableSyncErrorStore(account),
		uploads: blobUploadStore(account, uploadSigner(account, { permissions: 'cw', now })),
		rosters: blobRosterStore(account),
		directory: tableDirectory(account),
		clock: { now, sleep: async () => {} },
		hashSeed: () => 7,
		maxRowsPerFile: 1_000_000,
	};
});

afterAll(() => storage?.stop());

async function newProfile(
	changes: Partial<Profile> = {},
	tenantId = `00000000-0000-4000-8000-${hex().slice(6)}`,
): Promise<Profile> {
	const profile: Profile = {
		id: newProfileId(new Date(), hex()),
		tenantId,
		displayName: 'Steps',
		dataProvider: { kind: 'csv', customizations: {} },
		identity: {
			kind: 'creation',
			userDomains: [
				{ appliesTo: 'student', name: 'students.example.org' },
				{ appliesTo: 'teacher', name: 'example.org' },
			],
		},
		licensesToAssign: [],
		handleSpecialCharacterConstraint: false,
		state: 'provisioned',
		status: 'paused',
		statusMessage: '',
		createdDateTime: new Date().toISOString(),
		errorCount: 0,
		snapshotGeneration: 'first',
		...changes,
	};
	await deps.profiles.insert(profile);
	await deps.uploads.create(profile.tenantId, profile.id);
	return profile;
}

/** `once`: every step as the orchestration would call it. `twice`: as it may be after a crash, since delivery is at least once. */
type Delivery = 'once' | 'twice';

/** The steps in the order of the orchestration, without it. */
async function runSync(profile: Profile, files: RosterFiles, delivery: Delivery = 'once') {
	const run = await acceptedRun(profile, files);
	const step = async <T>(work: () => Promise<T>): Promise<T> => {
		const first = await work();
		return delivery === 'twice' ? work() : first;
	};
	await step(() => beginRun(deps, run));
	const manifest = await step(() => shardRoster(deps, run));
	const refs = shardRefs(run, manifest);
	let tallies: Tallies = {};
	const planned: { ref: (typeof refs)[number]; writes: number }[] = [];
	for (const ref of refs) {
		const tally = await step(() => compareShard(deps, ref));
		tallies = addTally(tallies, ref.kind, tally);
		if (plannedWrites(tally) > 0) planned.push({ ref, writes: plannedWrites(tally) });
	}
	await step(() => planRun(deps, run, planned));
	const counts = snapshotCountsAfter(manifest);
	const order: readonly RosterKind[] = [
		'school',
		'student',
		'teacher',
		'section',
		'studentEnrollment',
		'teacherRoster',
	];
	for (const kind of order) {
		for (const { ref } of planned.filter((each) => each.ref.kind === kind)) {
			const { failed } = await step(() => applyShard(deps, ref, counts));
			tallies = addTally(tallies, kind, { failed });
		}
	}
	const finished = await step(() => finishRun(deps, run, { tallies, directoryWrites: 0, manifest: counts }));
	const errors = (await deps.errors.list(profile.id, { size: 999 })).items;
	return { outcome: finished?.outcome, tallies, errors };
}

async function acceptedRun(profile: Profile, files: RosterFiles): Promise<SyncRef> {
	const run: SyncRef = {
		tenantId: profile.tenantId,
		profileId: profile.id,
		runId: newRunId(new Date(), hex()),
		generation: profile.snapshotGeneration,
	};
	for (const kind of rosterKinds) {
		const name = Object.keys(files).find((each) => each.toLowerCase() === `${kind.toLowerCase()}.csv`) as string;
		await writeFile(deps.rosters, sourcePath(run, kind), [Buffer.from(files[name] as string)]);
	}
	await deps.errors.deleteAll(profile.id);
	await deps.runs.save({
		id: run.runId,
		tenantId: profile.tenantId,
		profileId: profile.id,
		reason: 'start',
		phase: 'shard',
		startedDateTime: new Date().toISOString(),
		sourceRunId: run.runId,
		acceptedFiles: [],
		rows: {},
		tallies: {},
		directoryWrites: 0,
		errorCount: 0,
	});
	return run;
}

const nothing = { added: 0, changed: 0, removed: 0, failed: 0 };

describe.each<Delivery>(['once', 'twice'])('the steps of a run, each delivered %s', (delivery) => {
	test('bring a roster in, and find nothing to do the second time', async () => {
		const profile = await newProfile();
		const first = await runSync(profile, smallRoster(), delivery);
		expect(first).toMatchObject({
			outcome: 'success',
			errors: [],
			tallies: {
				school: { added: 2 },
				section: { added: 3 },
				student: { added: 4 },
				teacher: { added: 2 },
				studentEnrollment: { added: 5 },
				teacherRoster: { added: 3 },
			},
		});
		const second = await runSync(profile, smallRoster(), delivery);
		for (const kind of rosterKinds) expect(second.tallies[kind], kind).toMatchObject(nothing);
	});

	test('change only what changed', async () => {
		const profile = await newProfile();
		await runSync(profile, smallRoster(), delivery);
		const students = (smallRoster()['Student.csv'] as string).replace(
			'wdale,Welcome-2026!,10',
			'wdale,Welcome-2026!,11',
		);
		const run = await runSync(profile, smallRoster({ 'Student.csv': students }), delivery);
		expect(run.tallies.student).toEqual({ added: 0, changed: 1, removed: 0, unchanged: 3, failed: 0 });
	});

	test('keep people who leave in the directory, and bring them back with their memberships', async () => {
		const profile = await newProfile();
		await runSync(profile, smallRoster(), delivery);
		const without = smallRoster({
			'Student.csv': (smallRoster()['Student.csv'] as string).replace(/P4.*\r\n/, ''),
			'StudentEnrollment.csv': (smallRoster()['StudentEnrollment.csv'] as string).replace('C3,P4\r\n', ''),
		});
		const left = await runSync(profile, without, delivery);
		expect(left).toMatchObject({
			outcome: 'success',
			tallies: { student: { removed: 1 }, studentEnrollment: { removed: 1, failed: 0 } },
		});
		expect((await runSync(profile, without, delivery)).tallies.student).toMatchObject(nothing);
		const back = await runSync(profile, smallRoster(), delivery);
		expect(back.tallies).toMatchObject({ student: { changed: 1 }, studentEnrollment: { added: 1, failed: 0 } });
	});

	test('record one error for each record that fails, and repeat exactly those the next time', async () => {
		const owner = await newProfile();
		await runSync(owner, smallRoster(), delivery);
		// Another profile of the same tenant wants a sign-in name that is taken.
		const rival = await newProfile({}, owner.tenantId);
		const files = smallRoster({
			'Student.csv':
				'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\nQ1,S1,Zed,Other,zardent,Welcome-2026!\r\n',
			'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,Q1\r\n',
		});
		const run = await runSync(rival, files, delivery);
		expect(run.outcome).toBe('error');
		expect(run.tallies).toMatchObject({ student: { added: 1, failed: 1 }, studentEnrollment: { added: 1, failed: 1 } });
		expect(run.errors.map(({ entryType, errorCode }) => [entryType, errorCode])).toEqual([
			['Student', 'AzureActiveDirectoryInvalidPropertyValue'],
			['SectionStudents', 'InvalidLookupReference'],
		]);
		const again = await runSync(rival, files, delivery);
		expect(again.tallies).toMatchObject({ student: { added: 1, failed: 1 }, teacher: nothing, teacherRoster: nothing });
		expect(again.errors).toHaveLength(2);
	});

	test('take a user at two schools as one user with two schools', async () => {
		const profile = await newProfile();
		const teachers = `${smallRoster()['Teacher.csv']}T1,S2,Vera,Elm,velm,Welcome-2026!\r\n`;
		const run = await runSync(profile, smallRoster({ 'Teacher.csv': teachers }), delivery);
		expect(run).toMatchObject({ outcome: 'success', tallies: { teacher: { added: 2, failed: 0 } } });
		const back = await runSync(profile, smallRoster(), delivery);
		expect(back.tallies.teacher).toMatchObject({ changed: 1, unchanged: 1 });
	});
});

test('a matching profile writes onto the users it finds, and creates none', async () => {
	const owner = await newProfile();
	await runSync(owner, smallRoster());
	const matching = await newProfile(
		{
			identity: {
				kind: 'matching',
				matchingOptions: [
					{
						appliesTo: 'student',
						sourcePropertyName: 'Username',
						targetPropertyName: 'userPrincipalName',
						targetDomain: 'students.example.org',
					},
					{ appliesTo: 'teacher', sourcePropertyName: 'Username', targetPropertyName: 'mailNickname' },
				],
			},
		},
		owner.tenantId,
	);
	const students = `${smallRoster()['Student.csv']}P5,S1,No,Body,nobody,Welcome-2026!,9\r\n`;
	const run = await runSync(matching, smallRoster({ 'Student.csv': students }));
	expect(run).toMatchObject({
		outcome: 'error',
		tallies: { student: { added: 5, failed: 1 }, teacher: { added: 2, failed: 0 } },
	});
	expect(run.errors).toEqual([
		expect.objectContaining({
			entryType: 'Student',
			errorCode: 'UnsynchronizableChange',
			joiningValue: 'nobody@students.example.org',
			reportableIdentifier: 'nobody',
		}),
	]);
});

test('a profile that has a rule for one role only brings the other files in', async () => {
	const identity = { kind: 'creation', userDomains: [{ appliesTo: 'student', name: 'students.example.org' }] } as const;
	const profile = await newProfile({ identity });
	const headers = {
		'Teacher.csv': 'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\n',
		'TeacherRoster.csv': 'Section SIS ID,SIS ID\r\n',
	};
	const first = await runSync(profile, smallRoster(headers));
	expect([first.outcome, first.errors, first.tallies.student?.added]).toEqual(['success', [], 4]);
	const second = await runSync(profile, smallRoster(headers));
	expect([second.outcome, second.errors, second.tallies.student?.unchanged]).toEqual(['success', [], 4]);
});

test('a deferred kind is left alone until it is not deferred any more', async () => {
	const deferred = { isSyncDeferred: true, allowDisplayNameUpdate: false };
	const profile = await newProfile({ dataProvider: { kind: 'csv', customizations: { studentEnrollment: deferred } } });
	const first = await runSync(profile, smallRoster());
	expect(first.tallies.studentEnrollment).toBeUndefined();
	const stored = await deps.profiles.get(profile.tenantId, profile.id);
	if (stored)
		await deps.profiles.replace(stored, { ...stored.profile, dataProvider: { kind: 'csv', customizations: {} } });
	expect((await runSync(profile, smallRoster())).tallies.studentEnrollment).toMatchObject({ added: 5 });
});

test('a run counts the findings that are not listed, too', async () => {
	const profile = await newProfile();
	const run = await acceptedRun(profile, smallRoster());
	const record = await deps.runs.get(profile.id, run.runId);
	if (record) await deps.runs.save({ ...record, unlistedFindings: 41 });
	for (const _ of ['once', 'twice']) {
		const finished = await finishRun(deps, run, { tallies: {}, directoryWrites: 0, manifest: {} });
		expect(finished?.errorCount).toBe(41);
	}
});
