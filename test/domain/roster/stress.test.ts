import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { StressResult } from '../../../bench/samples/verify-stress.ts';

const script = path.resolve(import.meta.dirname, '../../../bench/samples/verify-stress.ts');
const run = promisify(execFile);

/** In a process of its own with a small heap, which would end if memory grew with the findings, the columns or a row. */
async function stress(name: string, ...args: string[]): Promise<StressResult> {
	const options = ['--max-old-space-size=64', '--disable-warning=ExperimentalWarning'];
	const { stdout } = await run(process.execPath, [...options, script, name, ...args]);
	return JSON.parse(stdout) as StressResult;
}

/** Two thirds of it are the ids of 500,000 students, and a process that runs TypeScript. */
const mostMegabytes = 250;

describe('files as bad as files can be', () => {
	test('with a finding in each of a million rows: every one is counted, and a sample is kept', async () => {
		const { messages, peakMb, findingCount, findingsKept } = await stress('findingsInEveryRow');
		expect(messages).toEqual([
			'student.csv Error 500000 row(s) have missing data for the field - Last Name',
			'studentenrollment.csv Error 500000 row(s) have referenced data not found in source. Field - SIS ID',
		]);
		expect([findingCount, findingsKept]).toEqual([1_000_000, 2_000]);
		expect(peakMb).toBeLessThan(mostMegabytes);
	});

	test.each([
		['everyRowTheSame', 'studentenrollment.csv', 'Section SIS ID, SIS ID'],
		['everyIdTheSame', 'student.csv', 'SIS ID'],
	])('with a million duplicates: %s', async (name, fileName, column) => {
		const { messages, peakMb } = await stress(name);
		const found = `999999 duplicates found in column ${column} which requires values to be Unique.`;
		expect(messages).toEqual([`${fileName} Warning ${found}`]);
		expect(peakMb).toBeLessThan(mostMegabytes);
	});

	test('with two million rows: they are verified if so many are allowed, and counted if not', async () => {
		const allowed = await stress('twoMillionRows', '2000000');
		expect([allowed.messages, allowed.rows]).toEqual([[], 2_003_003]);
		expect(allowed.peakMb).toBeLessThan(mostMegabytes);
		const { messages, rows } = await stress('twoMillionRows', '500000');
		expect(rows).toBe(2_003_003);
		expect(messages).toEqual(['studentenrollment.csv Error File has 2000000 rows which exceeds the limit of 500000.']);
	});

	test('with ten thousand columns: twenty strange ones are named', async () => {
		const { messages, rows, peakMb } = await stress('tenThousandColumns');
		expect(rows).toBe(2_005);
		expect(messages).toHaveLength(21);
		expect(messages.at(-1)).toBe('school.csv Information 9978 more column(s) are not recognised and were ignored.');
		expect(peakMb).toBeLessThan(mostMegabytes);
	});

	test('with values of 60 KiB: each is a finding that shows its beginning', async () => {
		const { messages, peakMb } = await stress('fieldOf60Kilobytes');
		expect(messages).toEqual(['school.csv Error 1000 row(s) have an invalid format for the field - Name']);
		expect(peakMb).toBeLessThan(mostMegabytes);
	});

	test.each([
		['headerOfTenMegabytes', 1],
		['unclosedQuote', 2],
	])('with a row that does not end: nothing is read beyond it: %s', async (name, line) => {
		const { messages, bytesRead, peakMb } = await stress(name);
		expect(messages).toEqual([
			`school.csv Error File has a row of more than 65536 bytes at line ${line}. A quotation mark may not be closed.`,
		]);
		expect(bytesRead).toBeLessThan(2 * 65_536);
		expect(peakMb).toBeLessThan(mostMegabytes);
	});
});
