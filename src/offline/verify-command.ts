import { writeFile } from 'node:fs/promises';
import { reportRows } from '../domain/roster/findings/report.ts';
import type { Finding, Verdict } from '../domain/roster/findings/verdict.ts';
import { openRosterFolder, verifyRosterFolder, writeFaultyRows } from './roster-folder.ts';
import { readVerifyOptions, usage, type VerifyOptions } from './verify-options.ts';

export interface VerifyContext {
	currentFolder: string;
	stdout: { write(text: string): unknown };
	stderr: { write(text: string): unknown };
}

/** As many as fit a screen; the report has the others. */
const shownFindings = 10;

/** Does what `start` does before it accepts files, on a folder. Answers the exit code. */
export async function verifyCommand(args: string[], context: VerifyContext): Promise<0 | 1 | 2> {
	try {
		const options = readVerifyOptions(args, context.currentFolder);
		if (!options) {
			context.stdout.write(usage);
			return 0;
		}
		const folder = await openRosterFolder(options.folder);
		const verdict = await verifyRosterFolder(folder, options);
		if (options.report) await writeReport(options.report, verdict.findings);
		if (options.faultyRows) await writeFaultyRows(folder, verdict.findings, options.faultyRows);
		context.stdout.write(options.json ? `${JSON.stringify(jsonOf(verdict))}\n` : screenOf(options, verdict));
		return verdict.failed ? 1 : 0;
	} catch (error) {
		context.stderr.write(`${(error as Error).message}\n`);
		return 2;
	}
}

async function writeReport(file: string, findings: readonly Finding[]): Promise<void> {
	try {
		await writeFile(file, [...reportRows(findings)].join(''));
	} catch (error) {
		throw new Error(`Cannot write the report "${file}": ${(error as NodeJS.ErrnoException).code}.`);
	}
}

function jsonOf({ messages, findings, findingCount, rowCounts, failed, unreadable }: Verdict) {
	return {
		passed: !failed,
		unreadable,
		rows: rowCounts,
		messages,
		findingCount,
		findings,
	};
}

function screenOf({ folder, report, faultyRows }: VerifyOptions, verdict: Verdict): string {
	const rows = Object.values(verdict.rowCounts).reduce((sum, count) => sum + count, 0);
	const lines = ['', `  Folder   ${folder}`, `  Checked  ${rows} records`, ''];
	const wide = Math.max(0, ...verdict.messages.map(({ fileName }) => fileName.length));
	for (const { type, fileName, description } of verdict.messages)
		lines.push(`  ${type.padEnd('Information'.length)}  ${fileName.padEnd(wide)}  ${description}`);
	if (verdict.messages.length > 0) lines.push('');
	for (const finding of verdict.findings.slice(0, shownFindings)) lines.push(...findingLines(finding));
	const hidden = verdict.findingCount - shownFindings;
	if (hidden > 0) lines.push(`  … and ${hidden} more${report ? '' : '; --report <file> writes them'}.`, '');
	if (report) lines.push(`  Report   ${report}`);
	if (faultyRows) lines.push(`  Rows     ${faultyRows}`);
	lines.push(verdict.failed ? '  These files would be refused.' : '  These files would be accepted.', '');
	return lines.join('\n');
}

function findingLines(finding: Finding): string[] {
	const { fileName, line, column, value, reason, cure } = finding;
	const what = value === undefined ? reason : `"${value}" ${reason}`;
	return [`  ${fileName}, line ${line}${column ? `, ${column}` : ''}: ${what}`, `    ${cure}`, ''];
}
