import {
	closeSync,
	fstatSync,
	ftruncateSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Azurite (3.37) appends the contents of blobs, whosever they are, to files of up to 64 MiB ("extents"), and deletes such a
 * file once nothing in it belongs to a blob any more. Until then, what was deleted or overwritten stays readable in it. So
 * while Azurite does not run, such files go, and in the others whatever belongs to no blob is overwritten with zeros. What
 * belongs to one is never touched, so a crash in the middle loses nothing.
 */

const blobsDatabase = '__azurite_db_blob__.json';
const extentsFolder = '__blobstorage__';
/** Stands for a range of a page blob that was never written. */
const zeroExtent = '*ZERO*';

/** A part of an extent. */
interface Range {
	start: number;
	end: number;
}

interface Chunk extends Range {
	extent: string;
}

/** Answers how many blobs refer to contents that are gone. */
export function compactBlobs(folder: string): { lostBlobs: number } {
	removeUnfinishedSaves(folder);
	const documents = readDocuments(join(folder, blobsDatabase));
	// Without the list of blobs nobody can tell what belongs to one.
	if (!documents) return { lostBlobs: 0 };
	const chunksByDocument = documents.map(chunksIn);
	const used = Map.groupBy(chunksByDocument.flat(), ({ extent }) => extent);
	const extents = join(folder, extentsFolder);
	const sizes = sizesIn(extents);
	for (const extent of sizes.keys()) {
		const chunks = used.get(extent);
		if (chunks) eraseAllBut(merged(chunks), join(extents, extent));
		else rmSync(join(extents, extent), { force: true });
	}
	const isLost = ({ extent, end }: Chunk) => end > (sizes.get(extent) ?? 0);
	return { lostBlobs: chunksByDocument.filter((chunks) => chunks.some(isLost)).length };
}

/** Azurite saves a database under another name first; a crash leaves that behind. */
function removeUnfinishedSaves(folder: string): void {
	for (const name of readdirSync(folder)) if (name.endsWith('.json~')) rmSync(join(folder, name), { force: true });
}

/** Of all collections; undefined if the database is not there, or cannot be read, which Azurite reports itself. */
function readDocuments(database: string): readonly unknown[] | undefined {
	try {
		const { collections }: { collections: { data: unknown[] }[] } = JSON.parse(readFileSync(database, 'utf8'));
		return collections.flatMap(({ data }) => data);
	} catch {
		return undefined;
	}
}

/** Wherever in a document they stand: blobs, blocks and pages keep them in different places. */
function chunksIn(value: unknown): readonly Chunk[] {
	if (typeof value !== 'object' || value === null) return [];
	const { id, offset, count } = value as { [name: string]: unknown };
	if (typeof id !== 'string' || typeof offset !== 'number' || typeof count !== 'number')
		return Object.values(value).flatMap(chunksIn);
	return id === zeroExtent || count === 0 ? [] : [{ extent: id, start: offset, end: offset + count }];
}

function sizesIn(extents: string): ReadonlyMap<string, number> {
	if (!statSync(extents, { throwIfNoEntry: false })) return new Map();
	return new Map(readdirSync(extents).map((name) => [name, statSync(join(extents, name)).size]));
}

function merged(ranges: readonly Range[]): readonly Range[] {
	const apart: Range[] = [];
	for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
		const last = apart.at(-1);
		if (last && start <= last.end) last.end = Math.max(last.end, end);
		else apart.push({ start, end });
	}
	return apart;
}

function eraseAllBut(kept: readonly Range[], file: string): void {
	const descriptor = openSync(file, 'r+');
	try {
		let at = 0;
		for (const { start, end } of kept) {
			erase(descriptor, { start: at, end: start });
			at = end;
		}
		if (fstatSync(descriptor).size > at) ftruncateSync(descriptor, at);
	} finally {
		closeSync(descriptor);
	}
}

const zeros = new Uint8Array(1024 * 1024);
const present = new Uint8Array(zeros.length);

/** What is zero already is not written again: most of it was erased at an earlier stop. */
function erase(descriptor: number, { start, end }: Range): void {
	for (let at = start; at < end; at += zeros.length) {
		const length = Math.min(zeros.length, end - at);
		const read = readSync(descriptor, present, 0, length, at);
		if (Buffer.compare(present.subarray(0, read), zeros.subarray(0, read)) !== 0)
			writeSync(descriptor, zeros, 0, read, at);
	}
}
