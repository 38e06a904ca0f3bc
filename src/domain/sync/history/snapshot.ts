import { KeyTable } from '../../roster/csv/key-table.ts';
import { GrowingBytes } from './growing-bytes.ts';

/**
 * A shard's snapshot: what the last runs achieved in the directory. Per record its key, and for entities the hash of what was
 * written and the directory's id for it; a membership is its own key, and either there or unknown.
 *
 * Stored form: `SDS1`, payload size (u16), then per record key length (u16), key, payload.
 */

const magic = new TextEncoder().encode('SDS1');
const headerBytes = 6;
export const hashBytes = 16;
const idBytes = 16;
const noId = new Uint8Array(idBytes);

/** 1 (what is known of it) for memberships, 32 (hash, then id) for entities. */
export type PayloadBytes = 1 | 32;

/**
 * Of a membership: it is there; or it was to be written or removed, and nobody knows whether it was; or the directory was found to
 * have it, and no file of ours brought it.
 */
export const membershipStates = {
	there: Uint8Array.of(1),
	unknown: Uint8Array.of(2),
	found: Uint8Array.of(3),
} as const;

/** Present in the directory, but no longer in the source. */
export const inactiveHash = new Uint8Array(hashBytes);
/** Not all of it could be written, or nobody knows whether it was: the next run writes it again. */
export const incompleteHash = new Uint8Array(hashBytes).fill(0xff);

export class Snapshot {
	readonly payloadBytes: PayloadBytes;
	readonly #keys: KeyTable;
	readonly #payloads = new GrowingBytes(1024);
	/** 1 where the record is in the snapshot; a key that was removed keeps its place. */
	readonly #present = new GrowingBytes(1024);
	#size = 0;

	constructor(payloadBytes: PayloadBytes, seed: number) {
		this.payloadBytes = payloadBytes;
		this.#keys = new KeyTable({ seed });
	}

	/** The number of records present. */
	get size(): number {
		return this.#size;
	}

	/** The record's place, or -1. */
	find(key: Uint8Array): number {
		const place = this.#keys.find(key, 0, key.length);
		return place >= 0 && this.#present.bytes[place] === 1 ? place : -1;
	}

	/** Creates or overwrites; answers the record's place. */
	set(key: Uint8Array, payload: Uint8Array): number {
		const place = this.#keys.intern(key, 0, key.length);
		while (this.#present.length <= place) {
			this.#present.bytes[this.#present.reserve(1)] = 0;
			this.#payloads.reserve(this.payloadBytes);
		}
		if (this.#present.bytes[place] !== 1) this.#size++;
		this.#present.bytes[place] = 1;
		this.#payloads.bytes.set(payload, place * this.payloadBytes);
		return place;
	}

	delete(key: Uint8Array): void {
		const place = this.find(key);
		if (place < 0) return;
		this.#present.bytes[place] = 0;
		this.#size--;
	}

	hashAt(place: number): Uint8Array {
		const start = place * this.payloadBytes;
		return this.#payloads.bytes.subarray(start, start + hashBytes);
	}

	/** Undefined for an object of which nobody knows whether it is there. */
	idAt(place: number): string | undefined {
		const start = place * this.payloadBytes + hashBytes;
		const id = this.#payloads.bytes.subarray(start, start + idBytes);
		return sameBytes(id, noId) ? undefined : guidOf(id);
	}

	/** Of a membership. */
	stateAt(place: number): keyof typeof membershipStates {
		const state = this.#payloads.bytes[place * this.payloadBytes];
		if (state === membershipStates.found[0]) return 'found';
		return state === membershipStates.unknown[0] ? 'unknown' : 'there';
	}

	payloadAt(place: number): Uint8Array {
		return this.#payloads.bytes.subarray(place * this.payloadBytes, (place + 1) * this.payloadBytes);
	}

	/** Calls back for every record present, in order of arrival. The bytes are valid during the call. */
	forEach(visit: (key: Uint8Array, place: number) => void): void {
		const count = this.#present.length;
		for (let place = 0; place < count; place++) {
			if (this.#present.bytes[place] === 1) visit(this.#keys.keyOf(place), place);
		}
	}

	*encode(): Generator<Uint8Array> {
		const out = new GrowingBytes(256 * 1024);
		out.append(magic);
		appendU16(out, this.payloadBytes);
		const count = this.#present.length;
		for (let place = 0; place < count; place++) {
			if (this.#present.bytes[place] !== 1) continue;
			const key = this.#keys.keyOf(place);
			appendU16(out, key.length);
			out.append(key);
			out.append(this.#payloads.bytes.subarray(place * this.payloadBytes, (place + 1) * this.payloadBytes));
			if (out.length > 192 * 1024) {
				yield out.bytes;
				out.clear();
			}
		}
		yield out.bytes;
	}
}

/** Adds to `into` the records of a stored snapshot for which `keep` holds. Throws if it is not a snapshot of this kind. */
export function decodeSnapshot(
	stored: Uint8Array,
	into: Snapshot,
	keep: (key: Uint8Array) => boolean = () => true,
): void {
	const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
	const isOurs = stored.length >= headerBytes && magic.every((byte, at) => stored[at] === byte);
	if (!isOurs || view.getUint16(4) !== into.payloadBytes) {
		throw new Error(
			'Cannot read a snapshot: the stored file is not one of this kind. Reset the profile to start afresh.',
		);
	}
	for (let at = headerBytes; at < stored.length; ) {
		const keyStart = at + 2;
		const payloadStart = keyStart + view.getUint16(at);
		at = payloadStart + into.payloadBytes;
		const key = stored.subarray(keyStart, payloadStart);
		if (keep(key)) into.set(key, stored.subarray(payloadStart, at));
	}
}

/** The stored form record by record, for whoever does not have them all in memory. One that comes twice is as it comes last. */
export function storedHead(payloadBytes: PayloadBytes): Uint8Array {
	return Buffer.concat([magic, u16(payloadBytes)]);
}

export function storedRecord(key: Uint8Array, payload: Uint8Array): Uint8Array {
	return Buffer.concat([u16(key.length), key, payload]);
}

const u16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff);

export function appendU16(out: GrowingBytes, value: number): void {
	const start = out.reserve(2);
	out.bytes[start] = value >> 8;
	out.bytes[start + 1] = value & 0xff;
}

export function entityPayload(hash: Uint8Array, id: string | undefined): Uint8Array {
	const payload = new Uint8Array(hashBytes + idBytes);
	payload.set(hash);
	if (id !== undefined) payload.set(guidBytes(id), hashBytes);
	return payload;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function guidBytes(id: string): Uint8Array {
	return Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex'));
}

function guidOf(bytes: Uint8Array): string {
	const hex = Buffer.from(bytes).toString('hex');
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
