import { guarded } from './formula-guard.ts';
import type { Finding } from './verdict.ts';

/** Spreadsheets take a file without it for one of another encoding, and spoil every accent. */
export const byteOrderMark = '\ufeff';

const columns = ['File', 'Line', 'SIS ID', 'Column', 'Value', 'Rule', 'Severity', 'Problem', 'Cure'] as const;

/**
 * The findings as CSV (RFC 4180), one row each under a header, in order of file and line. Passwords and birth dates are never
 * part of a finding.
 */
export function* reportRows(findings: Iterable<Finding>): Generator<string> {
	yield byteOrderMark + rowOf(columns);
	for (const finding of findings) {
		const { fileName, line, key = '', column = '', value = '', rule, severity, reason, cure } = finding;
		yield rowOf([fileName, String(line), key, column, value, rule, severity, reason, cure]);
	}
}

const rowOf = (fields: readonly string[]) => `${fields.map(fieldOf).join(',')}\r\n`;

/** As RFC 4180 has it, nothing changed. */
export function quotedField(text: string): string {
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** For the eyes of somebody who opens it in a spreadsheet. */
export function fieldOf(text: string): string {
	return quotedField(guarded(text));
}
