import type { RosterKind } from '../roster/format/kinds.ts';
import type { AcceptedFile } from '../run.ts';

/**
 * What an automatic start has taken still counts as uploaded to a client that did not ask for it. These rules say which of the
 * taken files belong to what has been uploaded since, and so are put back.
 */

/** The life of an upload URL: files of one upload are not further apart. */
const sameUploadMs = 60 * 60_000;

/** When each kind was uploaded since. */
type NewUploads = ReadonlyMap<RosterKind, { lastModified: Date }>;

/** Whether they were a refused set and what mended it: then more may be to come, however slowly. */
const isMendedSet = (taken: readonly AcceptedFile[]) => taken.some(({ isStale }) => isStale);

/** For a start that a client asks for: its newest file of each kind, as if the automatic start had not been. */
export function takenForStart(uploads: NewUploads, taken: readonly AcceptedFile[]): readonly AcceptedFile[] {
	if (uploads.size === 0) return [];
	const oldest = Math.min(...[...uploads.values()].map(({ lastModified }) => lastModified.getTime()));
	const isMended = isMendedSet(taken);
	const isOfSameUpload = ({ writtenDateTime = '' }: AcceptedFile) =>
		oldest - new Date(writtenDateTime).getTime() <= sameUploadMs;
	return taken.filter((file) => !uploads.has(file.kind) && (isMended || isOfSameUpload(file)));
}

/**
 * For an automatic start: whoever mended a refused set, and was taken at their word, may have been replacing all of it, slowly.
 * Once everything else is new too, the files that mended it belong to it.
 */
export function takenForDrop(uploads: NewUploads, taken: readonly AcceptedFile[]): readonly AcceptedFile[] {
	const rest = taken.filter(({ isStale }) => isStale);
	const isRestNew = rest.length > 0 && rest.every(({ kind }) => uploads.has(kind));
	return isRestNew ? taken.filter(({ kind }) => !uploads.has(kind)) : [];
}
