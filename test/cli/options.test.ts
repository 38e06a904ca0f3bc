import { describe, expect, test } from 'vitest';
import { readOptions, usage } from '../../src/cli/options.ts';

const context = { environment: {}, currentFolder: '/home/anna', repositoryFolder: '/opt/sds' };
const read = (args: string[], environment = {}) => readOptions(args, { ...context, environment });

describe('readOptions()', () => {
	test('takes the sample of the repository and the embedded service when nothing is said', () => {
		expect(read([])).toEqual({
			folder: '/opt/sds/sample',
			profileName: 'sample',
			domains: { student: 'students.example.org', teacher: 'teachers.example.org' },
			namedDomains: {},
			target: { kind: 'embedded', dataFolder: '/opt/sds/.local' },
			reset: false,
			plan: false,
			yes: false,
			json: false,
		});
	});

	test('takes the run whose held removals are to go, and nothing else in its place', () => {
		const id = 'FE5DE030-410a-8cc1-8b99-c77af82489ef';
		expect(read(['--approve', id])).toMatchObject({ approve: id.toLowerCase() });
		expect(() => read(['--approve', 'all'])).toThrow('--approve "all" must be the id of a run');
		expect(() => read(['--approve', id, '--reset'])).toThrow('--approve cannot go with --reset');
		for (const name of ['holds', 'discard', 'undo'] as const)
			expect(read([`--${name}`, id])).toMatchObject({ [name]: id.toLowerCase(), plan: false, yes: false });
		expect(read(['--undo', id, '--yes'])).toMatchObject({ yes: true });
		expect(() => read(['--undo', id, '--plan'])).toThrow('--undo cannot go with --plan');
		expect(() => read(['--holds', id, '--discard', id])).toThrow('--holds cannot go with --discard');
		expect(() => read(['--yes'])).toThrow('--yes is for --undo');
	});

	test('takes whom to ask for, and nothing else in their place', () => {
		expect(read(['--trace', '1012'])).toMatchObject({ trace: { user: '1012' } });
		expect(read(['--trace', 'emma', '--class', '7B'])).toMatchObject({ trace: { user: 'emma', class: '7B' } });
		expect(read(['--class', '7B'])).toMatchObject({ trace: { class: '7B' } });
		expect(() => read(['--trace', '1012', '--reset'])).toThrow('cannot go with --reset');
		expect(() => read(['--trace', ''])).toThrow('--trace is empty');
	});

	test('reads folders as seen from where the user is', () => {
		expect(read(['rosters/west', '--data', 'data'])).toMatchObject({
			folder: '/home/anna/rosters/west',
			profileName: 'west',
			target: { dataFolder: '/home/anna/data' },
		});
	});

	test.each([
		'https://district.example',
		'https://district.example/',
		'https://district.example/beta',
		'https://district.example/beta/education/',
	])('finds the base address in %s', (url) => {
		expect(read(['--url', url, '--token', 't'])).toMatchObject({ target: { url: 'https://district.example' } });
	});

	test('takes the token from the environment, the command line winning', () => {
		const environment = { SCHOOL_DATA_SYNC_TOKEN: 'Bearer abc' };
		const url = ['--url', 'https://district.example'];
		const credential = (args: string[]) => read([...url, ...args], environment);
		expect(credential([])).toMatchObject({ target: { credential: { kind: 'token', token: 'abc' } } });
		expect(credential(['--token', 'x'])).toMatchObject({ target: { credential: { token: 'x' } } });
		expect(credential(['--scope', 'api://1/.default'])).toMatchObject({
			target: { credential: { kind: 'scope', scope: 'api://1/.default' } },
		});
	});

	test.each([
		[['a', 'b'], 'one folder at a time, but got "a" and "b"'],
		[['--nmae', 'x'], "Unknown option '--nmae'"],
		[['--name'], "Option '--name <value>' argument missing"],
		[['--name', ''], '--name is empty'],
		[['--student-domain', 'students'], '--student-domain "students" must be a domain'],
		[['--url', 'district.example', '--token', 't'], '--url "district.example" must be an address'],
		[['--url', 'http://district.example', '--token', 't'], 'must begin with https'],
		[['--url', 'https://district.example'], 'No access token for "https://district.example"'],
		[['--url', 'https://district.example', '--token', 't', '--data', 'd'], '--data is for the embedded service'],
		[
			['--url', 'https://district.example', '--token', 't', '--directory', 'graph'],
			'--directory is for the embedded service',
		],
		[['--directory', 'entra'], '--directory "entra" must be embedded or graph'],
		[['--token', 't'], '--token is for a deployed service and needs --url'],
		[['--scope', 's'], '--scope is for a deployed service and needs --url'],
	])('refuses %j and says why', (args, message) => {
		expect(() => read(args)).toThrow(message);
	});

	test('allows http to this machine', () => {
		expect(read(['--url', 'http://localhost:7071', '--token', 't'])).toMatchObject({
			target: { url: 'http://localhost:7071' },
		});
	});

	test('answers a question for help, whatever else is there', () => {
		expect(read(['--help', 'a', 'b'])).toBe('help');
	});
});

test('the help fits a terminal of 80 columns and names every option', () => {
	for (const line of usage.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
	for (const name of [
		'name',
		'url',
		'token',
		'scope',
		'student-domain',
		'teacher-domain',
		'json',
		'data',
		'directory',
		'help',
	]) {
		expect(usage).toContain(`--${name}`);
	}
});
