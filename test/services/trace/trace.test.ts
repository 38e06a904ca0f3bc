import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableDirectoryReader } from '../../../src/adapters/directory/tables/table-directory-reader.ts';
import type { Profile } from '../../../src/domain/profile.ts';
import type { Run } from '../../../src/domain/run.ts';
import { judgement } from '../../../src/services/intake/acceptance.ts';
import { saveReport } from '../../../src/services/intake/run-reports.ts';
import { verifyAccepted } from '../../../src/services/intake/verification.ts';
import { changeProfile } from '../../../src/services/sync/profile-changes.ts';
import { type TraceQuery, traceService } from '../../../src/services/trace/trace.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import type { RosterFiles } from '../../support/sync-story.ts';
import { SyncBench } from '../../support/worlds/sync-bench.ts';

let bench: SyncBench;
/** For tests that only look. */
let small: Awaited<ReturnType<typeof syncedProfile>>;

beforeAll(async () => {
	bench = await SyncBench.open();
	small = await syncedProfile();
});

afterAll(() => bench?.storage.stop());

/** Accepts and syncs, as far as it goes, what verification lets through. */
async function sync(profile: Profile, files: RosterFiles, { skipsFaultyRows = false, isRefused = false } = {}) {
	const { deps } = bench;
	const ref = { tenantId: profile.tenantId, profileId: profile.id };
	const run = await bench.acceptedRun(profile, files);
	const verdict = await verifyAccepted(deps, { profile, files: run, renew: async () => {} });
	await saveReport(deps, run, { ...verdict, renew: async () => {}, replaced: undefined });
	const record = (await deps.runs.get(profile.id, run.runId)) as Run;
	await deps.runs.save({ ...record, ...judgement({ profile, verdict, skipsFaultyRows }) });
	const shown = {
		verifiedRunId: run.runId,
		latestRunId: run.runId,
		...(isRefused ? {} : { acceptedRunId: run.runId }),
	};
	await changeProfile(deps.profiles, ref, (current) => ({ ...current, ...shown, status: 'inProgress' }));
	if (!isRefused) await bench.finishRun(run);
	return run;
}

function tracing(profile: Profile) {
	const service = traceService({ ...bench.deps, directoryReader: tableDirectoryReader(bench.storage.account) });
	return (query: TraceQuery) => service.trace({ tenantId: profile.tenantId, profileId: profile.id }, query);
}

async function syncedProfile(files: RosterFiles = smallRoster(), options: Parameters<typeof sync>[2] = {}) {
	const profile = await bench.newProfile();
	const run = await sync(profile, files, options);
	return { profile, run, trace: tracing(profile) };
}

