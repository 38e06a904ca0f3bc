import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandBench } from './command-bench.ts';
import { finishedRun } from './stand-in-service.ts';

let bench: CommandBench;

beforeEach(async () => {
	bench = new CommandBench();
	await bench.open();
});
afterEach(() => bench.close());

const noChange = { added: 0, changed: 0, removed: 0, unchanged: 12, failed: 0 };

describe('a first sync', () => {
	test('creates the profile, waits for it, uploads, starts, follows and reports', async () => {
		const { service } = bench;
		service.script.provisioningPolls = 2;
		service.script.runStates = [
			{ phase: 'users', progress: { done: 100, total: 400 }, rows: { school: 2, student: 1200 } },
			{ phase: 'memberships', progress: { done: 1, total: 9 } },
			finishedRun(),
		];
		const { exitCode, stdout, stderr } = await bench.run();
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
		expect(service.profiles[0]).toMatchObject({
			displayName: 'roster',
			dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
			identitySynchronizationConfiguration: {
				'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
				userDomains: [
					{ appliesTo: 'student', name: 'students.example.org' },
					{ appliesTo: 'teacher', name: 'teachers.example.org' },
				],
			},
		});
		expect(service.uploads.get('TeacherRoster.csv')?.toString()).toBe('SIS ID\r\nTeacherRoster.csv\r\n');
		expect(service.uploads.size).toBe(6);
		expect(service.stops).toBe(1);
		expect(
			stdout.replace(/under 0\.1 s|\d+\.\d s/g, 'N s').replaceAll(dirname(bench.folder), 'HOME'),
		).toMatchInlineSnapshot(`
			"
			  Folder      HOME/roster
			  Starting the embedded service …
			  Service     on this machine, data in HOME/.local
			  Preparing the profile …
			  Profile     roster (new)
			  Uploading …
			  Uploaded    6 files, 141 bytes in N s
			  Checking files …
			  Checked     1,202 records, nothing to report
			  Accounts …
			  Enrollments …

			  Synced in N s.

			            Added  Changed  Removed  Unchanged  Failed
			  Schools       2        0        0          0       0
			  Students  1,200        0        0          0       0

			  1,202 changes written to the directory.
			  It now holds 7 schools, 7 classes and 7 accounts.

			"
		`);
	});

	test('uses the domains and the name that were asked for', async () => {
		const args = ['--name', 'West', '--student-domain', 's.example.org', '--teacher-domain', 't.example.org'];
		await bench.run([bench.folder, ...args]);
		expect(bench.service.profiles[0]).toMatchObject({
			displayName: 'West',
			identitySynchronizationConfiguration: { userDomains: [{ name: 's.example.org' }, { name: 't.example.org' }] },
		});
	});

	test('reports why a profile could not be set up', async () => {
		bench.service.script.provisioningFailure = 'yes';
		bench.service.script.status = { status: 'error', statusMessage: 'The storage account refused the container.' };
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('setting it up failed: The storage account refused the container.');
		expect(bench.service.stops).toBe(1);
	});

	test('gives up on a profile that is never set up', async () => {
		bench.service.script.provisioningPolls = 1_000_000;
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('its state is "provisioning", and it must be "provisioned"');
	});
});

describe('a profile of that name', () => {
	test('is used again', async () => {
		await bench.run();
		expect((await bench.run()).exitCode).toBe(0);
		expect(bench.service.profiles).toHaveLength(1);
		expect(bench.service.count('/start')).toBe(2);
	});

	test('is not used while it is being deleted', async () => {
		bench.service.addProfile('roster', { state: 'deleting' });
		await bench.run();
		expect(bench.service.profiles).toHaveLength(2);
	});

	test('is refused if it reads from a server', async () => {
		bench.service.addProfile('roster', {
			dataProvider: { '@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider' },
		});
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('must be a CSV profile. Choose another --name.');
	});

	test('keeps its domains, and the user is told', async () => {
		const userDomains = [{ appliesTo: 'student', name: 'old.example.org' }];
		bench.service.addProfile('roster', { identitySynchronizationConfiguration: { userDomains } });
		const { stdout } = await bench.run([bench.folder, '--student-domain', 'new.example.org']);
		expect(stdout).toContain('keeps its student domain old.example.org; --student-domain has no effect');
	});
});

describe('verification', () => {
	test('with errors ends in exit code 1, with messages, rows and what to do', async () => {
		bench.service.script.messages = [
			{ type: 'Warning', fileName: 'student.csv', description: '2 duplicates found in column SIS ID.' },
			{ type: 'Error', fileName: 'section.csv', description: '1 row(s) have missing data for the field - SIS ID' },
		];
		bench.service.script.errors = [
			{ entryType: 'Section', errorMessage: 'Line 3 has no SIS ID.', reportableIdentifier: 'line 3' },
		];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(/Checked {5}12 records, 1 error, 1 warning/);
		expect(stdout.indexOf('Error     section.csv')).toBeLessThan(stdout.indexOf('Warning   student.csv'));
		expect(stdout).toContain('Not synced: the files have errors. Nothing was written.');
		expect(stdout).toMatch(/Section +1 {2}line 3 +Line 3 has no SIS ID\./);
		expect(stdout).toContain('Correct the files and run the same command again.');
	});

	test('leaves missing files to the service', async () => {
		const { rm } = await import('node:fs/promises');
		await rm(join(bench.folder, 'Student.csv'));
		bench.service.script.messages = [{ type: 'Error', fileName: 'student.csv', description: 'File is missing.' }];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(1);
		expect(bench.service.uploads.size).toBe(5);
		expect(stdout).toMatch(/Error {5}student\.csv {2}File is missing\./);
	});

	test('that refuses for another reason than the files is no error of the files', async () => {
		bench.service.script.faults = [
			{ match: '/start', status: 400, body: { error: { code: 'BadRequest', message: 'The profile has expired.' } } },
		];
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toBe('Cannot start the sync: The profile has expired (400)\n');
	});
});

