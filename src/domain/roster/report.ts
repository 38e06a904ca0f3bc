import type { Finding, Rule } from './verdict.ts';

/** What to do about each kind of finding; its `reason` says what is wrong with the value. */
const cures: Readonly<Record<Rule, string>> = {
	unreadable: 'Save the file as "CSV UTF-8", and check the quotation marks from this line on.',
	raggedRow: 'Give the row as many fields as the header has; a field that holds a comma needs quotation marks.',
	missing: 'Enter a value.',
	format: 'Correct the value.',
	duplicate: 'Keep one of the rows, or give each a value of its own.',
	reference: 'Correct the id, or add the row that it refers to.',
};

export const cureOf = ({ rule }: Pick<Finding, 'rule'>): string => cures[rule];

const columns = ['File', 'Line', 'SIS ID', 'Column', 'Value', 'Rule', 'Severity', 'Problem', 'Cure'] as const;

/**
 * The findings as CSV (RFC 4180), one row each under a header, in order of file and line. Passwords and birth dates are never
 * part of a finding.
 */
export function* reportRows(findings: Iterable<Finding>): Generator<string> {
	yield rowOf(columns);
	for (const finding of findings) {
		const { fileName, line, key = '', column = '', value = '', rule, severity, reason } = finding;
		yield rowOf([fileName, String(line), key, column, value, rule, severity, reason, cureOf(finding)]);
	}
}

const rowOf = (fields: readonly string[]) => `${fields.map(fieldOf).join(',')}\r\n`;

/** Spreadsheets take a field that begins like this for a formula, and the file's author for one who may run it. */
const formulaStart = /^[=+\-@\t\r]/;

function fieldOf(text: string): string {
	const harmless = formulaStart.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