describe('a person', () => {
	test('is followed from the files into the directory, by id and by username alike', async () => {
		const { trace } = small;
		const byId = await trace({ user: 'P2' });
		expect(byId.conclusions).toEqual([
			'Student "P2" is in the directory as "ybrook@students.example.org": student.csv, line 3.',
			'Student "P2" is in section "C1": studentenrollment.csv, line 3 says so, and the directory has it.',
			'Student "P2" is in section "C2": studentenrollment.csv, line 4 says so, and the directory has it.',
			'Student "P2" is in school "S1": student.csv, line 3 says so, and the directory has it.',
		]);
		expect(byId.people[0]?.directory).toMatchObject({
			schools: [{ externalId: 'S1' }],
			classes: [
				{ externalId: 'C1', role: 'student' },
				{ externalId: 'C2', role: 'student' },
			],
		});
		for (const user of ['ybrook', 'YBrook@students.example.org']) expect(await trace({ user })).toEqual(byId);
	});

	test('shows no password, wherever it is looked for', async () => {
		const { trace } = small;
		expect(JSON.stringify(await trace({ user: 'T1' }))).not.toContain('Welcome-2026!');
	});

	test('who teaches is no student', async () => {
		const { trace } = small;
		const { people, conclusions } = await trace({ user: 'T1', section: 'C2' });
		expect(people.map(({ kind }) => kind)).toEqual(['teacher']);
		expect(conclusions[0]).toBe(
			'Teacher "T1" is in section "C2": teacherroster.csv, line 3 says so, and the directory has it.',
		);
	});

	test('who has left every file is known to the directory, by id and by name', async () => {
		const { profile, trace } = await syncedProfile();
		const { 'Student.csv': all, 'StudentEnrollment.csv': rows, ...others } = smallRoster();
		const without = (text: unknown) => String(text).replace(/^.*P4.*\r\n/m, '');
		await sync(profile, { ...others, 'Student.csv': without(all), 'StudentEnrollment.csv': without(rows) });
		for (const user of ['P4', 'wdale@students.example.org']) {
			const { people, conclusions } = await trace({ user });
			expect(people[0]?.history.state).toBe('inactive');
			expect(conclusions[0]).toMatch(
				/^Student "P4" is not in student\.csv any more\. The directory keeps it \([0-9a-f-]{36}\)/,
			);
		}
	});

	test('whose row was skipped is told why, with the cure', async () => {
		const faulty = smallRoster({
			'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,P1\r\nC9,P1\r\n',
		});
		const { trace } = await syncedProfile(faulty, { skipsFaultyRows: true });
		const { conclusions, memberships } = await trace({ user: 'P1' });
		expect(conclusions).toContain(
			'Student "P1" is not in section "C9": studentenrollment.csv, line 3 says so, but was refused: column Section SIS ID, value "C9", is not in section.csv. Correct the id, or add its row to section.csv.',
		);
		expect(memberships.find(({ group }) => group === 'C9')?.rows).toMatchObject([{ line: 3, verdict: 'error' }]);
		expect(memberships.find(({ group }) => group === 'C1')?.rows).toMatchObject([{ line: 2, verdict: 'sound' }]);
	});

	test('of later files that were refused is told so', async () => {
		const { profile, trace } = await syncedProfile();
		await sync(profile, smallRoster({ 'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC9,P1\r\n' }), {
			isRefused: true,
		});
		const { conclusions } = await trace({ user: 'P1' });
		expect(conclusions[0]).toMatch(/^Student "P1" is in the directory/);
		expect(await trace({ user: 'P1', section: 'C9' })).toMatchObject({
			conclusions: expect.arrayContaining([
				expect.stringContaining('studentenrollment.csv, line 2 of the files uploaded last says so, but was refused'),
			]),
		});
	});

	test('whose new id waits for a word is told so, under the old one too', async () => {
		const { profile, trace } = await syncedProfile();
		const renamed = Object.fromEntries(
			Object.entries(smallRoster()).map(([name, text]) => [name, String(text).replaceAll(/\bP1\b/g, 'N1')]),
		);
		const run = await sync(profile, renamed);
		for (const user of ['P1', 'N1']) {
			const { conclusions, people } = await trace({ user });
			expect(people[0]?.newId).toEqual({ runId: run.runId, from: 'P1', to: 'N1' });
			expect(conclusions[0]).toMatch(
				new RegExp(`^Student "${user}" waits: student\\.csv seems to have "P1" under the new id "N1"`),
			);
		}
		const { conclusions } = await trace({ user: 'N1', section: 'C1' });
		expect(conclusions[0]).toMatch(
			/^Student "N1" is not in section "C1": .*, line 2 says so, but student "N1" itself waits: /,
		);
	});

	test('whom the directory refuses is told what it said', async () => {
		const twin = await bench.newProfile();
		await sync(twin, smallRoster());
		const other = await bench.newProfile({}, twin.tenantId);
		const renamed = Object.fromEntries(
			Object.entries(smallRoster()).map(([name, text]) => [
				name,
				String(text).replaceAll(/\b([PTSC])(\d)\b/g, '$1x$2'),
			]),
		);
		await sync(other, renamed);
		const { conclusions, people } = await tracing(other)({ user: 'Px1', section: 'Cx1' });
		expect(people[0]).toMatchObject({ history: { state: 'notSynced' }, errors: [{ entryType: 'Student' }] });
		expect(conclusions[0]).toMatch(
			/^Student "Px1" is not in section "Cx1": studentenrollment\.csv, line 2 says so, but student "Px1" itself was not synced: student\.csv, line 2: .*userPrincipalName already exists/,
		);
	});
});

