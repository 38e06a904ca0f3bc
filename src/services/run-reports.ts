import { SyncApiError } from '../domain/errors.ts';
import { reportRows } from '../domain/roster/report.ts';
import type { Finding } from '../domain/roster/verdict.ts';
import type { ProfileStore, RosterStore, RunRef, RunStore } from '../ports.ts';
import { getProfile } from './profiles.ts';
import { readFile } from './sync/roster-files.ts';
import { reportFolder, reportPath } from './sync/roster-paths.ts';

export interface ReportService {
	/**
	 * What verification found in the files of a run, as CSV with line, value and cure. Only of the latest verification: it holds
	 * values of pupils. Throws `SyncApiError` (404) for an unknown profile or run, and for one whose report is gone.
	 */
	get(ref: RunRef): Promise<Uint8Array>;
}

export function reportService(deps: { profiles: ProfileStore; runs: RunStore; rosters: RosterStore }): ReportService {
	return {
		async get(ref) {
			await getProfile(deps.profiles, ref);
			const run = await deps.runs.get(ref.profileId, ref.runId);
			const report = run && (await readFile(deps.rosters, reportPath({ ...ref, runId: run.sourceRunId })));
			if (report) return report;
			throw new SyncApiError(
				'ResourceNotFound',
				`There is no report of run "${ref.runId}". Only that of the latest verification is kept; list the profile's runs.`,
			);
		},
	};
}

/** A row is some hundred bytes; this many are handed on at once. */
const drainEvery = 1_000;

/** Idempotent: it overwrites. The report of the verification before gives way. */
export async function saveReport(
	deps: { rosters: RosterStore },
	run: RunRef,
	{ findings, previousRunId }: { findings: readonly Finding[]; previousRunId: string | undefined },
): Promise<void> {
	const writer = deps.rosters.write(reportPath(run));
	let rows = 0;
	for (const row of reportRows(findings)) {
		writer.append(Buffer.from(row));
		if (++rows % drainEvery === 0) await writer.drain();
	}
	await writer.close();
	if (previousRunId && previousRunId !== run.runId)
		await deps.rosters.deleteAll(reportFolder({ ...run, runId: previousRunId }));
}
