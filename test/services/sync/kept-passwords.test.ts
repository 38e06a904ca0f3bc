import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Profile } from '../../../src/domain/profile.ts';
import { removedPassword } from '../../../src/domain/roster/findings/removed-passwords.ts';
import { saveReport } from '../../../src/services/intake/run-reports.ts';
import { readFile } from '../../../src/services/sync/files/roster-files.ts';
import { faultyRowsPath, sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import { changeProfile } from '../../../src/services/sync/profile-changes.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { type Delivery, SyncBench } from '../../support/worlds/sync-bench.ts';

let bench: SyncBench;

beforeAll(async () => {
	bench = await SyncBench.open();
});

afterAll(() => bench?.storage.stop());

/** Of all containers of the account. */
async function blobsWith(text: string, { id }: Profile): Promise<readonly string[]> {
	const blobs = await bench.storage.account.blobs();
	const found: string[] = [];
	for await (const container of blobs.listContainers()) {
		const client = blobs.getContainerClient(container.name);
		for await (const { name } of client.listBlobsFlat({ includeUncommitedBlobs: true })) {
			if (!`${container.name}/${name}`.includes(id)) continue;
			if ((await client.getBlobClient(name).downloadToBuffer()).includes(text)) found.push(name);
		}
	}
	return found;
}

const textOf = async (path: string) => Buffer.from((await readFile(bench.deps.rosters, path)) ?? []).toString();
const unchanged = { added: 0, changed: 0, removed: 0, failed: 0 };

describe.each<Delivery>(['once', 'twice'])('after a run, its last step delivered %s', (delivery) => {
	test('no stored file has a password, and a reset comes to the same directory', async () => {
		const profile = await bench.newProfile();
		const { run, outcome } = await bench.runSync(profile, smallRoster(), { delivery });
		expect(outcome).toBe('success');
		expect(await blobsWith('Welcome-2026!', profile)).toEqual([]);
		expect(await textOf(sourcePath(run, 'student'))).toContain(`,zardent,${removedPassword},9\r\n`);

		await changeProfile(bench.deps.profiles, run, (current) => ({ ...current, snapshotGeneration: 'second' }));
		const rows = { school: 2, section: 3, student: 4, teacher: 2, studentEnrollment: 5, teacherRoster: 3 };
		const anew = await bench.runSync(
			{ ...profile, snapshotGeneration: 'second' },
			{},
			{ delivery, rows, sourceRunId: run.runId },
		);
		expect(anew).toMatchObject({
			outcome: 'success',
			errors: [],
			tallies: { student: { added: 4 }, teacher: { added: 2 } },
		});

		// The same files as at first, passwords and all: nothing has changed for the directory.
		const again = await bench.runSync({ ...profile, snapshotGeneration: 'second' }, smallRoster(), { delivery });
		expect(again.tallies).toMatchObject({ student: unchanged, teacher: unchanged, studentEnrollment: unchanged });
	});
});

test('whoever could not be created keeps the password, and only they', async () => {
	const owner = await bench.newProfile();
	await bench.runSync(owner, smallRoster());
	const rival = await bench.newProfile({}, owner.tenantId);
	const students =
		'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\nQ1,S1,Zed,Other,zardent,Waiting-2026!\r\nQ2,S1,Ann,Other,aother,Created-2026!\r\n';
	const files = smallRoster({
		'Student.csv': students,
		'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,Q2\r\n',
	});
	const { run, outcome } = await bench.runSync(rival, files);
	expect(outcome).toBe('error');
	expect(await textOf(sourcePath(run, 'student'))).toBe(students.replace('Created-2026!', removedPassword));
	expect(await blobsWith('Created-2026!', rival)).toEqual([]);
	const later = await bench.runSync(rival, {}, { sourceRunId: run.runId });
	expect(later.tallies.student).toMatchObject({ added: 1, failed: 1, unchanged: 1 });
});

test('the faulty rows of a report lose the passwords of accounts that exist, and keep the others', async () => {
	const profile = await bench.newProfile();
	const students = `${smallRoster()['Student.csv']}P5,S9,No,School,noschool,Waiting-2026!,9\r\n`;
	const warned = {
		fileName: 'student.csv',
		kind: 'student',
		column: 'Grade',
		rule: 'format',
		cure: 'Correct it.',
	} as const;
	const { run } = await bench.runSync(profile, smallRoster({ 'Student.csv': students }), {
		before: async (group, ref) => {
			if (group !== 'finish') return;
			const findings = [2, 6].map((line) => ({ ...warned, line, severity: 'Warning' as const, reason: 'is wrong' }));
			await saveReport(bench.deps, ref, { findings, messages: [], renew: async () => {}, replaced: undefined });
		},
	});
	const rows = await textOf(faultyRowsPath(run, 'student'));
	expect(rows).toContain(`P1,S1,Zoë,Ardent,zardent,${removedPassword},9\r\n`);
	expect(rows).toContain('P5,S9,No,School,noschool,Waiting-2026!,9\r\n');
	expect(await blobsWith('Welcome-2026!', profile)).toEqual([]);
});

test('a removed password is nobody’s: who has no account any more is written without one', async () => {
	const profile = await bench.newProfile();
	const { run } = await bench.runSync(profile, smallRoster());
	const passwords: (string | undefined)[] = [];
	const { directory } = bench.deps;
	const watched = Object.create(directory, {
		putUsers: {
			value: (tenantId: string, users: Parameters<typeof directory.putUsers>[1]) => {
				for (const { account } of users) if (account.mode === 'create') passwords.push(account.password);
				return directory.putUsers(tenantId, users);
			},
		},
	});
	bench.deps.directory = watched;
	await changeProfile(bench.deps.profiles, run, (current) => ({ ...current, snapshotGeneration: 'second' }));
	await bench.runSync({ ...profile, snapshotGeneration: 'second' }, {}, { sourceRunId: run.runId });
	bench.deps.directory = directory;
	expect(passwords).toEqual(Array.from({ length: 6 }, () => undefined));
});

test('what a writer left that died in the middle goes with the rest of its folder', async () => {
	const { rosters } = bench.deps;
	const profile = await bench.newProfile();
	const writer = rosters.write(`${profile.id}/runs/r/shards/student/0`);
	writer.append(Buffer.from('Stranded-2026!'.padEnd(1024 * 1024, '.')));
	await writer.drain();
	await rosters.deleteAll(`${profile.id}/`);
	const blobs = (await bench.storage.account.blobs()).getContainerClient('rosters');
	const left: string[] = [];
	for await (const { name } of blobs.listBlobsFlat({ prefix: profile.id, includeUncommitedBlobs: true }))
		left.push(name);
	expect(left).toEqual([]);
	const blob = blobs.getBlockBlobClient(`${profile.id}/runs/r/shards/student/0`);
	await expect(blob.getBlockList('uncommitted')).rejects.toMatchObject({ statusCode: 404 });
});