describe('a person and a class', () => {
	test('that no row joins are not joined', async () => {
		const { trace } = small;
		const { conclusions, memberships } = await trace({ user: 'P1', section: 'C3' });
		expect(conclusions[0]).toBe('Student "P1" is not in section "C3": studentenrollment.csv has no row that says so.');
		expect(memberships).toMatchObject([{ kind: 'studentEnrollment', history: 'notSynced', isInDirectory: false }]);
	});

	test.each([
		['another profile', { source: 'another' }],
		['hand', {}],
	])('that only the directory joins were joined by somebody else, be it by %s', async (_, by) => {
		const { profile, trace } = await syncedProfile();
		const { people, sections } = await trace({ user: 'P1', section: 'C3' });
		const change = { ...by, role: 'student', add: [people[0]?.directory?.id as string], remove: [] } as const;
		await bench.deps.directory.changeMembers(profile.tenantId, [
			{ classId: sections[0]?.directory?.id as string, ...change },
		]);
		expect((await trace({ user: 'P1', section: 'C3' })).conclusions[0]).toContain('somebody else has added it');
	});

	test('whose parting is held say so, with the run', async () => {
		const students = Array.from({ length: 8 }, (_, at) => `Q${at}`);
		const header = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';
		const files = (members: readonly string[]) =>
			smallRoster({
				'Student.csv': [
					header,
					...students.map((id) => `${id},S1,Ada,Lund,${id.toLowerCase()},Welcome-2026!`),
					'',
				].join('\r\n'),
				'StudentEnrollment.csv': ['Section SIS ID,SIS ID', ...members.map((id) => `C1,${id}`), ''].join('\r\n'),
			});
		const { profile, trace } = await syncedProfile(files(students));
		const run = await sync(profile, files(students.slice(0, 2)));
		const { conclusions, memberships } = await trace({ user: 'Q7', section: 'C1' });
		expect(conclusions[0]).toContain(`the removal is held since run "${run.runId}"`);
		expect(memberships).toMatchObject([{ hold: { runId: run.runId }, isInDirectory: true, rows: [] }]);
	});
});

test('a class says how many it has', async () => {
	const { trace } = small;
	const { conclusions, people, memberships } = await trace({ section: 'C1' });
	expect(conclusions).toEqual([
		'Section "C1" is in the directory: section.csv, line 2. The files have 2 students and 1 teacher of it, the directory 2 students and 1 teacher.',
	]);
	expect([people, memberships]).toEqual([[], []]);
});

describe('what cannot be traced', () => {
	test('is nobody, and whom nothing knows', async () => {
		const { trace } = small;
		expect((await asyncRefusal(trace({}))).code).toBe('BadRequest');
		for (const query of [
			{ user: 'P99' },
			{ section: 'C99' },
			{ user: 'P1', section: 'C99' },
			{ user: 'P99', section: 'C1' },
		])
			expect(await asyncRefusal(trace(query)), JSON.stringify(query)).toMatchObject({
				code: 'ResourceNotFound',
				message: expect.stringContaining('99'),
			});
	});

	test('is anybody, before the first files', async () => {
		const trace = tracing(await bench.newProfile());
		expect((await asyncRefusal(trace({ user: 'P1' }))).code).toBe('ResourceNotFound');
	});

	test('is what another tenant has', async () => {
		const { profile } = small;
		const foreign = { ...profile, tenantId: '99999999-9999-4999-8999-999999999999' };
		expect((await asyncRefusal(tracing(foreign)({ user: 'P1' }))).code).toBe('ResourceNotFound');
	});
});
