import { randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { kindOfFile, type RosterKind, rosterKinds } from '../domain/roster/kinds.ts';
import { cureOf, reportRows } from '../domain/roster/report.ts';
import type { Finding, Verdict } from '../domain/roster/verdict.ts';
import { createVerification } from '../domain/roster/verification.ts';
import { readVerifyOptions, usage, type VerifyOptions } from './verify-options.ts';

export interface VerifyContext {
	currentFolder: string;
	stdout: { write(text: string): unknown };
	stderr: { write(text: string): unknown };
}

/** As many as fit a screen; the report has the others. */
const shownFindings = 10;
const maxRowsPerFile = 10_000_000;

/** Does what `start` does before it accepts files, on a folder. Answers the exit code. */
export async function verifyCommand(args: string[], context: VerifyContext): Promise<0 | 1 | 2> {
	try {
		const options = readVerifyOptions(args, context.currentFolder);
		if (!options) {
			context.stdout.write(usage);
			return 0;
		}
		const verdict = await verifyFolder(options);
		if (options.report) await writeFile(options.report, [...reportRows(verdict.findings)].join(''));
		context.stdout.write(options.json ? `${JSON.stringify(jsonOf(verdict))}\n` : screenOf(options, verdict));
		return verdict.failed ? 1 : 0;
	} catch (error) {
		context.stderr.write(`${(error as Error).message}\n`);
		return 2;
	}
}

async function verifyFolder(options: VerifyOptions): Promise<Verdict> {
	const { matchingColumn } = options;
	const verification = createVerification({
		createsUsers: matchingColumn === undefined,
		domains: options.domains,
		matchingColumns: matchingColumn ? { student: matchingColumn, teacher: matchingColumn } : {},
		handleSpecialCharacterConstraint: options.replacesSpecialCharacters,
		optionalColumns: {},
		maxRowsPerFile,
		hashSeed: randomInt(2 ** 32),
		findingsKept: options.findingsKept,
	});
	const files = new Map<RosterKind, string>();
	for (const name of (await namesIn(options.folder)).sort()) {
		const kind = kindOfFile(name);
		if (!kind) verification.unknownFile(name);
		else if (files.has(kind)) verification.duplicateFile(kind);
		else files.set(kind, path.join(options.folder, name));
	}
	for (const kind of rosterKinds) {
		const file = files.get(kind);
		if (!file) continue;
		verification.beginFile(kind);
		for await (const chunk of createReadStream(file)) if (!verification.write(chunk as Uint8Array)) break;
		verification.endFile();
	}
	return verification.finish();
}

async function namesIn(folder: string): Promise<string[]> {
	try {
		const entries = await readdir(folder, { withFileTypes: true });
		return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
	} catch {
		throw new Error(`Cannot read the folder "${folder}". Name the folder that holds the six CSV files.`);
	}
}

function jsonOf({ messages, findings, rowCounts, failed, unreadable }: Verdict) {
	return {
		passed: !failed,
		unreadable,
		rows: rowCounts,
		messages,
		findings: findings.map((finding) => ({ ...finding, cure: cureOf(finding) })),
	};
}

function screenOf({ folder, report }: VerifyOptions, verdict: Verdict): string {
	const rows = Object.values(verdict.rowCounts).reduce((sum, count) => sum + count, 0);
	const lines = ['', `  Folder   ${folder}`, `  Checked  ${rows} records`, ''];
	const wide = Math.max(0, ...verdict.messages.map(({ fileName }) => fileName.length));
	for (const { type, fileName, description } of verdict.messages)
		lines.push(`  ${type.padEnd('Information'.length)}  ${fileName.padEnd(wide)}  ${description}`);
	if (verdict.messages.length > 0) lines.push('');
	for (const finding of verdict.findings.slice(0, shownFindings)) lines.push(...findingLines(finding));
	const hidden = verdict.findings.length - shownFindings;
	if (hidden > 0) lines.push(`  … and ${hidden} more${report ? '' : '; --report <file> writes them all'}.`, '');
	if (report) lines.push(`  Report   ${report}`);
	lines.push(verdict.failed ? '  These files would be refused.' : '  These files would be accepted.', '');
	return lines.join('\n');
}

function findingLines(finding: Finding): string[] {
	const { fileName, line, column, value, reason } = finding;
	const what = value === undefined ? reason : `"${value}" ${reason}`;
	return [`  ${fileName}, line ${line}${column ? `, ${column}` : ''}: ${what}`, `    ${cureOf(finding)}`, ''];
}
