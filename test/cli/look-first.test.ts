import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandBench } from './command-bench.ts';
import { finishedRun } from './stand-in-service.ts';

let bench: CommandBench;

beforeEach(async () => {
	bench = new CommandBench();
	await bench.open();
});
afterEach(() => bench.close());

const runId = '0a000000-0000-8000-8000-000000000001';
const none = { added: 0, changed: 0, removed: 0, unchanged: 0, held: 0 };
const removal = (person: string, isHeld = false) => ({
	operation: 'remove',
	kind: 'studentEnrollment',
	school: 'S1',
	class: 'C1',
	person,
	isHeld,
});
const plan = {
	'@odata.etag': '"plan"',
	counts: { student: { ...none, unchanged: 1200 }, studentEnrollment: { ...none, removed: 4 } },
	estimate: { writes: 1, seconds: 90 },
	value: ['P1', 'P2', 'P3', 'P4'].map((person) => removal(person)),
};

const run = (...args: string[]) => bench.run([bench.folder, ...args]);

describe('--plan', () => {
	test('shows counts, the estimate and the first changes, grouped, and writes nothing', async () => {
		bench.service.script.plan = plan;
		const { exitCode, stdout } = await run('--plan');
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/Students +0 +0 +0 +1,200 +0\n +Enrollments +0 +0 +4 +0 +0\n/);
		expect(stdout).toContain('1 write, about 1 min 30 s.');
		expect(stdout).toMatch(/remove enrollments S1 +4 +P1 in C1, P2 in C1, P3 in C1, …\n/);
		expect(stdout).toContain('Run the same command without --plan to carry it out.');
		expect([bench.service.count('/start'), bench.service.uploads.size]).toEqual([1, 6]);
	});

	test('is exit code 1 if something would be held', async () => {
		const held = { studentEnrollment: { ...none, held: 120 } };
		bench.service.script.plan = { ...plan, counts: held, value: [removal('P1', true)] };
		const { exitCode, stdout } = await run('--plan');
		expect([exitCode, stdout]).toEqual([1, expect.stringContaining('120 removals would wait for approval.')]);
		expect(stdout).toMatch(/hold enrollments S1 +1 +P1 in C1\n/);
	});

	test('of faulty files shows what is wrong, and no plan', async () => {
		bench.service.script.messages = [{ type: 'Error', fileName: 'school.csv', description: 'File is missing.' }];
		const { exitCode, stdout } = await run('--plan');
		expect([exitCode, bench.service.count('/plan')]).toEqual([1, 0]);
		expect(stdout).toContain('File is missing.');
	});

	test('that comes to no end says why', async () => {
		bench.service.script.runStates = [finishedRun({ outcome: 'failed', failure: 'Storage is full.' })];
		const { exitCode, stderr } = await run('--plan');
		expect([exitCode, stderr]).toEqual([2, 'Cannot plan: Storage is full.\n']);
	});

	test('can be had as JSON', async () => {
		bench.service.script.plan = plan;
		const { stdout } = await run('--plan', '--json');
		expect(JSON.parse(stdout)).toMatchObject({ outcome: 'planned', counts: plan.counts, changes: plan.value });
	});
});

describe('what a run holds', () => {
	const hold = { id: 'h1', kind: 'studentEnrollment', scope: 'school', sisId: 'S1', removals: 120, present: 200 };

	test('is listed by --holds', async () => {
		bench.service.script.holds = [hold];
		const { exitCode, stdout } = await run('--holds', runId);
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/Enrollments +school S1 +120 of 200 +h1\n/);
		expect(stdout.replace(/\s+/g, ' ')).toContain(`--approve ${runId}, or --discard ${runId}`);
	});

	test('is left in the directory by --discard, just as it was read', async () => {
		bench.service.script.holds = [hold];
		const { exitCode, stdout } = await run('--discard', runId);
		expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Discarded:')]);
		expect(bench.service.count(`/runs/${runId}/holds/discard if "held"`)).toBe(1);
	});

	test('may be nothing: then there is nothing to discard', async () => {
		expect((await run('--holds', runId)).stdout).toContain('holds nothing.');
		expect((await run('--discard', runId)).stderr).toContain('Cannot discard');
	});
});

describe('--undo', () => {
	beforeEach(() => {
		bench.service.script.plan = plan;
		bench.service.script.runStates = [finishedRun({ cannotUndo: ['Created since, and stay: 3 students.'] })];
	});

	test('shows the plan and what stays, and carries nothing out', async () => {
		const { exitCode, stdout } = await run('--undo', runId);
		expect(exitCode).toBe(0);
		expect(stdout).toContain('Created since, and stay: 3 students.');
		expect(stdout.replace(/\s+/g, ' ')).toContain(`To undo run ${runId}: the same command with --yes.`);
		expect([bench.service.count('/undo'), bench.service.count('/undo if')]).toEqual([1, 0]);
	});

	test('with --yes carries out just that plan', async () => {
		const { exitCode, stdout } = await run('--undo', runId, '--yes');
		expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Undone.')]);
		expect(bench.service.count(`/runs/${runId}/undo if "plan"`)).toBe(1);
	});
});
