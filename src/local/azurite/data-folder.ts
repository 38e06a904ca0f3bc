import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorLine, type HostLog } from '../host-log.ts';
import { makePrivate } from './private-files.ts';

/** What the host keeps there: a folder that somebody chose may hold other things, which are theirs. */
const ourFiles = /^(azurite|host\.lock.*|[a-z]+-keys?\.json(\.new)?)$/;

/**
 * Makes sure that nobody but its owner can look into the data folder: it holds rosters, and the keys of this host. A file
 * system that knows no modes is worth a warning, and no more.
 */
export function openDataFolder(folder: string, log: HostLog): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	try {
		chmodSync(folder, 0o700);
		for (const name of readdirSync(folder)) if (ourFiles.test(name)) makePrivate(join(folder, name));
	} catch (error) {
		log('warning', `Other users of this machine may be able to read the data folder "${folder}": ${errorLine(error)}`);
	}
}

/**
 * A value that is created once and then kept as `<folder>/<name>`, readable by its owner only. Without a folder it lives
 * as long as the host.
 */
export async function keepJson<T>(folder: string | undefined, name: string, create: () => T | Promise<T>): Promise<T> {
	if (folder === undefined) return await create();
	const file = join(folder, name);
	if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
	const value = await create();
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	// A crash between write and rename leaves no half-written keys behind.
	writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
	renameSync(`${file}.new`, file);
	return value;
}
