const dash = 0x2d;
const slash = 0x2f;
const notDigits = -1;

/** Reads `YYYY-MM-DD`, `YYYYMMDD` or `M/D/YYYY` as a number like 20260131; 0 if there is no such day. */
export function parseDate(bytes: Uint8Array, start: number, end: number): number {
	const digits = (from: number, to: number) => parseDigits(bytes, start + from, start + to);
	const length = end - start;
	if (length === 10 && bytes[start + 4] === dash && bytes[start + 7] === dash) {
		return dayNumber(digits(0, 4), digits(5, 7), digits(8, 10));
	}
	const month = slashAfter(bytes, start) - start;
	if (month < 0) return length === 8 ? dayNumber(digits(0, 4), digits(4, 6), digits(6, 8)) : 0;
	const day = slashAfter(bytes, start + month + 1) - start;
	const isWellFormed = day > 0 && length === day + 5;
	return isWellFormed ? dayNumber(digits(day + 1, length), digits(0, month), digits(month + 1, day)) : 0;
}

/** Where a slash stands after one or two digits, or -1. */
function slashAfter(bytes: Uint8Array, start: number): number {
	if (bytes[start + 1] === slash) return start + 1;
	return bytes[start + 2] === slash ? start + 2 : -1;
}

function parseDigits(bytes: Uint8Array, from: number, to: number): number {
	let value = 0;
	for (let at = from; at < to; at++) {
		const digit = (bytes[at] as number) - 0x30;
		if (digit < 0 || digit > 9) return notDigits;
		value = value * 10 + digit;
	}
	return value;
}

function dayNumber(year: number, month: number, day: number): number {
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 0;
	return year * 10_000 + month * 100 + day;
}

function daysIn(year: number, month: number): number {
	if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
	return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
