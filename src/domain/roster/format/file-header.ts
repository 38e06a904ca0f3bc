import type { ScannedRow } from '../csv/csv-scanner.ts';
import { scannedTexts } from '../csv/scanned-texts.ts';
import { tornFlaw } from '../csv/torn-values.ts';
import { reportColumns } from '../findings/faulty-rows.ts';
import type { FindingLog } from '../findings/finding-log.ts';
import { type FileMessages, shorten, texts } from '../findings/messages.ts';
import { type Flaw, notUtf8 } from '../rules/flaws.ts';
import { type ColumnPlan, type HeaderPlace, lackingHeaders, missingColumns } from './column-plan.ts';
import type { RosterFormat } from './formats.ts';
import { type Header, readHeader } from './header.ts';
import type { RosterKind } from './kinds.ts';
import { nearestName } from './nearest-name.ts';

/** A header of 64 KiB could name thirty thousand strange columns. */
const unknownColumnsNamed = 20;

export interface HeaderExpectations {
	readonly kind: RosterKind;
	readonly plan: ColumnPlan;
	/** Of the files before this one. */
	readonly format: RosterFormat | undefined;
}

/** Where it is said what is wrong. */
export interface HeaderReport {
	readonly messages: FileMessages;
	readonly log: FindingLog;
}

/** Reads the header row and says what is wrong with it; undefined if the file cannot be read by it. */
export function judgeHeader(row: ScannedRow, expected: HeaderExpectations, said: HeaderReport): Header | undefined {
	const { messages, log } = said;
	const torn = findTornHeader(row);
	if (torn) {
		messages.add('Error', torn.message);
		log.add(torn.flaw, { place: -1 }, () => ({ line: row.line }));
		return undefined;
	}
	const written = scannedTexts(row);
	if (written[0]?.trim() === reportColumns[0]) {
		messages.add('Error', texts.faultyRowsOnly());
		return undefined;
	}
	const header = readHeader(expected.kind, written);
	const at: HeaderPlace = { kind: expected.kind, header };
	const missing = missingColumns(expected.plan, 'required', at);
	if (missing.length > 0) messages.add('Error', texts.missingColumns(missing.map(shorten)));
	const { duplicates } = header;
	if (duplicates.length > 0) messages.add('Error', texts.duplicateColumns(firstNamed(duplicates)));
	const isMixed = missing.length === 0 && expected.format && header.format !== expected.format;
	if (isMixed) messages.add('Error', texts.otherFormat(header.format.name, expected.format.name));
	const unselected = missingColumns(expected.plan, 'selected', at);
	if (unselected.length > 0) messages.add('Warning', texts.unselectedColumns(unselected));
	inform(at, messages);
	return missing.length > 0 || duplicates.length > 0 || isMixed ? undefined : header;
}

/** What makes a header no row of names. */
function findTornHeader(row: ScannedRow): { message: string; flaw: Flaw } | undefined {
	const unreadable = { rule: 'unreadable', severity: 'Error' } as const;
	// UTF-16 without a byte order mark is valid UTF-8, with a NUL beside each letter.
	const rowEnd = row.ends[row.count - 1] as number;
	if (row.bytes.subarray(row.starts[0], rowEnd).includes(0))
		return { message: texts.notUtf8(), flaw: { ...unreadable, ...notUtf8 } };
	for (let field = 0; field < row.count; field++) {
		const flaw = tornFlaw(row.flaws[field] as number);
		if (!flaw) continue;
		const { reason, cure } = flaw;
		return {
			message: texts.tornHeader(field + 1, reason),
			flaw: { ...unreadable, reason: `is the header, and its column ${field + 1} ${reason}`, cure },
		};
	}
	return undefined;
}

function inform(at: HeaderPlace, messages: FileMessages): void {
	const { header } = at;
	const lacking = lackingHeaders(at);
	for (const { header: written, name } of header.recased) {
		messages.add('Information', texts.recasedColumn(shorten(written), name));
	}
	for (const name of firstNamed(header.unknown))
		messages.add('Information', texts.unknownColumn(name || '(no name)', nearestName(name, lacking)));
	const others = header.unknown.length - unknownColumnsNamed;
	if (others > 0) messages.add('Information', texts.furtherUnknownColumns(others));
}

function firstNamed(names: readonly string[]): readonly string[] {
	return names.slice(0, unknownColumnsNamed).map(shorten);
}
