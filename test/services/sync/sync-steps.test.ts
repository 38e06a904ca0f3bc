import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import { takeHistory } from '../../../src/services/sync/steps/take-history.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { type Delivery, SyncBench } from '../../support/worlds/sync-bench.ts';

let bench: SyncBench;

beforeAll(async () => {
	bench = await SyncBench.open();
});

afterAll(() => bench?.storage.stop());

const nothing = { added: 0, changed: 0, removed: 0, failed: 0 };

describe.each<Delivery>(['once', 'twice'])('the steps of a run, each delivered %s', (delivery) => {
	test('bring a roster in, and find nothing to do the second time', async () => {
		const profile = await bench.newProfile();
		const first = await bench.runSync(profile, smallRoster(), { delivery });
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
		const second = await bench.runSync(profile, smallRoster(), { delivery });
		for (const kind of rosterKinds) expect(second.tallies[kind], kind).toMatchObject(nothing);
	});

	test('change only what changed', async () => {
		const profile = await bench.newProfile();
		await bench.runSync(profile, smallRoster(), { delivery });
		const students = (smallRoster()['Student.csv'] as string).replace(
			'wdale,Welcome-2026!,10',
			'wdale,Welcome-2026!,11',
		);
		const run = await bench.runSync(profile, smallRoster({ 'Student.csv': students }), { delivery });
		expect(run.tallies.student).toEqual({ added: 0, changed: 1, removed: 0, unchanged: 3, failed: 0 });
	});

	test('keep people who leave in the directory, and bring them back with their memberships', async () => {
		const profile = await bench.newProfile();
		await bench.runSync(profile, smallRoster(), { delivery });
		const without = smallRoster({
			'Student.csv': (smallRoster()['Student.csv'] as string).replace(/P4.*\r\n/, ''),
			'StudentEnrollment.csv': (smallRoster()['StudentEnrollment.csv'] as string).replace('C3,P4\r\n', ''),
		});
		const left = await bench.runSync(profile, without, { delivery });
		expect(left).toMatchObject({
			outcome: 'success',
			tallies: {
				student: { removed: 1 },
				studentEnrollment: { removed: 1, failed: 0 },
				schoolStudent: { removed: 1, failed: 0 },
			},
		});
		expect((await bench.runSync(profile, without, { delivery })).tallies.student).toMatchObject(nothing);
		const back = await bench.runSync(profile, smallRoster(), { delivery });
		expect(back.tallies).toMatchObject({ student: { changed: 1 }, studentEnrollment: { added: 1, failed: 0 } });
	});

	test('record one error for each record that fails, and repeat exactly those the next time', async () => {
		const owner = await bench.newProfile();
		await bench.runSync(owner, smallRoster(), { delivery });
		// Another profile of the same tenant wants a sign-in name that is taken.
		const rival = await bench.newProfile({}, owner.tenantId);
		const files = smallRoster({
			'Student.csv':
				'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\nQ1,S1,Zed,Other,zardent,Welcome-2026!\r\n',
			'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,Q1\r\n',
		});
		const run = await bench.runSync(rival, files, { delivery });
		expect(run.outcome).toBe('error');
		expect(run.tallies).toMatchObject({ student: { added: 1, failed: 1 }, studentEnrollment: { added: 1, failed: 1 } });
		expect(run.errors.map(({ entryType, errorCode }) => [entryType, errorCode])).toEqual([
			['Student', 'AzureActiveDirectoryInvalidPropertyValue'],
			['SectionStudents', 'InvalidLookupReference'],
		]);
		const again = await bench.runSync(rival, files, { delivery });
		expect(again.tallies).toMatchObject({ student: { added: 1, failed: 1 }, teacher: nothing, teacherRoster: nothing });
		expect(again.errors).toHaveLength(2);
	});

	test('take a user at two schools as one user with two schools', async () => {
		const profile = await bench.newProfile();
		const teachers = `${smallRoster()['Teacher.csv']}T1,S2,Vera,Elm,velm,Welcome-2026!\r\n`;
		const run = await bench.runSync(profile, smallRoster({ 'Teacher.csv': teachers }), { delivery });
		expect(run).toMatchObject({
			outcome: 'success',
			tallies: { teacher: { added: 2, failed: 0 }, schoolTeacher: { added: 3 } },
		});
		const back = await bench.runSync(profile, smallRoster(), { delivery });
		expect(back.tallies.teacher).toMatchObject({ ...nothing, unchanged: 2 });
		expect(back.tallies.schoolTeacher).toMatchObject({ ...nothing, removed: 1, unchanged: 2 });
	});
});

