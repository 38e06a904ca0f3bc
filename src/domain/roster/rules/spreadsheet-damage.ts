import { parseDate } from '../format/dates.ts';
import type { Diagnosis } from './flaws.ts';

/** What a spreadsheet does to the columns of a CSV file that it opens and saves, and how to tell. */

const importAsText = 'Take the value from the student information system again, and import the column as text.';

/** Whole digits are gone: `100200300400` has become `1.002E+11`. */
export const roundedNumber: Diagnosis = {
	reason: 'is a long number that a spreadsheet has rounded',
	cure: importAsText,
};

const [zero, nine, point, plus, upperE] = [0x30, 0x39, 0x2e, 0x2b, 0x45];
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= nine;

/** `d.ddE+dd`, as spreadsheets write a number of more than eleven digits. `1E5` may be a class, and is not meant. */
export function isRoundedNumber(bytes: Uint8Array, start: number, end: number): boolean {
	const exponent = end - 4;
	if (bytes[exponent] !== upperE || bytes[exponent + 1] !== plus || exponent <= start) return false;
	if (!isDigit(bytes[end - 2]) || !isDigit(bytes[end - 1]) || !isDigit(bytes[start])) return false;
	if (exponent === start + 1) return true;
	for (let at = start + 2; at < exponent; at++) if (!isDigit(bytes[at])) return false;
	return bytes[start + 1] === point;
}

/** Whether an id is known to the file that is referred to. */
export type IdLookup = (id: Uint8Array) => boolean;

/** Longer ids are no numbers that anybody typed. */
const mostZeros = 16;

/** An id that is not known as it stands, but with other zeros in front of it. */
export function lostZeros(value: Uint8Array, isKnown: IdLookup, fileName: string): Diagnosis | undefined {
	if (value.length === 0 || value.length > mostZeros || !value.every(isDigit)) return undefined;
	const digits = value.subarray(value.findIndex((byte) => byte !== zero));
	const padded = new Uint8Array(mostZeros).fill(zero);
	padded.set(digits, mostZeros - digits.length);
	for (let length = digits.length; length <= mostZeros; length++) {
		if (length === value.length || !isKnown(padded.subarray(mostZeros - length))) continue;
		return length > value.length
			? { reason: `is not in ${fileName}, where it has leading zeros`, cure: importAsText }
			: { reason: `is not in ${fileName}, where its leading zeros are lost`, cure: `In ${fileName}: ${importAsText}` };
	}
	return undefined;
}

/** Days since 1900, which is how spreadsheets keep dates: five digits from 1927 to 2173. */
const dayNumber: Diagnosis = {
	reason: 'is no date but the number by which a spreadsheet keeps one',
	cure: 'Format the column as a date (YYYY-MM-DD), and save the file again.',
};
const dayFirst: Diagnosis = {
	reason: 'is no date like M/D/YYYY: no month has this number, the day seems to stand first',
	cure: 'Write it as YYYY-MM-DD.',
};

/** What a value may be that should have been a date. */
export function mistakenDate(value: Uint8Array): Diagnosis | undefined {
	if (value.length === 5 && value.every(isDigit)) return dayNumber;
	const [, first = 0, second = 0] = /^(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}$/.exec(String.fromCharCode(...value)) ?? [];
	return Number(first) > 12 && Number(second) >= 1 && Number(second) <= 12 ? dayFirst : undefined;
}

/** Whether a value became another only by being opened and saved: zeros lost, digits rounded, a date spelt otherwise. */
export function isSpoilt(before: string, after: string): boolean {
	if (before === after || before === '') return false;
	if (/^\d+$/.test(before)) {
		if (after === before.replace(/^0+(?=\d)/, '') || after === withoutPrecision(before)) return true;
		const bytes = encoder.encode(after);
		if (before.length > 11 && isRoundedNumber(bytes, 0, bytes.length)) return true;
	}
	const day = parseDate(encoder.encode(before), 0, before.length);
	return day !== 0 && daysOf(after).includes(day);
}

const encoder = new TextEncoder();
/** A spreadsheet keeps so many digits of a number. */
const precision = 15;

const withoutPrecision = (digits: string) =>
	digits.length > precision ? digits.slice(0, precision).padEnd(digits.length, '0') : undefined;

/** The days that a date may be in the spelling of some country, as numbers like 20260131. */
function daysOf(text: string): readonly number[] {
	const [, first = '', second = '', third = ''] =
		/^(\d{1,4})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{1,4})\.?$/.exec(text) ?? [];
	const year = (digits: string) =>
		digits.length === 2 ? [1900, 2000].map((century) => century + Number(digits)) : [Number(digits)];
	const days = (years: readonly number[], month: string, day: string) =>
		years.map((each) => each * 10_000 + Number(month) * 100 + Number(day));
	return [
		...days(year(first), second, third),
		...days(year(third), first, second),
		...days(year(third), second, first),
	];
}