describe('the end of a sync', () => {
	test('without a change says so', async () => {
		const tallies = { school: noChange, student: noChange };
		bench.service.script.runStates = [finishedRun({ tallies, directoryWrites: 0 })];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(0);
		expect(stdout).toContain('The directory was already up to date: nothing was written.');
	});

	test('with failed records shows each cause once, how often, and the first records', async () => {
		bench.service.script.runStates = [finishedRun({ outcome: 'error', errorCount: 120 })];
		bench.service.script.errors = Array.from({ length: 120 }, (_, i) => ({
			entryType: 'Student',
			errorMessage: i % 4 === 0 ? `The name "n${i}" is taken.` : `No account for pupil ${i + 1}.`,
			reportableIdentifier: `S${i + 1}`,
		}));
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(1);
		expect(stdout).toContain('120 records to look at');
		expect(stdout).toMatch(
			/Student +90 +S2, S3, S4, … +No account for pupil 2\.\n +Student +30 +S1, S5, S9, … +The name "n0" is taken\.\n/,
		);
		expect(stdout.match(/No account/g)).toHaveLength(1);
		expect(stdout).not.toMatch(/and \d+ more/);
	});

	test('by a failure of the service is exit code 2, with its reason', async () => {
		const failure = 'The directory could not be reached for an hour.';
		bench.service.script.runStates = [finishedRun({ outcome: 'failed', failure, directoryWrites: 3 })];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stdout).toContain(`The sync failed: ${failure}`);
	});

	test('does not come while the profile is paused, and the user is told how to go on', async () => {
		bench.service.script.runStates = [{ phase: 'users', progress: { done: 1, total: 9 } }];
		bench.service.script.status = { status: 'paused' };
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('the profile is paused. Resume the profile (POST …/resume)');
	});

	test('needs no directory lists', async () => {
		for (const name of ['schools', 'classes', 'users'])
			bench.service.script.faults.push({ match: `education/${name}`, status: 404 });
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(0);
		expect(stdout).not.toContain('It now holds');
	});
});

describe('output', () => {
	test('has no escape codes where it is not a terminal', async () => {
		bench.service.script.messages = [{ type: 'Warning', fileName: 'student.csv', description: 'Duplicates.' }];
		const { stdout } = await bench.run();
		expect(stdout).not.toContain('\x1b');
		expect(stdout).not.toContain('\r');
	});

	test('on a terminal has a bar, and ends with the cursor on a line of its own', async () => {
		let stdout = '';
		const write = (text: string) => {
			stdout += text;
		};
		bench.service.script.runStates = [{ phase: 'users', progress: { done: 1, total: 4 } }, finishedRun()];
		expect((await bench.run([bench.folder], { stdout: { write, isTTY: true, columns: 80 } })).exitCode).toBe(0);
		expect(stdout).toMatch(/Accounts .*━.*─.* 25 % {2}1\/4/);
		expect(stdout.endsWith('\n')).toBe(true);
	});

	test('as JSON is one object and nothing else', async () => {
		bench.service.script.runStates = [finishedRun({ outcome: 'error', errorCount: 1 })];
		bench.service.script.errors = [{ entryType: 'Student', errorCode: 'UnmatchedEntry', errorMessage: 'No match.' }];
		const { exitCode, stdout, stderr } = await bench.run([bench.folder, '--json']);
		expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
		expect(stdout.trimEnd()).not.toContain('\n');
		expect(JSON.parse(stdout)).toMatchObject({
			profileId: bench.service.profiles[0]?.id,
			runId: 'run-1',
			outcome: 'error',
			messages: [],
			rows: { school: 2, student: 1200 },
			tallies: { school: { added: 2 } },
			directoryWrites: 1202,
			errorCount: 1,
			errors: [{ errorCode: 'UnmatchedEntry' }],
			directory: { schools: 7, classes: 7, users: 7 },
			durationMs: expect.any(Number),
		});
	});

	test('as JSON is one object even if nothing could be done', async () => {
		const { exitCode, stdout, stderr } = await bench.run(['--json', 'nowhere']);
		expect(exitCode).toBe(2);
		expect(JSON.parse(stdout)).toEqual({ outcome: 'notRun', message: stderr.trim() });
	});

	test('never shows tokens, signatures or passwords', async () => {
		await bench.writeFile('Student.csv', 'SIS ID,Password\r\n1,Topsecret-1\r\n');
		const { stdout, stderr } = await bench.run();
		for (const secret of ['token-1', 'secret-signature', 'Topsecret-1']) expect(stdout + stderr).not.toContain(secret);
	});
});
