import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/local/process/command-line.ts';

describe('parseCommandLine()', () => {
	test('leaves everything to the defaults when nothing is said', () => {
		expect(parseCommandLine([])).toEqual({ inMemory: false, readyJson: false, help: false });
	});

	test('takes a directory that it knows, and a Graph of its own only where storage is its own', () => {
		expect(parseCommandLine(['--directory', 'graph'])).toMatchObject({ directory: 'graph' });
		expect(() => parseCommandLine(['--directory', 'entra'])).toThrow('"entra", and must be embedded or graph');
		expect(() => parseCommandLine(['--directory', 'graph', '--storage', 's'])).toThrow('cannot go with --storage');
	});

	test('reads every option', () => {
		const named = ['--port', '8080', '--data', 'd', '--storage', 's', '--entry', 'e.ts'];
		const args = [...named, '--in-memory', '--ready-json', '--help'];
		expect(parseCommandLine(args)).toEqual({
			port: 8080,
			data: 'd',
			storage: 's',
			entry: 'e.ts',
			inMemory: true,
			readyJson: true,
			help: true,
		});
	});

	test.each([['--prot', '1'], ['extra'], ['--port'], ['--port', 'x'], ['--port', '65536'], ['--port', '']])(
		'refuses %s %s',
		(...args) => {
			expect(() => parseCommandLine(args.filter((arg) => arg !== undefined))).toThrow();
		},
	);
});
