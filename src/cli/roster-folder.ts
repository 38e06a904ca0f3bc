import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRunError } from './cannot-run.ts';
import { type RosterKind, rosterKinds } from './roster-kinds.ts';

export interface RosterFile {
	kind: RosterKind;
	/** The documented spelling, whatever the folder's is: a second spelling in the upload would be a second file. */
	uploadName: string;
	path: string;
	sizeBytes: number;
}

/** The roster files of a folder, in the order of `rosterKinds`. Which ones must be there is for the service to say. */
export async function findRosterFiles(folder: string): Promise<RosterFile[]> {
	const names = await readNames(folder);
	const files: RosterFile[] = [];
	for (const { kind, file } of rosterKinds) {
		const matches = names.filter((name) => name.toLowerCase() === file.toLowerCase());
		if (matches.length > 1) {
			const spellings = matches.map((name) => `"${name}"`).join(' and ');
			throw new CannotRunError(`Cannot upload ${file}: "${folder}" holds it twice, as ${spellings}. Keep one of them.`);
		}
		for (const name of matches) {
			const path = join(folder, name);
			files.push({ kind, uploadName: file, path, sizeBytes: (await stat(path)).size });
		}
	}
	if (files.length > 0) return files;
	const wanted = rosterKinds.map(({ file }) => file).join(', ');
	throw new CannotRunError(`Cannot sync "${folder}": it holds no roster file. Name the folder that holds ${wanted}.`);
}

async function readNames(folder: string): Promise<string[]> {
	try {
		const entries = await readdir(folder, { withFileTypes: true });
		return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
	} catch (error) {
		throw new CannotRunError(`Cannot read the folder "${folder}": ${reasonOf(error)}. Name an existing folder.`);
	}
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'it does not exist',
	ENOTDIR: 'it is a file',
	EACCES: 'you have no permission to read it',
};

function reasonOf(error: unknown): string {
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
	return reasons[code] ?? code;
}
