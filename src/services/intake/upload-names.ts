import { createHash } from 'node:crypto';
import { rosterKinds, type SortedFiles, sortFiles } from '../../domain/roster/format/kinds.ts';
import type { UploadedFile } from '../../ports.ts';

/** The uploads of one profile. The unknown ones are names only, shortened, since the uploader chose them. */
export interface UploadSet extends Omit<SortedFiles<UploadedFile>, 'unknown'> {
	readonly unknown: readonly string[];
}

/** A container may hold this many files at most before we stop looking; six are wanted. */
export const maxUploadsListed = 1000;

export function sortUploads(uploads: readonly UploadedFile[]): UploadSet {
	const { unknown, ...sorted } = sortFiles(uploads);
	return { ...sorted, unknown: unknown.map(({ name }) => printableName(name)) };
}

export function isComplete(set: UploadSet): boolean {
	return rosterKinds.every((kind) => set.files.has(kind));
}

/** The same name for the same files in the same versions, and another for anything else. */
export function uploadSetId(set: UploadSet): string {
	const versions = rosterKinds.map((kind) => [set.files.get(kind)?.name, set.files.get(kind)?.etag]);
	return createHash('sha256').update(JSON.stringify(versions)).digest('hex').slice(0, 32);
}

const maxNameLength = 100;

function printableName(name: string): string {
	const printable = name.replace(/\p{C}/gu, '?');
	return printable.length <= maxNameLength ? printable : `${printable.slice(0, maxNameLength - 1)}…`;
}
