import { randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { FaultyRows } from '../domain/roster/findings/faulty-rows.ts';
import type { Finding, Verdict } from '../domain/roster/findings/verdict.ts';
import { rosterFileName, rosterKinds, type SortedFiles, sortFiles } from '../domain/roster/format/kinds.ts';
import { createVerification } from '../domain/roster/verification.ts';
import type { VerifyOptions } from './verify-options.ts';

const maxRowsPerFile = 10_000_000;

type RosterFolder = SortedFiles<{ name: string; path: string }>;

/** Throws an error fit to be shown if there is no such folder. */
export async function openRosterFolder(folder: string): Promise<RosterFolder> {
	const names = await namesIn(folder);
	return sortFiles(names.sort().map((name) => ({ name, path: path.join(folder, name) })));
}

async function namesIn(folder: string): Promise<string[]> {
	try {
		const entries = await readdir(folder, { withFileTypes: true });
		return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
	} catch {
		throw new Error(`Cannot read the folder "${folder}". Name the folder that holds the six CSV files.`);
	}
}

/** As `start` does it. */
export async function verifyRosterFolder(
	{ files, ambiguous, unknown }: RosterFolder,
	options: VerifyOptions,
): Promise<Verdict> {
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
	for (const { name } of unknown) verification.unknownFile(name);
	for (const kind of ambiguous) verification.duplicateFile(kind);
	for (const kind of rosterKinds) {
		const file = files.get(kind);
		if (!file) continue;
		verification.beginFile(kind);
		for await (const chunk of createReadStream(file.path)) if (!verification.write(chunk as Uint8Array)) break;
		verification.endFile();
	}
	return verification.finish();
}

/** Writes the faulty rows of each file that has some to a file of the same name in `target`. */
export async function writeFaultyRows(
	{ files }: RosterFolder,
	findings: readonly Finding[],
	target: string,
): Promise<void> {
	await mkdir(target, { recursive: true });
	for (const [kind, ofKind] of Map.groupBy(findings, (finding) => finding.kind)) {
		const source = files.get(kind);
		if (source) await copyFaultyRows(source.path, path.join(target, rosterFileName(kind)), ofKind);
	}
}

async function copyFaultyRows(source: string, target: string, findings: readonly Finding[]): Promise<void> {
	// Never over a file of the user's: the target may be the folder that was verified.
	const file = await open(target, 'wx').catch(({ code }: NodeJS.ErrnoException) => {
		const why = code === 'EEXIST' ? 'is there already; name an empty folder' : `cannot be written: ${code}`;
		throw new Error(`The file "${target}" ${why}.`);
	});
	try {
		let parts: Uint8Array[] = [];
		const rows = new FaultyRows({ findings }, (bytes) => parts.push(Uint8Array.from(bytes)));
		const flush = async () => {
			await file.write(Buffer.concat(parts));
			parts = [];
		};
		for await (const chunk of createReadStream(source)) {
			if (!rows.write(chunk as Uint8Array)) break;
			await flush();
		}
		rows.end();
		await flush();
	} finally {
		await file.close();
	}
}
