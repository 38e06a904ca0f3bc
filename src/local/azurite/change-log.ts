import { closeSync, createReadStream, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { appendFile, truncate } from 'node:fs/promises';

/** A document of LokiJS, whose id grows from one to the next. */
export interface Document {
	$loki: number;
}

export interface Definition {
	/** The greatest id that has been given so far. */
	maxId: number;
	/** Properties by which documents are unique. */
	uniqueNames: readonly string[];
}

/** What happened to a database: a collection came or went, a document was written or removed. */
export type Change =
	| readonly ['collection', name: string, definition: Definition]
	| readonly ['drop', name: string]
	| readonly ['put', name: string, document: Document]
	| readonly ['remove', name: string, id: number];

/**
 * A database as a file of changes, a line of JSON each, of which every save adds those since the one before. A save counts once its
 * last line is there: what a crash leaves of one is cut off by the next.
 */
export class ChangeLog {
	readonly file: string;
	/** Bytes of all whole saves. */
	#length = 0;
	#isTorn = false;

	constructor(file: string) {
		this.file = file;
	}

	/** Hands over the changes of all whole saves, in their order. */
	async read(apply: (change: Change) => void): Promise<void> {
		let waiting: Change[] = [];
		let read = 0;
		for await (const line of linesOf(this.file)) {
			read += Buffer.byteLength(line) + 1;
			const change = parsed(line);
			if (change === undefined) break;
			if (change !== 'saved') {
				waiting.push(change);
				continue;
			}
			for (const each of waiting) apply(each);
			waiting = [];
			this.#length = read;
		}
		this.#isTorn = true;
	}

	/** Takes the changes at once, and adds them as one save. */
	async append(changes: Iterable<Change>): Promise<void> {
		const chunks = [...inChunks(changes)];
		// Whatever there is of a save that was not whole would make this one unreadable.
		if (this.#isTorn) await truncate(this.file, this.#length);
		this.#isTorn = true;
		for (const chunk of chunks) await appendFile(this.file, chunk);
		this.#isTorn = false;
		this.#length += chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);
	}

	/** Puts another file in the place of this one. */
	rewrite(changes: Iterable<Change>): void {
		const unfinished = `${this.file}~`;
		try {
			const descriptor = openSync(unfinished, 'w');
			let length = 0;
			try {
				for (const chunk of inChunks(changes)) length += writeSync(descriptor, chunk);
			} finally {
				closeSync(descriptor);
			}
			renameSync(unfinished, this.file);
			this.#length = length;
			this.#isTorn = false;
		} catch (error) {
			rmSync(unfinished, { recursive: true, force: true });
			throw error;
		}
	}
}

const end = '["saved"]\n';
const chunkLength = 4 * 1024 * 1024;

/** Text of a save. */
function* inChunks(changes: Iterable<Change>): Generator<string> {
	let chunk = '';
	for (const change of changes) {
		chunk += `${JSON.stringify(change)}\n`;
		if (chunk.length < chunkLength) continue;
		yield chunk;
		chunk = '';
	}
	yield chunk + end;
}

/** Undefined for a line that is not whole. */
function parsed(line: string): Change | 'saved' | undefined {
	try {
		const change = JSON.parse(line);
		return change[0] === 'saved' ? 'saved' : change;
	} catch {
		return undefined;
	}
}

/** Lines of any length, in a file of any size. */
async function* linesOf(file: string): AsyncGenerator<string> {
	let rest: Buffer[] = [];
	for await (const bytes of createReadStream(file, { highWaterMark: chunkLength }) as AsyncIterable<Buffer>) {
		let start = 0;
		for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', start)) {
			rest.push(bytes.subarray(start, at));
			yield String(rest.length === 1 ? rest[0] : Buffer.concat(rest));
			rest = [];
			start = at + 1;
		}
		if (start < bytes.length) rest.push(bytes.subarray(start));
	}
	// Without its line end a line is not whole.
}
