import { SyncApiError } from '../../domain/errors.ts';
import { FaultyRows } from '../../domain/roster/findings/faulty-rows.ts';
import { reportRows } from '../../domain/roster/findings/report.ts';
import type { Finding, VerificationMessage } from '../../domain/roster/findings/verdict.ts';
import { kindOfFile } from '../../domain/roster/format/kinds.ts';
import type { Events, ProfileStore, RosterStore, RosterWriter, RunRef, RunStore } from '../../ports.ts';
import { readJson, writeJson } from '../sync/files/roster-files.ts';
import {
	faultyRowsPath,
	messagesPath,
	reportFolder,
	reportPath,
	sourceFolder,
	sourcePath,
} from '../sync/files/roster-paths.ts';
import { getProfile } from '../sync/profile-changes.ts';

/**
 * What verification found in the files of a run. Only of the latest verification: it holds values of pupils. Each throws
 * `SyncApiError` (404) for an unknown profile or run, and for one whose report is gone.
 */
export interface ReportService {
	/** The findings as CSV, with line, value and cure. */
	get(ref: RunRef): Promise<AsyncIterable<Uint8Array>>;
	/** The rows of one file that have findings, as they were uploaded, with the findings in columns of their own. */
	getFaultyRows(ref: RunRef, fileName: string): Promise<AsyncIterable<Uint8Array>>;
}

export interface ReportDeps {
	profiles: ProfileStore;
	runs: RunStore;
	rosters: RosterStore;
	events: Events;
}

export function reportService(deps: ReportDeps): ReportService {
	/** A run that syncs the files of an earlier one has the report of that one. */
	async function read(ref: RunRef, pathOf: (source: RunRef) => string) {
		await getProfile(deps.profiles, ref);
		const run = await deps.runs.get(ref.profileId, ref.runId);
		const file = run && (await deps.rosters.read(pathOf({ ...ref, runId: run.sourceRunId })));
		if (file) deps.events.happened({ name: 'report.read', ...ref });
		return file;
	}
	return {
		async get(ref) {
			const report = await read(ref, reportPath);
			if (report) return report;
			throw notThere(`There is no report of run "${ref.runId}".`);
		},

		async getFaultyRows(ref, fileName) {
			const kind = kindOfFile(fileName);
			const rows = kind && (await read(ref, (source) => faultyRowsPath(source, kind)));
			if (rows) return rows;
			throw notThere(`There are no faulty rows of file "${fileName}" in the report of run "${ref.runId}".`);
		},
	};
}

const notThere = (what: string) =>
	new SyncApiError(
		'ResourceNotFound',
		`${what} Only that of the latest verification is kept; list the profile's runs.`,
	);

/** That of the verification before. */
export interface ReplacedReport {
	runId: string;
	/** Then its files are those that a reset would sync. */
	wasAccepted: boolean;
}

export interface Verified {
	findings: readonly Finding[];
	messages: readonly VerificationMessage[];
	/** Called between chunks; throws to give up. */
	renew(): Promise<void>;
	replaced: ReplacedReport | undefined;
}

/** Needs the files that have findings in the folder of the run. Idempotent: it overwrites. */
export async function saveReport(deps: { rosters: RosterStore }, run: RunRef, verified: Verified): Promise<void> {
	await saveFindings(deps.rosters.write(reportPath(run)), verified.findings);
	await writeJson(deps.rosters, messagesPath(run), verified.messages);
	for (const [kind, findings] of Map.groupBy(verified.findings, (finding) => finding.kind)) {
		const source = await deps.rosters.read(sourcePath(run, kind));
		if (!source) continue;
		const writer = deps.rosters.write(faultyRowsPath(run, kind));
		await saveFaultyRows(writer, { runId: run.runId, findings, source, renew: verified.renew });
	}
	await removeReport(deps, run, verified.replaced);
}

/** What the verification of a run said, as its start was answered; empty if it is no longer kept. */
export async function readMessages(
	{ rosters }: { rosters: RosterStore },
	run: RunRef,
): Promise<readonly VerificationMessage[]> {
	return (await readJson<readonly VerificationMessage[]>(rosters, messagesPath(run))) ?? [];
}

async function removeReport(
	{ rosters }: { rosters: RosterStore },
	run: RunRef,
	replaced: ReplacedReport | undefined,
): Promise<void> {
	if (!replaced || replaced.runId === run.runId) return;
	const of = { ...run, runId: replaced.runId };
	await rosters.deleteAll(reportFolder(of));
	if (!replaced.wasAccepted) await rosters.deleteAll(sourceFolder(of));
}

/** A row is some hundred bytes; this many are handed on at once. */
const drainEvery = 1_000;

async function saveFindings(writer: RosterWriter, findings: readonly Finding[]): Promise<void> {
	let rows = 0;
	for (const row of reportRows(findings)) {
		writer.append(Buffer.from(row));
		if (++rows % drainEvery === 0) await writer.drain();
	}
	await writer.close();
}

interface FaultySource {
	runId: string;
	findings: readonly Finding[];
	source: AsyncIterable<Uint8Array>;
	renew(): Promise<void>;
}

async function saveFaultyRows(writer: RosterWriter, { source, renew, ...report }: FaultySource): Promise<void> {
	const rows = new FaultyRows(report, (bytes) => writer.append(bytes));
	for await (const chunk of source) {
		if (!rows.write(chunk)) break;
		await writer.drain();
		await renew();
	}
	rows.end();
	await writer.close();
}
