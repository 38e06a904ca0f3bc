import type { KeyTable } from '../csv/key-table.ts';
import { PairSet } from '../csv/pair-set.ts';

/** `additionalSchool`: the row repeats an earlier one except for its school. */
export type IdUse = 'first' | 'additionalSchool' | 'repeated';

const initialIds = 1024;

/** Who used an id first, and with which school and content: 8 bytes per id. */
export class UniqueIds {
	readonly #table: KeyTable;
	readonly #schools: PairSet;
	/** School + 2 of the first row; 0 if no whole row has used the id yet. */
	#firstSchools = new Uint32Array(initialIds);
	#contents = new Int32Array(initialIds);

	constructor(table: KeyTable, seed: number) {
		this.#table = table;
		this.#schools = new PairSet(seed);
	}

	/** `school` is an id, or -1 if it is unknown; `content` is the hash of all values but the school. */
	claim(id: number, school: number, content: number): IdUse {
		if (id >= this.#contents.length) this.#grow();
		const firstSchool = (this.#firstSchools[id] as number) - 2;
		if (firstSchool === -2) {
			this.#firstSchools[id] = school + 2;
			this.#contents[id] = content;
			return 'first';
		}
		if (this.#contents[id] !== content) return 'repeated';
		// The reference is an error of its own; calling the row a duplicate as well would mislead.
		if (school < 0) return 'additionalSchool';
		if (school === firstSchool) return 'repeated';
		const schoolsBefore = this.#schools.size;
		return this.#schools.add(id, school) === schoolsBefore ? 'additionalSchool' : 'repeated';
	}

	#grow(): void {
		const length = Math.max(this.#contents.length * 2, this.#table.size);
		const firstSchools = new Uint32Array(length);
		firstSchools.set(this.#firstSchools);
		this.#firstSchools = firstSchools;
		const contents = new Int32Array(length);
		contents.set(this.#contents);
		this.#contents = contents;
	}
}
