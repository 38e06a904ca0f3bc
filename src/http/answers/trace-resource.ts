import { shorten } from '../../domain/roster/findings/messages.ts';
import { type RosterKind, rosterFileName } from '../../domain/roster/format/kinds.ts';
import { fileOf } from '../../domain/sync/sync-kinds.ts';
import type { ReportedFinding } from '../../domain/trace/finding-picker.ts';
import type { Trace, TracedMembership, TracedRecord, TracedRow } from '../../domain/trace/traced-facts.ts';
import type { JsonObject } from '../requests/request-body.ts';

/** A trace as clients see it: the answer in sentences, then the facts that they were made of. */
export function traceResource({
	conclusions,
	context,
	...trace
}: Trace & { conclusions: readonly string[] }): JsonObject {
	const { acceptedRunId, latestRun } = context;
	return {
		conclusions,
		...(acceptedRunId ? { acceptedRunId } : {}),
		...(latestRun ? { latestRunId: latestRun.id } : {}),
		people: trace.people.map(recordResource),
		classes: trace.sections.map(recordResource),
		schools: trace.schools.map(recordResource),
		memberships: trace.memberships.map(membershipResource),
	};
}

function recordResource({ kind, sisId, history, newId, directory, members, ...traced }: TracedRecord): JsonObject {
	return {
		kind,
		sisId,
		...saidResource(kind, traced),
		history,
		...(newId ? { newId: { heldByRunId: newId.runId, from: newId.from, to: newId.to } } : {}),
		...(directory ? { directory } : {}),
		...(members ? { members } : {}),
	};
}

function membershipResource({
	kind,
	group,
	person,
	history,
	hold,
	isInDirectory,
	...traced
}: TracedMembership): JsonObject {
	return {
		kind,
		group,
		person,
		...saidResource(fileOf(kind), traced),
		history,
		...(hold ? { heldByRunId: hold.runId } : {}),
		isInDirectory,
	};
}

type Said = Pick<TracedRecord, 'rows' | 'rowCount' | 'findings' | 'errors'>;

const saidResource = (file: RosterKind, { rows, rowCount, findings, errors }: Said) => ({
	rows: rowsOf(file, rows),
	rowCount,
	findings: findings.map(findingResource),
	errors,
});

const rowsOf = (file: RosterKind, rows: readonly TracedRow[]) =>
	rows.map(({ line, verdict, values }) => ({
		fileName: rosterFileName(file),
		line,
		verdict,
		values: [...values].map(([column, value]) => ({ column, value: shorten(value) })),
	}));

const findingResource = ({ kind, key: _, ...finding }: ReportedFinding) => ({
	fileName: rosterFileName(kind),
	...finding,
});
