import { describe, expect, test } from 'vitest';
import type { SyncError } from '../../../src/domain/sync-error.ts';
import { conclusionsOf } from '../../../src/domain/trace/conclusions.ts';
import type { ReportedFinding } from '../../../src/domain/trace/finding-picker.ts';
import type {
	Trace,
	TraceContext,
	TracedMembership,
	TracedRecord,
	TracedRow,
} from '../../../src/domain/trace/traced-facts.ts';

const runId = '0a000000-0000-8000-8000-000000000001';
const directoryId = '5a000000-0000-4000-8000-000000000001';

const context = (changes: Partial<TraceContext> = {}): TraceContext => ({
	acceptedRunId: runId,
	latestRun: { id: runId, phase: 'finish', outcome: 'success' },
	report: { runId, isOfAcceptedFiles: true, isWhole: true },
	skippedRows: {},
	deferred: {},
	...changes,
});

const row = (line: number, verdict: TracedRow['verdict'] = 'sound'): TracedRow => ({
	line,
	values: new Map(),
	verdict,
});

const error = (errorMessage: string): SyncError => ({
	id: '018F0000-0000-8800-8000-000000000001',
	entryType: 'Student',
	errorCode: 'None',
	errorMessage,
	joiningValue: '',
	reportableIdentifier: '',
	recordedDateTime: '2026-03-02T10:00:00Z',
});

const finding = (changes: Partial<ReportedFinding> = {}): ReportedFinding => ({
	kind: 'student',
	line: 17,
	key: '1012',
	column: 'School SIS ID',
	value: 'S9',
	severity: 'Error',
	reason: 'is not in school.csv',
	cure: 'Correct the id.',
	...changes,
});

const synced = { state: 'synced', directoryId } as const;

const student = (changes: Partial<TracedRecord> = {}): TracedRecord => ({
	kind: 'student',
	sisId: '1012',
	rows: [row(17)],
	rowCount: 1,
	findings: [],
	errors: [],
	history: synced,
	directory: { id: directoryId, userPrincipalName: 'emma@students.example.org' },
	...changes,
});

const section = (changes: Partial<TracedRecord> = {}): TracedRecord =>
	student({ kind: 'section', sisId: '7B', rows: [row(3)], directory: { id: directoryId }, ...changes });

const enrollment = (changes: Partial<TracedMembership> = {}): TracedMembership => ({
	kind: 'studentEnrollment',
	group: '7B',
	person: '1012',
	rows: [row(40)],
	rowCount: 1,
	findings: [],
	errors: [],
	history: 'there',
	isInDirectory: true,
	...changes,
});

interface Scene {
	membership?: Partial<TracedMembership>;
	person?: Partial<TracedRecord>;
	group?: Partial<TracedRecord>;
	context?: Partial<TraceContext>;
}

const traceOf = (scene: Scene): Trace => ({
	asked: 'both',
	context: context(scene.context),
	people: [student(scene.person)],
	sections: [section(scene.group)],
	schools: [],
	memberships: [enrollment(scene.membership)],
});

const absent = { history: 'notSynced', isInDirectory: false } as const;
const noRow = { rows: [], rowCount: 0 } as const;

