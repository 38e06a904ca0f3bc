const dash = 0x2d;
const slash = 0x2f;
const notDigits = -1;

/** Reads `YYYY-MM-DD`, `YYYYMMDD` or `M/D/YYYY` as a number like 20260131; 0 if there is no such day. */
export function parseDate(bytes: Uint8Array, start: number, end: number): number {
	const length = end - start;
	if (length === 10 && bytes[start + 4] === dash && bytes[start + 7] === dash) {
		return dayNumber(
			digits(bytes, start, start + 4),
			digits(bytes, start + 5, start + 7),
			digits(bytes, start + 8, end),
		);
	}
	const monthEnd = slashAfter(bytes, start);
	if (monthEnd < 0) return length === 8 ? parseCompact(bytes, start) : 0;
	const dayEnd = slashAfter(bytes, monthEnd + 1);
	if (dayEnd < 0 || end - dayEnd !== 5) return 0;
	return dayNumber(digits(bytes, dayEnd + 1, end), digits(bytes, start, monthEnd), digits(bytes, monthEnd + 1, dayEnd));
}

function parseCompact(bytes: Uint8Array, start: number): number {
	return dayNumber(
		digits(bytes, start, start + 4),
		digits(bytes, start + 4, start + 6),
		digits(bytes, start + 6, start + 8),
	);
}

/** Where a slash stands after one or two digits, or -1. */
function slashAfter(bytes: Uint8Array, start: number): number {
	if (bytes[start + 1] === slash) return start + 1;
	return bytes[start + 2] === slash ? start + 2 : -1;
}

function digits(bytes: Uint8Array, from: number, to: number): number {
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
