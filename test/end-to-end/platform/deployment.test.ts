import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignImports } from '../../support/hosts/bundle-imports.ts';
import { deployedFiles, isPart, packageFolder } from '../../support/hosts/deployed-app.ts';
import { root, startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, tokenFor } from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, syncRoster } from '../../support/sync-story.ts';

describe('what a bundle imports', () => {
	test('is found wherever it is asked for', () => {
		const code = `
			import fs from 'node:fs'; import a from 'a'; export * from 'b'; export { c } from 'c'; export const own = 1;
			const d = async () => { if (own > 1) return import('d'); return import(own); };
			const e = () => __require('e'); const f = module.require('f'); require('util'); __require('http');
		`;
		expect(foreignImports(code)).toEqual(['<computed>', 'a', 'b', 'c', 'd', 'e', 'f']);
	});

	test('is only what the Functions worker supplies', async () => {
		const dist = path.join(packageFolder, 'dist');
		const names = await readdir(dist, { recursive: true });
		const code = names.filter((name) => name.endsWith('.js'));
		expect(code.length).toBeGreaterThan(1);
		const foreign = await Promise.all(
			code.map(async (name) => foreignImports(await readFile(path.join(dist, name), 'utf8'))),
		);
		expect(new Set(foreign.flat().filter((name) => !/^\.\.?\//.test(name)))).toEqual(
			new Set(['@azure/functions-core']),
		);
	});
});

describe('a deployed app', () => {
	let host: TestHost;
	let client: GraphClient;

	beforeAll(async () => {
		host = await startTestHost();
		client = graphClient(host, await tokenFor(host));
	});

	afterAll(() => host?.dispose());

	test('finds none of the packages that it was built from', async () => {
		const { resolve } = createRequire(path.join(host.appFolder, 'dist/main.js'));
		const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
		for (const name of Object.keys(dependencies)) expect(() => resolve(name), name).toThrow('Cannot find module');
	});

	test('works, and writes nothing beside itself', async () => {
		const profile = await createProfile(client);
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success' });
		const entries = await readdir(host.appFolder, { recursive: true, withFileTypes: true });
		const files = entries.filter((each) => each.isFile());
		const names = files.map(({ parentPath, name }) => path.relative(host.appFolder, path.join(parentPath, name)));
		const own = names.map((name) => name.replaceAll('\\', '/')).filter((name) => !isPart(name));
		expect(own.sort()).toEqual(deployedFiles);
	});
});
