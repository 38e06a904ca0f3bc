import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** All that is deployed. There is no `node_modules`: a package that the bundle does not hold is missing, as it would be on Azure. */
export const deployedNames = ['dist', 'host.json', 'package.json'];

/** A folder of its own, outside the project, with copies of what is deployed and nothing else. */
export async function deployedApp(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-app-'));
	for (const name of deployedNames) await cp(path.join(root, name), path.join(folder, name), { recursive: true });
	return folder;
}
