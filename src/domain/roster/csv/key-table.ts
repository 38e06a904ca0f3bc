const initialSlots = 1024;
/** Below, a table grows by steps of four, which halves the work; above, the memory would count. */
const manySlots = 1_000_000;
const initialKeyBytes = 16 * 1024;

/**
 * Gives each distinct key a small integer, counted from 0. Exact: equality compares bytes. It holds no JavaScript
 * strings: a million ids cost about 30 MB outside V8's heap, where a Map of strings takes five times as much inside it.
 */
export class KeyTable {
	readonly #fold: Uint8Array;
	/** Two secrets drawn from the seed, so that keys which collide cannot be prepared. */
	readonly #basis: number;
	readonly #multiplier: number;
	/**
	 * Open addressing, at most half full. A slot is two numbers, side by side for the sake of the cache: the hash, and
	 * the id + 1, which is 0 while the slot is free.
	 */
	#slots = new Int32Array(initialSlots * 2);
	/** Of the key looked up last. */
	#hash = 0;
	/** Key `id` lies in `keys` from `offsets[id]` to `offsets[id + 1]`. */
	#offsets = new Uint32Array(initialSlots / 2 + 1);
	#keys = new Uint8Array(initialKeyBytes);
	#size = 0;
	#lastFound = -1;
	/** The key found last was the one before it again, or the one interned after that. */
	#isOrdered = false;

	/** `foldCase` treats A–Z as a–z. */
	constructor(options: { seed: number; foldCase?: boolean }) {
		this.#fold = options.foldCase ? lowerCase : identity;
		this.#basis = mix(options.seed);
		this.#multiplier = mix(this.#basis ^ 0x9e3779b9) | 1;
	}

	get size(): number {
		return this.#size;
	}

	/** The id of the key; a key seen for the first time gets the present `size`. */
	intern(bytes: Uint8Array, start: number, end: number): number {
		const slot = this.#locate(bytes, start, end);
		const id = (this.#slots[slot + 1] as number) - 1;
		if (id >= 0) return id;
		this.#slots[slot] = this.#hash;
		this.#slots[slot + 1] = this.#size + 1;
		return this.#append(bytes, start, end);
	}

	/** The id of the key, or -1. Needs no hash while keys come in order, as they do in sorted files. */
	find(bytes: Uint8Array, start: number, end: number): number {
		const last = this.#lastFound;
		if (this.#isOrdered) {
			if (this.#endsWith(last, bytes, end) && this.#lengthOf(last) === end - start) return last;
			if (last + 1 < this.#size && this.#endsWith(last + 1, bytes, end) && this.#lengthOf(last + 1) === end - start) {
				this.#lastFound = last + 1;
				return last + 1;
			}
		}
		const id = (this.#slots[this.#locate(bytes, start, end) + 1] as number) - 1;
		this.#isOrdered = id >= 0 && (id === last || id === last + 1);
		this.#lastFound = id;
		return id;
	}

	/** A view of the key as it is stored, valid until the next `intern`. */
	keyOf(id: number): Uint8Array {
		return this.#keys.subarray(this.#offsets[id], this.#offsets[id + 1]);
	}

	/** Where the slot lies that holds the key, or the free slot where it belongs. */
	#locate(bytes: Uint8Array, start: number, end: number): number {
		const fold = this.#fold;
		const multiplier = this.#multiplier;
		let hash = this.#basis;
		for (let at = start; at < end; at++) {
			hash = Math.imul(hash ^ (fold[bytes[at] as number] as number), multiplier);
			hash ^= hash >>> 15;
		}
		hash = mix(hash);
		this.#hash = hash;
		const slots = this.#slots;
		const mask = slots.length - 1;
		let slot = (hash << 1) & mask;
		while (slots[slot + 1] !== 0) {
			const id = (slots[slot + 1] as number) - 1;
			if (slots[slot] === hash && this.#lengthOf(id) === end - start && this.#endsWith(id, bytes, end)) break;
			slot = (slot + 2) & mask;
		}
		return slot;
	}

	#lengthOf(id: number): number {
		return (this.#offsets[id + 1] as number) - (this.#offsets[id] as number);
	}

	/** Whether `bytes` up to `end` end with the key. From behind, where ids that follow each other differ. */
	#endsWith(id: number, bytes: Uint8Array, end: number): boolean {
		const keys = this.#keys;
		const fold = this.#fold;
		const start = this.#offsets[id] as number;
		let from = end - 1;
		for (let at = (this.#offsets[id + 1] as number) - 1; at >= start; at--) {
			if (keys[at] !== fold[bytes[from--] as number]) return false;
		}
		return true;
	}

	#append(bytes: Uint8Array, start: number, end: number): number {
		const id = this.#size++;
		let at = this.#offsets[id] as number;
		if (at + end - start > this.#keys.length) this.#growKeys(at + end - start);
		for (let from = start; from < end; from++) this.#keys[at++] = this.#fold[bytes[from] as number] as number;
		this.#offsets[id + 1] = at;
		if (this.#size * 4 === this.#slots.length) this.#growSlots();
		return id;
	}

	#growKeys(needed: number): void {
		const keys = new Uint8Array(Math.max(needed, this.#keys.length * 2));
		keys.set(this.#keys);
		this.#keys = keys;
	}

	#growSlots(): void {
		const old = this.#slots;
		const slots = new Int32Array(old.length * (old.length < manySlots ? 4 : 2));
		const mask = slots.length - 1;
		for (let from = 0; from < old.length; from += 2) {
			if (old[from + 1] === 0) continue;
			let slot = ((old[from] as number) << 1) & mask;
			while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
			slots[slot] = old[from] as number;
			slots[slot + 1] = old[from + 1] as number;
		}
		this.#slots = slots;
		const offsets = new Uint32Array(slots.length / 4 + 1);
		offsets.set(this.#offsets);
		this.#offsets = offsets;
	}
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(value: number): number {
	let mixed = value | 0;
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return mixed ^ (mixed >>> 16);
}

const identity = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const lowerCase = identity.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
