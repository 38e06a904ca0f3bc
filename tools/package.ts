import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { zipSync } from 'fflate';
import { type OutputChunk, rolldown } from 'rolldown';
import config from '../rolldown.config.ts';
import { type BundledPackage, noticesOf, packagesOf } from './bundled-packages.ts';

const root = path.resolve(import.meta.dirname, '..');

export interface Package {
	/** By name in the folder of the app, in order. */
	files: ReadonlyMap<string, Uint8Array>;
	/** What the bundle is made of beside our own sources. */
	packages: readonly BundledPackage[];
}

/** All that is deployed. The same sources and lock file make the same bytes, wherever and whenever. */
export async function makePackage(): Promise<Package> {
	const chunks = await bundle();
	const packages = await packagesOf(chunks.flatMap(({ moduleIds }) => moduleIds));
	const files = new Map<string, Uint8Array>();
	for (const { fileName, code } of chunks) files.set(`dist/${fileName}`, text(code));
	// Licences ask that they go along with copies.
	files.set('dist/third-party-notices.txt', text(noticesOf(packages)));
	files.set('host.json', await readFile(path.join(root, 'host.json')));
	files.set('package.json', text(`${JSON.stringify(await deployedManifest(), null, 2)}\n`));
	return { files, packages };
}

const text = (content: string) => new TextEncoder().encode(content.replaceAll('\r\n', '\n'));

/** `main.js`, and in `parts/` what it loads when it is needed: a cold start reads a third less than of one file. */
async function bundle(): Promise<OutputChunk[]> {
	const build = await rolldown({ ...config, cwd: root });
	try {
		const { output } = await build.generate({ format: 'esm', chunkFileNames: 'parts/[name].js' });
		return output
			.map((each) => {
				if (each.type === 'chunk') return each;
				throw new Error(`The bundle must be code, and has the file "${each.fileName}".`);
			})
			.sort((left, right) => (left.fileName < right.fileName ? -1 : 1));
	} finally {
		await build.close();
	}
}

/** What the platform reads: without dependencies and scripts, nothing is left to install or to run. */
async function deployedManifest() {
	const { name, version, type, main, engines } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
	return { name, version, private: true, type, main, engines };
}

/** Writes the files into a folder of their own; what was there goes. */
export async function writePackage({ files }: Package, folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true });
	for (const [name, content] of files) {
		const file = path.join(folder, name);
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, content);
	}
}

/** Neither the clock nor the time zone nor the owner is in it: a zip has the time of the place, and this one is the same in all. */
export function zipOf({ files }: Package): Uint8Array {
	const mtime = new Date(1980, 0, 1);
	return zipSync(Object.fromEntries(files), { level: 9, mtime, os: 3, attrs: 0o644 << 16 });
}
