import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRosterFiles } from '../../src/cli/roster-folder.ts';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'roster-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('finds the files whatever their case, and uploads them under their documented names', async () => {
	await writeFile(join(folder, 'studentENROLLMENT.CSV'), 'abc');
	await writeFile(join(folder, 'school.csv'), '');
	await writeFile(join(folder, 'notes.txt'), '');
	const files = await findRosterFiles(folder);
	expect(files.map(({ uploadName, sizeBytes }) => [uploadName, sizeBytes])).toEqual([
		['School.csv', 0],
		['StudentEnrollment.csv', 3],
	]);
});

test('refuses two spellings of one file', async () => {
	await writeFile(join(folder, 'School.csv'), '');
	await writeFile(join(folder, 'school.csv'), '');
	// Where the file system ignores case, both are one file and nothing is wrong.
	const found = findRosterFiles(folder).then((files) => files.length);
	const names = (await import('node:fs')).readdirSync(folder);
	if (names.length === 1) expect(await found).toBe(1);
	else await expect(found).rejects.toThrow(/holds it twice, as "[Ss]chool.csv" and "[Ss]chool.csv"/);
});

test('says which files it looked for when there are none', async () => {
	await mkdir(join(folder, 'School.csv'));
	await expect(findRosterFiles(folder)).rejects.toThrow(/holds no roster file\. .*School\.csv, .*TeacherRoster\.csv/);
});

test('says that a folder does not exist, or is a file', async () => {
	await expect(findRosterFiles(join(folder, 'none'))).rejects.toThrow('it does not exist');
	await writeFile(join(folder, 'file'), '');
	await expect(findRosterFiles(join(folder, 'file'))).rejects.toThrow('it is a file');
});