describe('of a person and a class it is said first', () => {
	const cases: readonly [name: string, scene: Scene, sentence: string][] = [
		[
			'that she is there',
			{},
			'Student "1012" is in section "7B": studentenrollment.csv, line 40 says so, and the directory has it.',
		],
		[
			'that no row says so',
			{ membership: { ...noRow, ...absent } },
			'Student "1012" is not in section "7B": studentenrollment.csv has no row that says so.',
		],
		[
			'that nothing was accepted yet',
			{ membership: { ...noRow, ...absent }, context: { acceptedRunId: undefined as never } },
			'Student "1012" is not in section "7B": no files were accepted yet.',
		],
		[
			'that the removal is held',
			{ membership: { ...noRow, hold: { runId } } },
			`Student "1012" is in section "7B" in the directory, though studentenrollment.csv has no row that says so: the removal is held since run "${runId}". Approve what the run holds, or correct the files.`,
		],
		[
			'that nobody is removed as long as rows are skipped',
			{ membership: noRow, context: { skippedRows: { studentEnrollment: 3 } } },
			'Student "1012" is in section "7B" in the directory, though no row that can be read says so: 3 rows of studentenrollment.csv were skipped because of errors, and as long as that is so nobody is removed.',
		],
		[
			'that somebody else has added her',
			{ membership: { ...noRow, history: 'notSynced' } },
			'Student "1012" is in section "7B" in the directory, though studentenrollment.csv of this profile has no row that says so: somebody else has added it, and a sync leaves it alone.',
		],
		[
			'that the removal is still to come',
			{ membership: noRow },
			'Student "1012" is in section "7B" in the directory, though studentenrollment.csv has no row that says so any more: the next sync removes it.',
		],
		[
			'that a row of later files was refused',
			{
				membership: {
					...noRow,
					...absent,
					findings: [
						finding({ kind: 'studentEnrollment', column: 'SIS ID', value: '1012', reason: 'is not in student.csv' }),
					],
				},
				context: { report: { runId, isOfAcceptedFiles: false, isWhole: false } },
			},
			'Student "1012" is not in section "7B": studentenrollment.csv, line 17 of the files uploaded last says so, but was refused: column SIS ID, value "1012", is not in student.csv. Correct the id.',
		],
		[
			'that the row was refused',
			{
				membership: {
					...absent,
					rows: [row(40, 'error')],
					findings: [
						finding({
							kind: 'studentEnrollment',
							line: 40,
							column: 'SIS ID',
							value: '1012',
							reason: 'is not in student.csv',
						}),
					],
				},
			},
			'Student "1012" is not in section "7B": studentenrollment.csv, line 40 says so, but was refused: column SIS ID, value "1012", is not in student.csv. Correct the id.',
		],
		[
			'that the section itself was not synced, and why',
			{
				membership: absent,
				group: {
					history: { state: 'notSynced' },
					directory: undefined as never,
					errors: [error('The nickname is taken.')],
				},
			},
			'Student "1012" is not in section "7B": studentenrollment.csv, line 40 says so, but section "7B" itself was not synced: section.csv, line 3: The nickname is taken.',
		],
		[
			'that the student herself was not synced, and why',
			{
				membership: absent,
				person: { ...noRow, history: { state: 'notSynced' }, directory: undefined as never },
			},
			'Student "1012" is not in section "7B": studentenrollment.csv, line 40 says so, but student "1012" itself is not in student.csv.',
		],
		[
			'that the directory refused it',
			{ membership: { ...absent, errors: [error('The class is full.')] } },
			'Student "1012" is not in section "7B": studentenrollment.csv, line 40 says so, but it could not be written: The class is full.',
		],
		[
			'that somebody has removed it in the directory',
			{ membership: { isInDirectory: false } },
			'Student "1012" is not in section "7B": studentenrollment.csv, line 40 says so, and a sync wrote it, but the directory has it no more: somebody removed it there. Reset the profile, and it is written anew.',
		],
		[
			'that a sync is under way',
			{ membership: absent, context: { latestRun: { id: runId, phase: 'users' } } },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and a sync is under way (users).',
		],
		[
			'that the last sync failed',
			{
				membership: absent,
				context: { latestRun: { id: runId, phase: 'finish', outcome: 'failed', failure: 'A plan is missing.' } },
			},
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and the last sync failed: A plan is missing.',
		],
		[
			'that the last sync was ended',
			{ membership: absent, context: { latestRun: { id: runId, phase: 'finish', outcome: 'terminated' } } },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and the last sync was ended before it was done. Start again.',
		],
		[
			'that the profile lets it wait until a day',
			{ membership: absent, context: { deferred: { studentEnrollment: { until: '2026-09-01' } } } },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and the profile lets it wait until 2026-09-01.',
		],
		[
			'that the profile lets it wait without a day',
			{ membership: absent, context: { deferred: { studentEnrollment: {} } } },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and the profile lets it wait without a date (isSyncDeferred).',
		],
		[
			'that the profile is paused',
			{ membership: absent, context: { pausedSince: '2026-07-03T08:00:00Z' } },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and the profile is paused since 2026-07-03T08:00:00Z. Resume it.',
		],
		[
			'that the profile expired',
			{ membership: absent, context: { expiredOn: '2026-07-31' } },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and the profile expired on 2026-07-31. Set a later expirationDate.',
		],
		[
			'that a sync was interrupted',
			{ membership: { history: 'unknown', isInDirectory: false } },
			'Student "1012" is not in section "7B": studentenrollment.csv, line 40 says so, and the sync that was to write it was interrupted. The next one makes certain.',
		],
		[
			'that no sync has written it',
			{ membership: absent },
			'Student "1012" is not in section "7B" yet: studentenrollment.csv, line 40 says so, and no sync has written it. Start the profile.',
		],
	];

	test.each(cases)('%s', (_, scene, sentence) => {
		expect(conclusionsOf(traceOf(scene))[0]).toBe(sentence);
	});
});

