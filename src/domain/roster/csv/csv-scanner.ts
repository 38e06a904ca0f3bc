import { completeEnd, firstInvalid } from './utf8.ts';

/** A row has one page of text at most; the bound keeps memory flat when a quotation mark is never closed. */
export const maxRowBytes = 65_536;
const sliceBytes = 65_536;
const initialFields = 64;

/** What is wrong with a field, as bits; the row still has its boundaries. */
export const fieldFlaws = {
	strayQuote: 1,
	textAfterQuote: 2,
	lineBreak: 4,
	loneCarriageReturn: 8,
	controlCharacter: 16,
} as const;
const doubledQuotes = 32;

/** One row, valid during the call only; the receiver may change the bytes of the values in place. */
export interface ScannedRow {
	readonly bytes: Uint8Array;
	/** Per field, without the enclosing quotation marks; doubled ones inside are single by now. */
	readonly starts: Uint32Array;
	readonly ends: Uint32Array;
	readonly flaws: Uint8Array;
	readonly count: number;
	/** Of the whole row, without its line end. */
	readonly start: number;
	readonly end: number;
	/** Physical line, counted from 1, at which the row begins. */
	readonly line: number;
}

/** Why a file cannot be read on from the row that begins at `line`. */
export interface ScanFailure {
	reason: 'notUtf8' | 'rowTooLong' | 'unclosedQuote';
	line: number;
}

const ordinary = 0;
const comma = 1;
const lineFeed = 2;
const carriageReturn = 3;
const quote = 4;
const control = 5;

/** Tab is left to the rules: in a name it does no harm. */
const classes = new Uint8Array(256).fill(control, 0, 0x20).fill(control, 0x7f, 0x80);
classes[0x09] = ordinary;
classes[0x0a] = lineFeed;
classes[0x0d] = carriageReturn;
classes[0x22] = quote;
classes[0x2c] = comma;