test('people exchange their usernames in one run, and the history is right afterwards', async () => {
	const profile = await bench.newProfile();
	await bench.runSync(profile, smallRoster());
	const students = smallRoster()['Student.csv'] as string;
	const swapped = students.replace('zardent', 'someone').replace('ybrook', 'zardent').replace('someone', 'ybrook');
	const run = await bench.runSync(profile, smallRoster({ 'Student.csv': swapped }));
	expect(run).toMatchObject({ outcome: 'success', errors: [], tallies: { student: { changed: 2, failed: 0 } } });
	const again = await bench.runSync(profile, smallRoster({ 'Student.csv': swapped }));
	expect(again.tallies.student).toMatchObject({ ...nothing, unchanged: 4 });
});

test('whose username somebody else has is told who that is', async () => {
	const profile = await bench.newProfile();
	await bench.runSync(profile, smallRoster());
	const roster = smallRoster();
	// P1 has left, and a new person gets the name.
	const students = (roster['Student.csv'] as string).replace('P1,S1,Zoë,Ardent', 'P9,S1,Zack,Ardley');
	const enrollments = (roster['StudentEnrollment.csv'] as string).replace('C1,P1', 'C1,P9');
	const run = await bench.runSync(profile, {
		...roster,
		'Student.csv': students,
		'StudentEnrollment.csv': enrollments,
	});
	expect(run.errors[0]).toMatchObject({
		joiningValue: 'zardent@students.example.org',
		errorMessage: expect.stringContaining(`It belongs to student "P1" of profile "${profile.id}".`),
	});
});

test('a matching profile writes onto the users it finds, and creates none', async () => {
	const owner = await bench.newProfile();
	await bench.runSync(owner, smallRoster());
	const matching = await bench.newProfile(
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
	const run = await bench.runSync(matching, smallRoster({ 'Student.csv': students }));
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
	const profile = await bench.newProfile({ identity });
	const headers = {
		'Teacher.csv': 'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\n',
		'TeacherRoster.csv': 'Section SIS ID,SIS ID\r\n',
	};
	const first = await bench.runSync(profile, smallRoster(headers));
	expect([first.outcome, first.errors, first.tallies.student?.added]).toEqual(['success', [], 4]);
	const second = await bench.runSync(profile, smallRoster(headers));
	expect([second.outcome, second.errors, second.tallies.student?.unchanged]).toEqual(['success', [], 4]);
});

test('a deferred kind is left alone until it is not deferred any more', async () => {
	const deferred = { isSyncDeferred: true, allowDisplayNameUpdate: false };
	const profile = await bench.newProfile({
		dataProvider: { kind: 'csv', customizations: { studentEnrollment: deferred } },
	});
	const first = await bench.runSync(profile, smallRoster());
	expect(first.tallies.studentEnrollment).toBeUndefined();
	const stored = await bench.deps.profiles.get(profile.tenantId, profile.id);
	if (stored)
		await bench.deps.profiles.replace(stored, { ...stored.profile, dataProvider: { kind: 'csv', customizations: {} } });
	expect((await bench.runSync(profile, smallRoster())).tallies.studentEnrollment).toMatchObject({ added: 5 });
});

test('a run counts the findings that are not listed, too', async () => {
	const profile = await bench.newProfile();
	const run = await bench.acceptedRun(profile, smallRoster());
	await takeHistory(bench.deps, run);
	const record = await bench.deps.runs.get(profile.id, run.runId);
	if (record) await bench.deps.runs.save({ ...record, unlistedFindings: 41 });
	for (const _ of ['once', 'twice']) {
		const finished = await finishRun(bench.deps, run, { tallies: {}, directoryWrites: 0, held: 0 });
		expect(finished?.errorCount).toBe(41);
	}
});
