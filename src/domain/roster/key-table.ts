const initialSlots = 1024;
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
	/** Open addressing: id + 1, or 0 for a free slot; at most half of them are taken. */
	#slots = new Int32Array(initialSlots);
	#hashes = new Int32Array(initialSlots / 2);
	/** Key `id` lies in `keys` from `offsets[id]` to `offsets[id + 1]`. */
	#offsets = new Uint32Array(initialSlots / 2 + 1);
	#keys = new Uint8Array(initialKeyBytes);
	#size = 0;

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
		const hash = this.#hash(bytes, start, end);
		const slot = this.#locate(hash, bytes, start, end);
		const found = (this.#slots[slot] as number) - 1;
		if (found >= 0) return found;
		this.#slots[slot] = this.#size + 1;
		return this.#append(hash, bytes, start, end);
	}

	/** The id of the key, or -1. */
	find(bytes: Uint8Array, start: number, end: number): number {
		return (this.#slots[this.#locate(this.#hash(bytes, start, end), bytes, start, end)] as number) - 1;
	}

	/** A view of the key as it is stored, valid until the next `intern`. */
	keyOf(id: number): Uint8Array {
		return this.#keys.subarray(this.#offsets[id], this.#offsets[id + 1]);
	}

	#hash(bytes: Uint8Array, start: number, end: number): number {
		const fold = this.#fold;
		const multiplier = this.#multiplier;
		let hash = this.#basis;
		for (let at = start; at < end; at++) {
			hash = Math.imul(hash ^ (fold[bytes[at] as number] as number), multiplier);
			hash ^= hash >>> 15;
		}
		return mix(hash);
	}

	/** The slot that holds the key, or the free slot where it belongs. */
	#locate(hash: number, bytes: Uint8Array, start: number, end: number): number {
		const slots = this.#slots;
		const mask = slots.length - 1;
		let slot = hash & mask;
		for (let entry = slots[slot] as number; entry !== 0; entry = slots[slot] as number) {
			if (this.#hashes[entry - 1] === hash && this.#equals(entry - 1, bytes, start, end)) return slot;
			slot = (slot + 1) & mask;
		}
		return slot;
	}

	#equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
		const keys = this.#keys;
		const fold = this.#fold;
		let at = this.#offsets[id] as number;
		if ((this.#offsets[id + 1] as number) - at !== end - start) return false;
		for (let from = start; from < end; from++) {
			if (keys[at++] !== fold[bytes[from] as number]) return false;
		}
		return true;
	}

	#append(hash: number, bytes: Uint8Array, start: number, end: number): number {
		const id = this.#size++;
		let at = this.#offsets[id] as number;
		if (at + end - start > this.#keys.length) this.#growKeys(at + end - start);
		for (let from = start; from < end; from++) this.#keys[at++] = this.#fold[bytes[from] as number] as number;
		this.#hashes[id] = hash;
		this.#offsets[id + 1] = at;
		if (this.#size === this.#hashes.length) this.#growSlots();
		return id;
	}

	#growKeys(needed: number): void {
		const keys = new Uint8Array(Math.max(needed, this.#keys.length * 2));
		keys.set(this.#keys);
		this.#keys = keys;
	}

	#growSlots(): void {
		const slotCount = this.#slots.length * 2;
		const hashes = new Int32Array(slotCount / 2);
		hashes.set(this.#hashes);
		this.#hashes = hashes;
		const offsets = new Uint32Array(slotCount / 2 + 1);
		offsets.set(this.#offsets);
		this.#offsets = offsets;
		const slots = new Int32Array(slotCount);
		for (let id = 0; id < this.#size; id++) {
			let slot = (hashes[id] as number) & (slotCount - 1);
			while (slots[slot] !== 0) slot = (slot + 1) & (slotCount - 1);
			slots[slot] = id + 1;
		}
		this.#slots = slots;
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
