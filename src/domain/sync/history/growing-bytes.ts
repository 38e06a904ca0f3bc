/** A byte buffer that doubles when full; `bytes` is what has been written so far, valid until the next append. */
export class GrowingBytes {
	#buffer: Uint8Array;
	#length = 0;

	constructor(initialBytes = 64 * 1024) {
		this.#buffer = new Uint8Array(initialBytes);
	}

	get length(): number {
		return this.#length;
	}

	get bytes(): Uint8Array {
		return this.#buffer.subarray(0, this.#length);
	}

	append(bytes: Uint8Array): void {
		const start = this.reserve(bytes.length);
		this.#buffer.set(bytes, start);
	}

	/** Makes room for `count` zero or stale bytes that the caller overwrites through `bytes`; answers where they start. */
	reserve(count: number): number {
		const start = this.#length;
		const needed = start + count;
		if (needed > this.#buffer.length) {
			const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
			larger.set(this.#buffer.subarray(0, start));
			this.#buffer = larger;
		}
		this.#length = needed;
		return start;
	}

	clear(): void {
		this.#length = 0;
	}
}
