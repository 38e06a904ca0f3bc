import { GrowingBytes } from './growing-bytes.ts';
import { appendU16, type PayloadBytes, type Snapshot } from './snapshot.ts';

/** What came of a slice, in figures. */
export interface SliceResult {
	/** Records that could not be written. */
	failed: number;
	/** Requests that changed the directory. */
	writes: number;
	/** Removals that were left out, see `removals.ts`. */
	held: number;
	/** People whose sign-in name somebody else still has: they are written once everybody else of the run is. */
	postponed: number;
}

const ops = { set: 0x53, forget: 0x46 } as const;
const headBytes = 16;

/** What a slice has achieved, record by record, for the history of its shard. Stored: the figures, then operation, key and payload. */
export class Journal {
	readonly payloadBytes: PayloadBytes;
	readonly #entries = new GrowingBytes(16 * 1024);

	constructor(payloadBytes: PayloadBytes) {
		this.payloadBytes = payloadBytes;
	}

	set(key: Uint8Array, payload: Uint8Array): void {
		this.#append(ops.set, key);
		this.#entries.append(payload);
	}

	forget(key: Uint8Array): void {
		this.#append(ops.forget, key);
	}

	#append(op: number, key: Uint8Array): void {
		this.#entries.append(Uint8Array.of(op));
		appendU16(this.#entries, key.length);
		this.#entries.append(key);
	}

	encode({ failed, writes, held, postponed }: SliceResult): Uint8Array[] {
		const head = new Uint8Array(headBytes);
		const view = new DataView(head.buffer);
		view.setUint32(0, failed);
		view.setUint32(4, writes);
		view.setUint32(8, held);
		view.setUint32(12, postponed);
		return [head, this.#entries.bytes];
	}
}

export function resultOf(stored: Uint8Array): SliceResult {
	const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
	return {
		failed: view.getUint32(0),
		writes: view.getUint32(4),
		held: view.getUint32(8),
		postponed: view.getUint32(12),
	};
}

/** Takes what a stored journal says into the history of its shard. */
export function replay(stored: Uint8Array, into: Snapshot): void {
	const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
	for (let at = headBytes; at < stored.length; ) {
		const isSet = stored[at] === ops.set;
		const keyStart = at + 3;
		const keyEnd = keyStart + view.getUint16(at + 1);
		const key = stored.subarray(keyStart, keyEnd);
		at = isSet ? keyEnd + into.payloadBytes : keyEnd;
		if (isSet) into.set(key, stored.subarray(keyEnd, at));
		else into.delete(key);
	}
}
