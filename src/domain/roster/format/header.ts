import { columnsOf, isLegacyColumn } from './columns.ts';
import { headerNames, type RosterFormat, rosterFormats } from './formats.ts';
import type { RosterKind } from './kinds.ts';

/** What a header row says. */
export interface Header {
	readonly format: RosterFormat;
	readonly fieldCount: number;
	/** Place of the field by our column name. */
	readonly fields: ReadonlyMap<string, number>;
	/** Headers that occur again; blank ones do not count. */
	readonly duplicates: readonly string[];
	readonly unknown: readonly string[];
	/** Headers that were understood although their case is wrong, with the right name. */
	readonly recased: readonly { header: string; name: string }[];
}

/** Reads it in the format in which most columns can be found; a tie goes to the first format. */
export function readHeader(kind: RosterKind, headers: readonly string[]): Header {
	const readings = rosterFormats.map((format) => readAs(format, kind, headers));
	return readings.reduce((best, reading) => (reading.fields.size > best.fields.size ? reading : best));
}

function readAs(format: RosterFormat, kind: RosterKind, headers: readonly string[]): Header {
	const names = namesByHeader(format, kind);
	const foldedNames = new Map([...names].map(([header, column]) => [header.toLowerCase(), column]));
	const fields = new Map<string, number>();
	const seen = new Set<string>();
	const duplicates = new Set<string>();
	const unknown: string[] = [];
	const recased: { header: string; name: string }[] = [];
	for (const [field, raw] of headers.entries()) {
		const header = raw.trim();
		const column = names.get(header) ?? foldedNames.get(header.toLowerCase());
		if (seen.has(header) || (column && fields.has(column))) duplicates.add(header);
		else if (column) {
			fields.set(column, field);
			if (!names.has(header)) recased.push({ header, name: headerNames(format, kind, column)[0] });
		} else if (!isLegacyColumn(kind, header)) unknown.push(header);
		if (header !== '') seen.add(header);
	}
	return { format, fieldCount: headers.length, fields, duplicates: [...duplicates], unknown, recased };
}

/** Our column names by header. */
function namesByHeader(format: RosterFormat, kind: RosterKind): ReadonlyMap<string, string> {
	return new Map(
		columnsOf(kind).flatMap(({ name }) => headerNames(format, kind, name).map((header) => [header, name] as const)),
	);
}
