import { KeyTable } from '../csv/key-table.ts';
import { columnsOf } from '../format/columns.ts';
import { type RosterKind, rosterKinds } from '../format/kinds.ts';

/**
 * The ids of the files read so far, so that later files can refer to them. An id counts as present even if its row has
 * other errors: one bad birth date must not make a student's seven enrollments look wrong too.
 */
export class IdRegistry {
	readonly #seed: number;
	readonly #tables = new Map<RosterKind, KeyTable>();

	constructor(seed: number) {
		this.#seed = seed;
	}

	open(kind: RosterKind): KeyTable {
		const table = new KeyTable({ seed: this.#seed });
		this.#tables.set(kind, table);
		return table;
	}

	/** Undefined if the file is missing or could not be read to its end: then nothing can be said about references. */
	get(kind: RosterKind): KeyTable | undefined {
		return this.#tables.get(kind);
	}

	discard(kind: RosterKind): void {
		this.#tables.delete(kind);
	}

	/** Frees every table that no file after `kind` refers to. */
	releaseAfter(kind: RosterKind): void {
		const later = rosterKinds.slice(rosterKinds.indexOf(kind) + 1);
		for (const held of this.#tables.keys()) {
			if (!later.some((each) => columnsOf(each).some((column) => column.references === held))) this.discard(held);
		}
	}
}