describe('of a person it is said first', () => {
	const cases: readonly [
		name: string,
		person: Partial<TracedRecord>,
		changes: Partial<TraceContext>,
		sentence: string,
	][] = [
		[
			'that she is there',
			{},
			{},
			'Student "1012" is in the directory as "emma@students.example.org": student.csv, line 17.',
		],
		[
			'that her row was refused',
			{
				rows: [row(17, 'error')],
				findings: [finding()],
				history: { state: 'notSynced' },
				directory: undefined as never,
			},
			{},
			'Student "1012" was refused: student.csv, line 17: column School SIS ID, value "S9", is not in school.csv. Correct the id.',
		],
		[
			'that later files with her were refused',
			{ ...noRow, findings: [finding()], history: { state: 'notSynced' }, directory: undefined as never },
			{ report: { runId, isOfAcceptedFiles: false, isWhole: false } },
			'Student "1012" is in no file that was accepted. In the files uploaded last it was refused: student.csv, line 17: column School SIS ID, value "S9", is not in school.csv. Correct the id.',
		],
		[
			'that she has left the files, and stays in the directory',
			{ ...noRow, history: { state: 'inactive', directoryId } },
			{},
			`Student "1012" is not in student.csv any more. The directory keeps it (${directoryId}): a sync deletes nobody.`,
		],
		[
			'that another source has her',
			{ ...noRow, history: { state: 'notSynced' } },
			{},
			`Student "1012" is in the directory (${directoryId}), and student.csv of this profile has no row of it.`,
		],
		[
			'that nothing was accepted yet',
			{ ...noRow, history: { state: 'notSynced' }, directory: undefined as never },
			{ acceptedRunId: undefined as never },
			'Student "1012" is unknown so far: no files were accepted yet.',
		],
		[
			'that the last change could not be written',
			{ errors: [error('The name is taken.')] },
			{},
			'Student "1012" is in the directory as "emma@students.example.org", but not as student.csv, line 17 has it: The name is taken.',
		],
		[
			'that somebody has removed her in the directory',
			{ directory: undefined as never },
			{},
			'Student "1012" was synced, and the directory has it no more: somebody removed it there. Reset the profile, and it is written anew.',
		],
		[
			'that the directory refused her',
			{ history: { state: 'notSynced' }, directory: undefined as never, errors: [error('Nobody matches.')] },
			{},
			'Student "1012" was not synced: student.csv, line 17: Nobody matches.',
		],
		[
			'that a sync is under way',
			{ history: { state: 'notSynced' }, directory: undefined as never },
			{ latestRun: { id: runId, phase: 'compare' } },
			'Student "1012" is not synced yet: student.csv, line 17 has it, and a sync is under way (compare).',
		],
		[
			'that a sync was interrupted',
			{ history: { state: 'unknown' }, directory: undefined as never },
			{},
			'Student "1012" is in student.csv, line 17, and nobody knows whether it was written, since a sync was interrupted. The next one makes certain.',
		],
		[
			'that no sync has written her',
			{ history: { state: 'notSynced' }, directory: undefined as never },
			{},
			'Student "1012" is in student.csv, line 17, and was not synced yet. Start the profile.',
		],
	];

	test.each(cases)('%s', (_, person, changes, sentence) => {
		const trace: Trace = { ...traceOf({ person, context: changes }), asked: 'user' };
		expect(conclusionsOf(trace)[0]).toBe(sentence);
	});
});

test('of a class it is said how many it has, in the files and in the directory', () => {
	const members = { rows: { students: 29, teachers: 1 }, directory: { students: 28, teachers: 1 } };
	const trace: Trace = { ...traceOf({ group: { members } }), asked: 'class', people: [], memberships: [] };
	expect(conclusionsOf(trace)).toEqual([
		'Section "7B" is in the directory: section.csv, line 3. The files have 29 students and 1 teacher of it, the directory 28 students and 1 teacher.',
	]);
});

test('names that are no names are shown on one line, and short', () => {
	const trace: Trace = { ...traceOf({ person: { sisId: `a\u202e\n${'b'.repeat(300)}` } }), asked: 'user' };
	expect(conclusionsOf(trace)[0]).toMatch(/^Student "a��b{60}…" /);
});
