import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyCommand } from '../../src/offline/verify-command.ts';
import { smallRoster } from '../support/rosters/roster.ts';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'sds-verify-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function verify(files: Record<string, string | Uint8Array>, ...args: string[]) {
	for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
	const printed = { stdout: '', stderr: '' };
	const into = (name: keyof typeof printed) => ({
		write: (text: string) => {
			printed[name] += text;
		},
	});
	const context = { currentFolder: folder, stdout: into('stdout'), stderr: into('stderr') };
	return { code: await verifyCommand(['.', ...args], context), ...printed };
}

const orphan = { 'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,P1\r\n=C9,P1\r\n' };

describe('verifying a folder', () => {
	test('of good files says so, with exit code 0', async () => {
		const { code, stdout, stderr } = await verify(smallRoster());
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/Checked {2}19 records[\s\S]*These files would be accepted\./);
	});

	test('of faulty files shows message, place and cure, with exit code 1', async () => {
		const { code, stdout } = await verify(smallRoster(orphan));
		expect(code).toBe(1);
		expect(stdout).toContain('Error        studentenrollment.csv  1 row(s) have referenced data not found in source.');
		expect(stdout).toContain('studentenrollment.csv, line 3, Section SIS ID: "=C9" is not in section.csv');
		expect(stdout).toContain('Correct the id, or add its row to section.csv.');
	});

	test('prints the same as JSON', async () => {
		const { code, stdout } = await verify(smallRoster(orphan), '--json');
		expect([code, JSON.parse(stdout)]).toMatchObject([
			1,
			{
				passed: false,
				unreadable: false,
				rows: { student: 4 },
				findings: [{ line: 3, rule: 'reference', cure: expect.any(String) }],
			},
		]);
	});

	test('writes a report that a spreadsheet opens and does not run', async () => {
		await verify(smallRoster(orphan), '--report', 'report.csv');
		const rows = parse(await readFile(path.join(folder, 'report.csv')), { columns: true, bom: true }) as Record<
			string,
			string
		>[];
		expect(rows).toEqual([
			{
				File: 'studentenrollment.csv',
				Line: '3',
				'SIS ID': "'=C9 / P1",
				Column: 'Section SIS ID',
				Value: "'=C9",
				Rule: 'reference',
				Severity: 'Error',
				Problem: 'is not in section.csv',
				Cure: 'Correct the id, or add its row to section.csv.',
			},
		]);
	});

	test('writes the faulty rows of a file, harmless to a spreadsheet, but never over a file', async () => {
		await verify(smallRoster(orphan), '--faulty-rows', 'rows');
		const rows = parse(await readFile(path.join(folder, 'rows/studentenrollment.csv')), { bom: true });
		expect(rows.slice(1)).toEqual([
			['', '3', 'Error: Section SIS ID is not in section.csv', expect.stringContaining('Correct the id'), "'=C9", 'P1'],
		]);
		const again = await verify({}, '--faulty-rows', 'rows');
		expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('studentenrollment.csv" is there already')]);
	});

	test('for a profile that matches accounts needs the column that it matches by', async () => {
		const { code, stdout } = await verify(smallRoster(), '--match', 'Student Number', '--json');
		expect(code).toBe(1);
		expect(JSON.parse(stdout).messages).toContainEqual(
			expect.objectContaining({ fileName: 'student.csv', type: 'Error' }),
		);
	});

	test.each([
		[['nowhere'], 'Cannot verify 2 folders at once; name one.'],
		[['--findings', 'many'], 'The option --findings is "many", and must be a whole number.'],
		[['--colour'], "Unknown option '--colour'"],
	])('with %j cannot run, and says why', async (args, message) => {
		const { code, stdout, stderr } = await verify({}, ...args);
		expect([code, stdout]).toEqual([2, '']);
		expect(stderr).toContain(message);
	});
});
