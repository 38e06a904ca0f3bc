import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandBench } from './command-bench.ts';
import { finishedRun } from './stand-in-service.ts';

let bench: CommandBench;

beforeEach(async () => {
	bench = new CommandBench();
	await bench.open();
});
afterEach(() => bench.close());

const conflict = { status: 409, body: { error: { code: 'Conflict', message: 'The profile is busy.' } } };
const remote = () => [bench.folder, '--url', bench.service.url, '--token', 'from-the-user'];

describe('a busy profile', () => {
	test('is waited for, following the sync that is running', async () => {
		const id = bench.service.addProfile('roster');
		bench.service.beginRun([{ phase: 'users', progress: { done: 1, total: 2 } }, finishedRun()]);
		bench.service.script.faults = [{ match: `${id}/uploadUrl`, ...conflict }];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(0);
		expect(stdout).toContain('An earlier sync of this profile is still running; yours is next.');
		expect(bench.service.runs).toHaveLength(2);
	});

	test('is given up after a while if nothing of it can be seen', async () => {
		bench.service.script.faults = Array.from({ length: 2_000 }, () => ({ match: '/uploadUrl', ...conflict }));
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('the service has been busy with this profile for ten minutes');
	});
});

describe('a service that begins by itself', () => {
	test('just before our start has all our files, and its sync is followed', async () => {
		const onHit = () => bench.service.beginRun([finishedRun({ reason: 'drop', directoryWrites: 5 })]);
		bench.service.script.faults = [{ match: '/start', ...conflict, onHit }];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(0);
		expect(stdout).toContain('5 changes written');
		expect(bench.service.count('/start')).toBe(1);
	});

	test('and refuses, is asked for its findings by a start', async () => {
		const onHit = () => bench.service.beginRun([{ phase: 'verify', reason: 'drop', outcome: 'refused' }]);
		bench.service.script.faults = [{ match: '/start', ...conflict, onHit }];
		bench.service.script.messages = [{ type: 'Error', fileName: 'student.csv', description: 'File is missing.' }];
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(1);
		expect(stdout).toContain('File is missing.');
	});

	test('between two of our files took a mixture, so all files follow once more', async () => {
		bench.service.script.onUploaded = (name) => {
			if (name === 'Student.csv' && bench.service.runs.length === 0)
				bench.service.beginRun([finishedRun({ reason: 'drop' })]);
		};
		const { exitCode, stdout } = await bench.run();
		expect(exitCode).toBe(0);
		expect(stdout).toContain('They follow in a second sync.');
		expect(bench.service.count('PUT /storage')).toBe(12);
		expect(bench.service.runs).toHaveLength(2);
	});
});

describe('a start that meets another request', () => {
	test('is repeated until it is let in', async () => {
		bench.service.script.faults = [
			{ match: '/start', ...conflict },
			{ match: '/start', ...conflict },
		];
		expect((await bench.run()).exitCode).toBe(0);
		expect(bench.service.count('/start')).toBe(3);
	});

	test('is given up after a while with what the service says', async () => {
		bench.service.script.faults = Array.from({ length: 1_000 }, () => ({ match: '/start', ...conflict }));
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toBe('Cannot start the sync: The profile is busy (409)\n');
	});
});

test('an answer lost in a gateway does not lose the sync', async () => {
	const onHit = () => bench.service.beginRun();
	bench.service.script.faults = [{ match: '/start', status: 504, onHit }];
	expect((await bench.run()).exitCode).toBe(0);
	expect(bench.service.runs).toHaveLength(1);
});

test('throttling is waited out', async () => {
	bench.service.script.faults = [
		{ match: 'GET /beta/education/synchronizationProfiles', status: 429, headers: { 'retry-after': '7' } },
		{ match: '/start', status: 503, headers: { 'retry-after': '3' } },
	];
	expect((await bench.run()).exitCode).toBe(0);
	expect(bench.clock.sleeps).toEqual(expect.arrayContaining([7_000, 3_000]));
});

describe('access', () => {
	test('is renewed before a token expires during a long sync', async () => {
		bench.service.tokenLifetimeSeconds = 4;
		const states = Array.from({ length: 40 }, (_, done) => ({ phase: 'users', progress: { done, total: 40 } }));
		bench.service.script.runStates = [...states, finishedRun()];
		expect((await bench.run()).exitCode).toBe(0);
		expect(bench.service.tokens.length).toBeGreaterThan(5);
	});

	test('is asked for anew when a token is refused', async () => {
		bench.service.script.faults = [{ match: '/uploadUrl', status: 401 }];
		expect((await bench.run()).exitCode).toBe(0);
		expect(bench.service.tokens).toHaveLength(2);
	});

	test('without a token from the local issuer cannot be had', async () => {
		bench.service.script.faults = [{ match: '/issuer', status: 400 }];
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('its issuer answered 400');
		expect(bench.service.stops).toBe(1);
	});

	test('with a token of the user works against any service', async () => {
		bench.service.tokens.push('Bearer from-the-user');
		const { exitCode, stdout } = await bench.run(remote());
		expect(exitCode).toBe(0);
		expect(stdout).toContain(`Service     ${bench.service.url}`);
		expect(bench.service.stops).toBe(0);
	});

	test('with a refused token of the user is explained', async () => {
		const { exitCode, stderr } = await bench.run(remote());
		expect(exitCode).toBe(2);
		expect(stderr).toContain('refused the access token (401)');
		expect(stderr).not.toContain('from-the-user');
	});

	test('without permission names the permission', async () => {
		bench.service.script.faults = [{ match: 'GET /beta', status: 403 }];
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('EduAdministration.ReadWrite.All');
	});
});

