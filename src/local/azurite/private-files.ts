import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folderMode = 0o700;
const fileMode = 0o600;

/** From here on this process creates files that nobody but their owner can read. Windows has no such modes, and ignores it. */
export function createPrivateFilesOnly(): void {
	process.umask(0o077);
}

/** Takes a file, or a folder with all that is in it, out of the reach of other users. What is not there needs nothing. */
export function makePrivate(path: string): void {
	const found = lstatSync(path, { throwIfNoEntry: false });
	// A link may lead to what is not ours.
	if (!found || found.isSymbolicLink()) return;
	const mode = found.isDirectory() ? folderMode : fileMode;
	if ((found.mode & 0o777) !== mode) chmodSync(path, mode);
	if (found.isDirectory()) for (const name of readdirSync(path)) makePrivate(join(path, name));
}
