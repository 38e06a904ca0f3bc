import { CsvScanner, fieldFlaws, type ScannedRow } from '../csv/csv-scanner.ts';
import { scannedTexts } from '../csv/scanned-texts.ts';
import { findColumn } from '../format/columns.ts';
import { readHeader } from '../format/header.ts';
import type { RosterKind } from '../format/kinds.ts';
import type { ValueRule } from '../rules/flaws.ts';
import { valueRule } from '../rules/value-rules.ts';
import { unguarded } from './formula-guard.ts';
import { byteOrderMark } from './report.ts';

/**
 * Stands in a kept file where the password of an account stood that exists by now. It is no password: whoever finds it takes
 * the value as absent. An empty value would make the row a faulty one when the file is verified again.
 */
export const removedPassword = '(removed because the account exists)';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const marker = encoder.encode(removedPassword);
const bom = encoder.encode(byteOrderMark);
/** Rows as they were written have a mark of their own besides, for doubled quotation marks. */
const torn = Object.values(fieldFlaws).reduce((all, flaw) => all | flaw, 0);
const passwordName = 'Password';
const lineEnd = encoder.encode('\r\n');
const lineFeed = 0x0a;
const space = 0x20;
const tab = 0x09;

export interface KeptFile {
	kind: RosterKind;
	/** Whether the account of the person with this id exists. */
	hasAccount: (sisId: Uint8Array) => boolean;
	/** Its values are guarded, see `formula-guard.ts`, as those of a report are. */
	isGuarded?: boolean;
	/** False for profiles that match existing users: then no value is a faulty password. */
	createsUsers: boolean;
	/** Must copy the bytes. */
	emit: (bytes: Uint8Array) => void;
}

interface Places {
	fields: number;
	password: number;
	sisId: number;
}

/**
 * Takes the passwords of existing accounts out of a file of students or teachers as it was uploaded, or out of its faulty rows.
 * Everything else stays as it is, at its line, but for the kind of line end. The file comes in chunks.
 */
export class PasswordRemover {
	readonly #file: KeptFile;
	readonly #scanner = new CsvScanner((row) => this.#receive(row), { isVerbatim: true });
	#places: Places | undefined;
	/** At which the next row would begin. */
	#line = 1;
	/** One that was refused is no account's, and its row must not become a sound one. */
	readonly #judge: ValueRule;
	#hasBegun = false;

	constructor(file: KeptFile) {
		this.#file = file;
		const definition = findColumn(file.kind, passwordName);
		const rules = { replacesSpecialCharacters: false, domain: undefined };
		this.#judge = definition && file.createsUsers ? valueRule(definition, rules) : () => undefined;
	}

	/** False once the file cannot be read on, or has no passwords. */
	write(chunk: Uint8Array): boolean {
		if (!this.#hasBegun && sameBytes(chunk.subarray(0, bom.length), bom)) this.#file.emit(bom);
		this.#hasBegun = true;
		return this.#scanner.write(chunk) && this.#hasPasswords;
	}

	/** Whether the whole file has been emitted, so that it can take the place of the other. */
	end(): boolean {
		if (this.#hasPasswords) this.#scanner.end();
		return this.#hasPasswords && !this.#scanner.failure;
	}

	get #hasPasswords(): boolean {
		return this.#places === undefined || this.#places.password >= 0;
	}

	#receive(row: ScannedRow): void {
		const { emit } = this.#file;
		for (; this.#line < row.line; this.#line++) emit(lineEnd);
		const { bytes, start, end } = row;
		if (!this.#places) {
			const { fields } = readHeader(this.#file.kind, scannedTexts(row));
			this.#places = { fields: row.count, password: fields.get(passwordName) ?? -1, sisId: fields.get('SIS ID') ?? -1 };
			emit(bytes.subarray(start, end));
		} else this.#emitRow(row, this.#places);
		emit(lineEnd);
		this.#line += 1 + lineFeedsIn(bytes.subarray(start, end));
	}

	#plain(value: Uint8Array): Uint8Array {
		return this.#file.isGuarded ? encoder.encode(unguarded(decoder.decode(value))) : value;
	}

	#emitRow(row: ScannedRow, { fields, password, sisId }: Places): void {
		const { emit, hasAccount } = this.#file;
		const { bytes, starts, ends, flaws, start, end, count } = row;
		const [from, to] = [starts[password] as number, ends[password] as number];
		// Values of a row with too few or too many of them are not where they belong.
		const value = this.#plain(bytes.subarray(from, to));
		const isWhole = count === fields && ((flaws[password] as number) & torn) === 0 && from < to;
		const isSound = isWhole && !this.#judge(value, 0, value.length);
		if (!isSound || sisId < 0 || !hasAccount(this.#plain(idIn(row, sisId)))) {
			emit(bytes.subarray(start, end));
			return;
		}
		emit(bytes.subarray(start, from));
		emit(marker);
		emit(bytes.subarray(to, end));
	}
}

/** As verification reads it: without blanks around it, and with single quotation marks. */
function idIn({ bytes, starts, ends }: ScannedRow, field: number): Uint8Array {
	let start = starts[field] as number;
	let end = ends[field] as number;
	while (start < end && isBlank(bytes[start])) start++;
	while (start < end && isBlank(bytes[end - 1])) end--;
	const id = bytes.subarray(start, end);
	return id.includes(0x22) ? encoder.encode(Buffer.from(id).toString('utf8').replaceAll('""', '"')) : id;
}

const isBlank = (byte: number | undefined) => byte === space || byte === tab;

export const isRemovedPassword = (value: Uint8Array) => sameBytes(value, marker);

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function lineFeedsIn(bytes: Uint8Array): number {
	let count = 0;
	for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count++;
	return count;
}
