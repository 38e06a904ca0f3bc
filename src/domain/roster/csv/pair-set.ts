import { KeyTable } from './key-table.ts';

/** A set of pairs of small integers, for the few pairs that are out of the ordinary. */
export class PairSet {
	readonly #table: KeyTable;
	readonly #pair = new Uint32Array(2);
	readonly #bytes = new Uint8Array(this.#pair.buffer);

	constructor(seed: number) {
		this.#table = new KeyTable({ seed });
	}

	get size(): number {
		return this.#table.size;
	}

	/** Place of the pair, which is the size before if it is new. */
	add(first: number, second: number): number {
		this.#pair[0] = first;
		this.#pair[1] = second;
		return this.#table.intern(this.#bytes, 0, this.#bytes.length);
	}

	/** Place of the pair, or -1. */
	find(first: number, second: number): number {
		this.#pair[0] = first;
		this.#pair[1] = second;
		return this.#table.find(this.#bytes, 0, this.#bytes.length);
	}
}
