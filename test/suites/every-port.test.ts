import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

async function textsOf(pattern: string): Promise<string[]> {
	return Promise.all(globSync(pattern, { cwd: root }).map((file) => readFile(path.join(root, file), 'utf8')));
}

/** The interfaces that something can implement: those with methods that nothing else gives out. */
async function portNames(): Promise<string[]> {
	const text = (await textsOf('src/*ports.ts')).join('\n');
	const interfaces = [...text.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)];
	const withMethods = interfaces.filter(([, , body = '']) => /^\t\w+\(/m.test(body)).map(([, name = '']) => name);
	return withMethods.filter((name) => !text.includes(`): ${name};`));
}

interface Maker {
	name: string;
	port: string;
}

/** Exported functions and constants that are a port, or a port and something for tests. */
async function makersIn(pattern: string): Promise<Maker[]> {
	const made = /^export (?:function (\w+)(?:(?!\n\})[\s\S])*?\): (\w+) \{$|const (\w+): (\w+) = )/gm;
	const found = (await textsOf(pattern)).flatMap((text) => [...text.matchAll(made)]);
	const ports = await portNames();
	return found
		.map(([, name, port, constant, type]) => ({
			name: name ?? constant ?? '',
			port: (port ?? type ?? '').replace(/^Fake/, ''),
		}))
		.filter(({ port }) => ports.includes(port));
}

/** It keeps no secrets, which is what it is for. */
const exceptions: readonly string[] = ['noSecrets'];

test('every adapter and every stand-in of a port runs the suite of the port', async () => {
	const tests = await textsOf('test/**/*.test.ts');
	const runs = ({ name, port }: Maker) => {
		const suite = `${port.charAt(0).toLowerCase()}${port.slice(1)}Suite(`;
		return tests.some((text) => text.includes(suite) && new RegExp(`\\b${name}\\b`).test(text));
	};
	const [adapters, standIns] = [await makersIn('src/adapters/**/*.ts'), await makersIn('test/support/fakes/**/*.ts')];
	const makers = [...adapters, ...standIns].filter(({ name }) => !exceptions.includes(name));
	expect(makers.filter((maker) => !runs(maker))).toEqual([]);
	const ports = await portNames();
	// The composition root makes one of telemetry, log and audit; and nothing but the API reads a directory.
	expect(ports.filter((port) => !adapters.some((maker) => maker.port === port))).toEqual(['Events']);
	expect(ports.filter((port) => !standIns.some((maker) => maker.port === port))).toEqual(['DirectoryReader']);
});
