import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What `npm run package` makes. There is no `node_modules`: a package that the bundle does not hold is missing, as it would be on Azure. */
export const packageFolder = path.resolve(import.meta.dirname, '../../../package');

/** All that is deployed, but for what `main.js` loads when it is needed. */
export const deployedFiles = ['dist/main.js', 'dist/third-party-notices.txt', 'host.json', 'package.json'];

/** A part of `main.js`, by its name in the package. */
export const isPart = (name: string): boolean => /^dist\/parts\/[\w.-]+\.js$/.test(name);

/** A folder of its own, outside the project, with copies of what is deployed and nothing else. */
export async function deployedApp(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-app-'));
	await cp(packageFolder, folder, { recursive: true });
	return folder;
}