describe('a wrong address', () => {
	test('where nobody answers is told with what to check', async () => {
		const args = remote();
		await bench.service.close();
		const { exitCode, stderr } = await bench.run(args);
		expect(exitCode).toBe(2);
		expect(stderr).toMatch(
			/^Cannot reach ".*": the connection was refused\. Check --url, and that the service is running\.\n$/,
		);
		await bench.service.listen();
	});

	test('where another service answers is recognised', async () => {
		bench.service.script.faults = [{ match: 'GET /beta', status: 200, body: '<html>Welcome</html>' }];
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('the answer is not one of School Data Sync');
	});

	test('in a next link gets no token', async () => {
		bench.service.script.faults = [
			{ match: 'GET /beta', status: 200, body: { value: [], '@odata.nextLink': 'https://elsewhere.example/profiles' } },
		];
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(2);
		expect(stderr).toContain('the next page is not at');
	});
});

describe('the embedded service', () => {
	test('that cannot start is reported with its reason', async () => {
		const startHost = async () => {
			throw new Error('the data folder "x" is in use by another service.');
		};
		const { exitCode, stderr } = await bench.run([bench.folder], { startHost });
		expect(exitCode).toBe(2);
		expect(stderr).toBe('Cannot start the embedded service: the data folder "x" is in use by another service.\n');
	});

	test('that ends in the middle of a sync ends the command at once, with its last words', async () => {
		const gone = Promise.withResolvers<number>();
		bench.service.script.runStates = [{ phase: 'users', progress: { done: 1, total: 2 } }];
		bench.service.script.faults = [{ match: '/runs/run-1', status: 503, onHit: () => gone.resolve(1) }];
		const words = 'a warning\nThe storage emulator cannot save into "x": the disk is full (ENOSPC).\n';
		const startHost = async () => bench.service.asHost({ ends: gone.promise, words });
		const { exitCode, stderr } = await bench.run([bench.folder], { startHost });
		expect(exitCode).toBe(2);
		expect(stderr).toBe(
			'The embedded service has ended: The storage emulator cannot save into "x": the disk is full (ENOSPC).\n',
		);
	});

	test('that cannot save at its stop makes no success of the sync', async () => {
		bench.service.script.runStates = [finishedRun()];
		const host = bench.service.asHost({ words: 'The disk is full.\n' });
		const startHost = async () => ({ ...host, ended: host.ended.then(() => 1) });
		const { exitCode, stderr } = await bench.run([bench.folder], { startHost });
		expect({ exitCode, stderr }).toEqual({
			exitCode: 2,
			stderr: 'The embedded service has ended: The disk is full.\n',
		});
	});

	test.each([{ json: false }, { json: true }])(
		'says what may be lost, and how to make certain: %j',
		async ({ json }) => {
			bench.service.script.runStates = [finishedRun()];
			const startHost = async () => bench.service.asHost({ losses: ['The emulator was killed.'] });
			const { exitCode, stdout, stderr } = await bench.run([bench.folder, ...(json ? ['--json'] : [])], { startHost });
			expect(exitCode).toBe(0);
			const said = (json ? stderr : stdout).replace(/\s+/g, ' ');
			expect(said).toContain('The emulator was killed.');
			expect(said).toContain('run this command with --reset');
			expect(json && JSON.parse(stdout)).toEqual(json && expect.objectContaining({ outcome: 'success' }));
		},
	);

	test('is asked to begin anew, and the files follow in a sync of their own', async () => {
		bench.service.addProfile('roster');
		bench.service.script.runStates = [finishedRun()];
		expect((await bench.run([bench.folder, '--reset'])).exitCode).toBe(0);
		expect(bench.service.count('/reset')).toBe(1);
		expect(bench.service.runs).toHaveLength(2);
	});

	test('has nothing to forget of a new profile', async () => {
		bench.service.script.runStates = [finishedRun()];
		expect((await bench.run([bench.folder, '--reset'])).exitCode).toBe(0);
		expect(bench.service.count('/reset')).toBe(0);
	});

	test('is not started for a folder that does not exist', async () => {
		let starts = 0;
		const startHost = async () => {
			starts += 1;
			return bench.service.asHost();
		};
		const { exitCode, stderr } = await bench.run(['nowhere'], { startHost });
		expect({ exitCode, starts }).toEqual({ exitCode: 2, starts: 0 });
		expect(stderr).toContain('it does not exist. Name an existing folder.');
	});
});

describe('an interruption', () => {
	test('while the sync runs stops the embedded service and says that it goes on later', async () => {
		bench.service.script.runStates = [{ phase: 'users', progress: { done: 1, total: 2 } }];
		bench.service.script.faults = [
			{ match: '/runs/run-1', status: 503, headers: { 'retry-after': '1' }, onHit: () => bench.interruption.abort() },
		];
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(130);
		expect(stderr).toContain('The sync goes on at the next start of the embedded service');
		expect(bench.service.stops).toBe(1);
	});

	test('of a sync in a deployed service leaves it running there', async () => {
		bench.service.tokens.push('Bearer from-the-user');
		bench.service.script.faults = [{ match: '/runs/run-1', status: 200, onHit: () => bench.interruption.abort() }];
		const { exitCode, stderr } = await bench.run(remote());
		expect(exitCode).toBe(130);
		expect(stderr).toContain('The sync goes on in the service');
	});

	test('before the start says that nothing has begun', async () => {
		bench.service.script.onUploaded = () => bench.interruption.abort();
		const { exitCode, stderr } = await bench.run();
		expect(exitCode).toBe(130);
		expect(stderr).toBe('Stopped before the sync had begun. Run the command again to sync.\n');
		expect(bench.service.count('/start')).toBe(0);
	});
});
