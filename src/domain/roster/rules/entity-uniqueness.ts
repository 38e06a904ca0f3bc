import { KeyTable } from '../csv/key-table.ts';
import { contentHash, type Row } from '../csv/row.ts';
import type { FileColumn } from '../format/file-columns.ts';
import type { RosterKind } from '../format/kinds.ts';
import { UniqueIds } from './unique-ids.ts';
import { accountNameEnd } from './usernames.ts';

const idPlace = 0;
const schoolPlace = 1;
/** Schools and sections have no several schools: each repeats its id at the same one. */
const noSchool = 0;
/** Users may belong to several schools, with a row for each. */
const userKinds: ReadonlySet<RosterKind> = new Set(['student', 'teacher']);

interface UniqueColumn {
	readonly column: FileColumn;
	readonly table: KeyTable;
	/** Where the part of the value ends that must be unique. */
	readonly uniqueEnd: (bytes: Uint8Array, start: number, end: number) => number;
}

export interface EntityUniquenessOptions {
	readonly seed: number;
	/** Appended to usernames. */
	readonly domain?: string | undefined;
}

/**
 * Ids, usernames and matching values that occur again. Every row with the right number of columns counts, whatever else
 * is wrong with it, so that what is a duplicate does not depend on other rules.
 */
export class EntityUniqueness {
	readonly #idColumn: FileColumn;
	readonly #ids: KeyTable;
	readonly #uses: UniqueIds;
	readonly #others: readonly UniqueColumn[];

	constructor(columns: readonly FileColumn[], ids: KeyTable, options: EntityUniquenessOptions) {
		this.#idColumn = columns[idPlace] as FileColumn;
		this.#ids = ids;
		this.#uses = new UniqueIds(ids, options.seed);
		this.#others = columns
			.filter(({ place, definition, isMatching }) => place !== idPlace && (definition.isUnique || isMatching))
			.map((column) => uniqueColumn(column, options));
	}

	/** Visits each column whose value an earlier row has; sets `additionalSchool` of the row. */
	check(row: Row, visit: (column: FileColumn) => void): void {
		const use = this.#useOf(row);
		row.additionalSchool = use === 'additionalSchool';
		if (row.additionalSchool) return;
		if (use === 'repeated') visit(this.#idColumn);
		for (const { column, table, uniqueEnd } of this.#others) {
			const start = row.starts[column.place] as number;
			const end = uniqueEnd(row.bytes, start, row.ends[column.place] as number);
			const size = table.size;
			if (start < end && table.intern(row.bytes, start, end) < size) visit(column);
		}
	}

	#useOf(row: Row) {
		const start = row.starts[idPlace] as number;
		const end = row.ends[idPlace] as number;
		if (start === end) return undefined;
		const id = this.#ids.intern(row.bytes, start, end);
		if (!userKinds.has(row.kind)) return this.#uses.claim(id, noSchool, 0);
		const school = row.references[schoolPlace] as number;
		return this.#uses.claim(id, school, contentHash(row, schoolPlace));
	}
}

function uniqueColumn(column: FileColumn, { seed, domain }: EntityUniquenessOptions): UniqueColumn {
	const { value } = column.definition;
	return {
		column,
		table: new KeyTable({ seed, foldCase: value === 'username' || value === 'email' }),
		uniqueEnd: value === 'username' ? accountNameEnd(domain) : (_bytes, _start, end) => end,
	};
}
