import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandBench } from './command-bench.ts';
import { apiError, type Json } from './stand-in-service.ts';

let bench: CommandBench;

beforeEach(async () => {
	bench = new CommandBench();
	await bench.open();
});
afterEach(() => bench.close());

/** As the service answers. */
async function answered(): Promise<Json> {
	const file = join(import.meta.dirname, '../functions/golden/graph/getTrace.json');
	return (JSON.parse(await readFile(file, 'utf8')) as { response: { body: Json } }).response.body;
}

const asking = ['--name', 'roster', '--trace', 'y b&rook', '--class', 'C1'];

describe('--trace', () => {
	test('prints the conclusions, and the facts below', async () => {
		const { service } = bench;
		service.addProfile('roster');
		service.script.faults.push({ match: '/trace', status: 200, body: await answered() });
		const { exitCode, stdout, stderr } = await bench.run(asking);
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
		expect(service.queries).toContain('?user=y+b%26rook&class=C1');
		expect(stdout.slice(stdout.indexOf('Student')).replaceAll(/ +\n/g, '\n')).toMatchInlineSnapshot(`
			"Student "P2" is not in section "C1": studentenrollment.csv, line 3 says so,
			  but section "C1" itself is in section.csv, line 2, and was not synced yet.
			  Start the profile.

			  Student "P2" is in student.csv, line 3, and was not synced yet. Start the
			  profile.

			  Section "C1" is in section.csv, line 2, and was not synced yet. Start the
			  profile.

			  What        Files                    History    Directory  Said
			  student P2  student.csv:3            notSynced  not there
			  section C1  section.csv:2            notSynced  not there
			  P2 in C1    studentenrollment.csv:3  notSynced  not there

			  student.csv, line 3: SIS ID: P2, School SIS ID: S1, First Name: Yusuf, Last
			  Name: Brook, Username: ybrook, Grade: 9
			  section.csv, line 2: SIS ID: C1, School SIS ID: S1, Section Name: Maths

			"
		`);
	});

	test('uploads nothing, starts nothing and makes no profile', async () => {
		const { service } = bench;
		service.addProfile('roster');
		service.script.faults.push({ match: '/trace', status: 200, body: await answered() });
		await bench.run(asking);
		expect(service.requests.filter((line) => !line.startsWith('GET ') && !line.includes('/issuer/'))).toEqual([]);
		const { exitCode, stderr } = await bench.run(['--name', 'other', '--trace', 'P1']);
		expect([exitCode, stderr]).toEqual([2, expect.stringContaining('there is no profile "other"')]);
		expect(service.profiles).toHaveLength(1);
	});

	test('says so where nothing knows the name', async () => {
		bench.service.addProfile('roster');
		const body = apiError('ResourceNotFound', 'No student or teacher "P99" is known.');
		bench.service.script.faults.push({ match: '/trace', status: 404, body });
		const { exitCode, stderr } = await bench.run(asking);
		expect([exitCode, stderr]).toEqual([2, 'Cannot trace: No student or teacher "P99" is known (404)\n']);
	});

	test('hands on the answer with --json', async () => {
		bench.service.addProfile('roster');
		const body = await answered();
		bench.service.script.faults.push({ match: '/trace', status: 200, body });
		const { stdout } = await bench.run([...asking, '--json']);
		expect(JSON.parse(stdout)).toEqual(body);
	});
});
