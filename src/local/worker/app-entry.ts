import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorText } from '../host-log.ts';

/** The files to load: `entry`, or every match of `main` (a glob) in the app folder's package.json, in order. */
export function findAppFiles(appFolder: string, entry?: string): string[] {
	if (entry !== undefined) {
		const file = resolve(appFolder, entry);
		if (!existsSync(file)) throw new Error(`Cannot load the app: its entry "${file}" does not exist`);
		return [file];
	}
	const main = readMain(appFolder);
	// A build may leave copies of packages behind; a package's own functions are never the app's.
	const matches = globSync(main, { cwd: appFolder, exclude: (name) => name === 'node_modules' });
	const files = matches.filter((file) => /\.[cm]?[jt]s$/.test(file)).sort();
	if (files.length === 0) {
		throw new Error(`Cannot load the app: "main": "${main}" in package.json matches no file in "${appFolder}"`);
	}
	return files.map((file) => join(appFolder, file));
}

function readMain(appFolder: string): string {
	const file = join(appFolder, 'package.json');
	if (!existsSync(file)) throw new Error(`Cannot load the app: "${file}" does not exist, and no entry was given`);
	const main: unknown = JSON.parse(readFileSync(file, 'utf8')).main;
	if (typeof main !== 'string')
		throw new Error(`Cannot load the app: "${file}" has no "main", and needs a file or glob`);
	return main;
}

/** Loads one file whatever its module format: `import()` serves ES modules, CommonJS and TypeScript sources alike. */
export async function loadAppFile(file: string): Promise<void> {
	try {
		await import(/* @vite-ignore */ pathToFileURL(file).href);
	} catch (error) {
		throw new Error(`Cannot load the app file "${file}": ${errorText(error)}`, { cause: error });
	}
}