/**
 * A strict RFC 4180 scanner: UTF-8 with or without BOM, comma, CRLF or LF. It makes no strings and no objects per row,
 * reads each byte once whatever the chunks are, and never passes over bad input in silence. Blank lines are skipped.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
export class CsvScanner {
	readonly #onRow: (row: ScannedRow) => void;
	readonly #isVerbatim: boolean;
	/** The unfinished row, then what has arrived behind it. */
	readonly #bytes = new Uint8Array(maxRowBytes + 2 * sliceBytes);
	#starts = new Uint32Array(initialFields);
	#ends = new Uint32Array(initialFields);
	#flaws = new Uint8Array(initialFields);
	/** One object for all rows. */
	#row = {
		bytes: this.#bytes,
		starts: this.#starts,
		ends: this.#ends,
		flaws: this.#flaws,
		count: 0,
		start: 0,
		end: 0,
		line: 1,
	};
	#count = 0;
	#line = 1;
	#lineBreaksInRow = 0;
	#rowFlags = 0;
	#rowStart = 0;
	#fieldStart = 0;
	#fieldFlags = 0;
	/** Where the closing quotation mark of the present field stands, or -1. */
	#closedAt = -1;
	#inQuotes = false;
	#at = 0;
	/** Up to here everything is UTF-8. */
	#checked = 0;
	#end = 0;
	#hasBegun = false;
	#failure: ScanFailure | undefined;

	/** `isVerbatim` leaves the bytes of a row as they were written, doubled quotation marks too. */
	constructor(onRow: (row: ScannedRow) => void, { isVerbatim = false } = {}) {
		this.#onRow = onRow;
		this.#isVerbatim = isVerbatim;
	}

	get failure(): ScanFailure | undefined {
		return this.#failure;
	}

	/** False once the file cannot be read on. */
	write(chunk: Uint8Array): boolean {
		for (let from = 0; from < chunk.length && !this.#failure; from += sliceBytes) {
			this.#append(chunk.subarray(from, from + sliceBytes));
			if (this.#hasBegun || this.#end >= bom.length) this.#advance(completeEnd(this.#bytes, this.#checked, this.#end));
		}
		return !this.#failure;
	}

	/** Hands over the last row if no line end follows it. */
	end(): void {
		if (!this.#failure) this.#advance(this.#end);
		if (this.#failure) return;
		if (this.#at < this.#end) this.#scanLastByte();
		if (this.#inQuotes) this.#fail('unclosedQuote');
		else if (this.#end > this.#rowStart) this.#endRow(this.#end);
	}

	#append(slice: Uint8Array): void {
		if (this.#end + slice.length > this.#bytes.length) this.#moveToFront();
		this.#bytes.set(slice, this.#end);
		this.#end += slice.length;
	}

	#moveToFront(): void {
		const by = this.#rowStart;
		this.#bytes.copyWithin(0, by, this.#end);
		for (let field = 0; field < this.#count; field++) {
			this.#starts[field] = (this.#starts[field] as number) - by;
			this.#ends[field] = (this.#ends[field] as number) - by;
		}
		if (this.#closedAt >= 0) this.#closedAt -= by;
		this.#rowStart = 0;
		this.#fieldStart -= by;
		this.#at -= by;
		this.#checked -= by;
		this.#end -= by;
	}

	/** Scans to `end`, or to the first byte that is no UTF-8. */
	#advance(end: number): void {
		if (!this.#hasBegun) this.#skipBom();
		const valid = firstInvalid(this.#bytes, this.#checked, end);
		this.#checked = valid;
		while (this.#at < valid && !this.#failure) {
			const before = this.#at;
			if (this.#inQuotes) this.#scanQuoted(valid);
			else this.#scanBare(valid);
			if (this.#at === before) break;
		}
		if (this.#failure) return;
		if (valid - this.#rowStart > maxRowBytes) this.#fail('rowTooLong');
		else if (valid < end) this.#fail('notUtf8');
	}

	#skipBom(): void {
		this.#hasBegun = true;
		if (!bom.every((byte, at) => at < this.#end && this.#bytes[at] === byte)) return;
		this.#rowStart = this.#fieldStart = this.#at = this.#checked = bom.length;
	}

	/** Stops before a carriage return at the very end: whether it ends a row is not known yet. */
	#scanBare(end: number): void {
		const bytes = this.#bytes;
		let at = this.#at;
		for (; at < end; at++) {
			const byteClass = classes[bytes[at] as number];
			if (byteClass === ordinary) continue;
			if (byteClass === comma) this.#endField(at, at + 1);
			else if (byteClass === lineFeed) {
				this.#endRow(at);
				if (this.#failure) break;
			} else if (byteClass === carriageReturn) {
				if (at + 1 === end) break;
				if (bytes[at + 1] !== 0x0a) this.#fieldFlags |= fieldFlaws.loneCarriageReturn;
			} else if (byteClass === control) this.#fieldFlags |= fieldFlaws.controlCharacter;
			else if (at === this.#fieldStart && this.#closedAt < 0) {
				this.#inQuotes = true;
				this.#fieldStart = ++at;
				break;
			} else this.#fieldFlags |= fieldFlaws.strayQuote;
		}
		this.#at = at;
	}

	/** Stops before a quotation mark at the very end: whether it closes the value is not known yet. */
	#scanQuoted(end: number): void {
		const bytes = this.#bytes;
		let at = this.#at;
		for (; at < end; at++) {
			const byteClass = classes[bytes[at] as number];
			if (byteClass === ordinary || byteClass === comma) continue;
			if (byteClass === quote) {
				if (at + 1 === end) break;
				if (bytes[at + 1] !== 0x22) {
					this.#close(at, classes[bytes[++at] as number]);
					break;
				}
				this.#fieldFlags |= doubledQuotes;
				at++;
			} else if (byteClass === control) this.#fieldFlags |= fieldFlaws.controlCharacter;
			else {
				this.#fieldFlags |= fieldFlaws.lineBreak;
				if (byteClass === lineFeed) this.#lineBreaksInRow++;
			}
		}
		this.#at = at;
	}

	#close(at: number, nextClass: number | undefined): void {
		this.#inQuotes = false;
		this.#closedAt = at;
		const isDelimited = nextClass === comma || nextClass === lineFeed || nextClass === carriageReturn;
		if (!isDelimited) this.#fieldFlags |= fieldFlaws.textAfterQuote;
	}

	/** A byte that waited for its successor, and there is none. */
	#scanLastByte(): void {
		if (this.#inQuotes) this.#close(this.#at, comma);
		else this.#fieldFlags |= fieldFlaws.loneCarriageReturn;
		this.#at = this.#end;
	}

	#endField(end: number, next: number): void {
		const field = this.#count++;
		if (field === this.#starts.length) this.#growFields();
		this.#starts[field] = this.#fieldStart;
		this.#ends[field] = this.#closedAt < 0 ? end : this.#closedAt;
		this.#flaws[field] = this.#fieldFlags;
		this.#rowFlags |= this.#fieldFlags;
		this.#fieldStart = next;
		this.#fieldFlags = 0;
		this.#closedAt = -1;
	}

	/** `at` is where the line feed stands, or the end of the file. */
	#endRow(at: number): void {
		if (at - this.#rowStart > maxRowBytes) {
			this.#fail('rowTooLong');
			return;
		}
		const hasCarriageReturn = at > this.#fieldStart && at < this.#end && this.#bytes[at - 1] === 0x0d;
		const end = hasCarriageReturn ? at - 1 : at;
		if (end > this.#rowStart) {
			this.#endField(end, at + 1);
			if (this.#rowFlags & doubledQuotes && !this.#isVerbatim) this.#unescape();
			this.#row.count = this.#count;
			this.#row.start = this.#rowStart;
			this.#row.end = end;
			this.#row.line = this.#line;
			this.#onRow(this.#row);
		}
		this.#line += 1 + this.#lineBreaksInRow;
		this.#rowStart = this.#fieldStart = at + 1;
		this.#count = this.#rowFlags = this.#lineBreaksInRow = 0;
	}

	#unescape(): void {
		for (let field = 0; field < this.#count; field++) {
			const flags = this.#flaws[field] as number;
			if (!(flags & doubledQuotes)) continue;
			this.#flaws[field] = flags & ~doubledQuotes;
			const end = this.#ends[field] as number;
			let to = this.#starts[field] as number;
			for (let from = to; from < end; from++) {
				this.#bytes[to++] = this.#bytes[from] as number;
				if (this.#bytes[from] === 0x22) from++;
			}
			this.#ends[field] = to;
		}
	}

	#growFields(): void {
		const length = this.#starts.length * 2;
		const { starts, ends, flaws } = this.#row;
		this.#row.starts = this.#starts = new Uint32Array(length);
		this.#row.ends = this.#ends = new Uint32Array(length);
		this.#row.flaws = this.#flaws = new Uint8Array(length);
		this.#starts.set(starts);
		this.#ends.set(ends);
		this.#flaws.set(flaws);
	}

	#fail(reason: ScanFailure['reason']): void {
		this.#failure = { reason, line: this.#line };
	}
}

const bom = [0xef, 0xbb, 0xbf];
