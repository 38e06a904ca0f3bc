import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { unzipSync } from 'fflate';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { billOfMaterials, noticesOf, packagesOf } from '../../tools/bundled-packages.ts';
import { makePackage, type Package, zipOf } from '../../tools/package.ts';
import { deployedFiles, isPart, packageFolder } from '../support/hosts/deployed-app.ts';
import { root } from '../support/hosts/test-host.ts';

let made: Package;

beforeAll(async () => {
	made = await makePackage();
});

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const textOf = (name: string) => Buffer.from(made.files.get(name) ?? []).toString('utf8');

describe('the package', () => {
	test('has what is deployed and nothing else, in the folder and in the zip', async () => {
		const names = [...made.files.keys()];
		expect(names.filter((name) => !isPart(name))).toEqual(deployedFiles);
		const unzipped = unzipSync(zipOf(made));
		expect(Object.keys(unzipped)).toEqual(names);
		for (const name of names) {
			const content = hashOf(made.files.get(name) as Uint8Array);
			expect(hashOf(unzipped[name] as Uint8Array), name).toBe(content);
			expect(hashOf(await readFile(path.join(packageFolder, name))), name).toBe(content);
		}
	});

	test('is at most 3 MB, zipped', () => {
		expect(zipOf(made).length).toBeLessThanOrEqual(3_000_000);
	});

	test('leaves nothing to install and nothing to run', () => {
		const manifest = JSON.parse(textOf('package.json'));
		expect(manifest).toMatchObject({ type: 'module', main: 'dist/main.js' });
		for (const name of ['dependencies', 'devDependencies', 'scripts']) expect(manifest).not.toHaveProperty(name);
	});

	test('is the same byte for byte whenever, in any time zone', async () => {
		const { TZ } = process.env;
		const again = await makePackage();
		const zones = ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles'];
		const hashes = zones.map((zone) => {
			process.env.TZ = zone;
			return hashOf(zipOf(again));
		});
		if (TZ === undefined) delete process.env.TZ;
		else process.env.TZ = TZ;
		expect(new Set([...hashes, hashOf(zipOf(made))]).size).toBe(1);
	});

	test('says nothing of the folder that it was made in', () => {
		for (const name of made.files.keys()) expect(textOf(name), name).not.toContain(root);
	});

	test('leaves out of a cold start what is loaded when it is needed', () => {
		const main = textOf('dist/main.js');
		for (const name of [
			'class TableClient',
			'class BlobServiceClient',
			'class MeterProvider',
			'class OTLPTraceExporter',
		])
			expect(main.includes(name), name).toBe(false);
	});
});

describe('what the bundle is made of', () => {
	test('stands in the notices and in the bill of materials, which is valid CycloneDX 1.6', async () => {
		const names = made.packages.map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(['@azure/data-tables', 'durable-functions', 'jose', 'zod']));
		expect(names).not.toContain('vitest');
		const bill = billOfMaterials({ name: 'school-data-sync', version: '0.1.0' }, made.packages);
		const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
		expect(await validator.validate(JSON.stringify(bill))).toBeNull();
		expect(await validator.validate(JSON.stringify({ ...bill, bomFormat: 'Other' }))).not.toBeNull();
		for (const { name, version } of made.packages)
			expect(textOf('dist/third-party-notices.txt')).toContain(`\n${name} ${version} (`);
	});

	test('comes with the text of its licence', () => {
		const silent = made.packages.filter(({ notice }) => notice === '').map(({ name }) => name);
		expect(silent).toEqual([]);
	});
});

describe('a package in the bundle', () => {
	let folder = '';
	afterEach(() => rm(folder, { recursive: true, force: true }));

	async function moduleOf(manifest: object, files: Record<string, string> = {}): Promise<string> {
		folder = await mkdtemp(path.join(tmpdir(), 'sds-packages-'));
		const own = path.join(folder, 'node_modules/@scope/one');
		await mkdir(path.join(own, 'lib'), { recursive: true });
		const all = { 'package.json': JSON.stringify({ name: '@scope/one', version: '1.2.3', ...manifest }), ...files };
		for (const [name, content] of Object.entries(all)) await writeFile(path.join(own, name), content);
		return path.join(own, 'lib/a.js');
	}

	test('is found from any of its modules, once, with its notices', async () => {
		const id = await moduleOf({ license: 'MIT' }, { LICENSE: 'Be kind.\r\n', 'NOTICE.md': 'By us.' });
		const packages = await packagesOf([id, `${id}?commonjs`, '/project/src/main.ts', 'node:fs']);
		expect(packages).toEqual([{ name: '@scope/one', version: '1.2.3', licence: 'MIT', notice: 'Be kind.\n\nBy us.' }]);
		expect(noticesOf(packages)).toContain('@scope/one 1.2.3 (MIT)\n\nBe kind.');
		expect(billOfMaterials({ name: 'a', version: '1' }, packages).components[0]?.purl).toBe(
			'pkg:npm/%40scope/one@1.2.3',
		);
	});

	test.each([{ license: 'GPL-3.0' }, { license: 'MIT OR GPL-3.0' }, {}])(
		'is refused with the licence of %j',
		async (manifest) => {
			const id = await moduleOf(manifest);
			await expect(packagesOf([id])).rejects.toThrow('Cannot package @scope/one: its licence is');
		},
	);
});
