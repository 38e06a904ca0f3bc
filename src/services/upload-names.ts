import { createHash } from 'node:crypto';
import { kindOfFile, type RosterKind, rosterKinds } from '../domain/roster/kinds.ts';
import type { UploadedFile } from '../ports.ts';

/** The uploads of one profile, sorted into what they are. */
export interface UploadSet {
	files: ReadonlyMap<RosterKind, UploadedFile>;
	/** Kinds for which several files were uploaded, as `School.csv` and `data/school.csv`. */
	ambiguous: ReadonlySet<RosterKind>;
	/** Names that mean nothing to us; shortened, since the uploader chose them. */
	unknown: readonly string[];
}

/** A container may hold this many files at most before we stop looking; six are wanted. */
export const maxUploadsListed = 1000;

export function sortUploads(uploads: readonly UploadedFile[]): UploadSet {
	const files = new Map<RosterKind, UploadedFile>();
	const ambiguous = new Set<RosterKind>();
	const unknown: string[] = [];
	for (const upload of uploads) {
		const kind = kindOfFile(upload.name);
		if (!kind) unknown.push(printableName(upload.name));
		else if (files.has(kind)) ambiguous.add(kind);
		else files.set(kind, upload);
	}
	return { files, ambiguous, unknown };
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
