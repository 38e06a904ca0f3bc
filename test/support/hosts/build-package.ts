import path from 'node:path';
import { makePackage, writePackage } from '../../../tools/package.ts';

/** Writes the folder `package`, once before all tests: what they run is what is deployed. */
export async function setup(): Promise<void> {
	await writePackage(await makePackage(), path.resolve(import.meta.dirname, '../../../package'));
}
