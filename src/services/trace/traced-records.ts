import type { EntityKind } from '../../domain/sync/records/attribute-map.ts';
import { fileOf, membershipRules } from '../../domain/sync/sync-kinds.ts';
import type { SyncError } from '../../domain/sync-error.ts';
import type { ReportedFinding } from '../../domain/trace/finding-picker.ts';
import {
	accountNames,
	findingsAbout,
	isErrorOfMembership,
	isErrorOfRecord,
	membershipKey,
	recordKey,
	verdictOf,
} from '../../domain/trace/naming.ts';
import type { PickedRow } from '../../domain/trace/row-picker.ts';
import type { TracedMembership, TracedRecord } from '../../domain/trace/traced-facts.ts';
import { oneOf } from '../../domain/trace/value-tests.ts';
import type { TraceScope } from './trace-scope.ts';
import { findObject, type MemberTest } from './traced-directory.ts';
import { pickErrors } from './traced-errors.ts';
import { pickFindings, pickRows } from './traced-files.ts';
import { recordHistories, waitingNewIds } from './traced-history.ts';
import type { MembershipCandidate } from './traced-memberships.ts';

/** A record that is asked for, or that a membership needs, and what the files have of it. */
export interface RecordCandidate {
	kind: EntityKind;
	sisId: string;
	rows: readonly PickedRow[];
	rowCount: number;
}

/** Of sections or schools, all in one reading. */
export async function groupCandidates(
	scope: TraceScope,
	kind: 'section' | 'school',
	sisIds: ReadonlySet<string>,
): Promise<RecordCandidate[]> {
	if (sisIds.size === 0) return [];
	const isOne = oneOf(sisIds, scope.deps.hashSeed());
	const { rows } = await pickRows(scope, { kind, isWanted: (has) => has('SIS ID', isOne) });
	const byId = Map.groupBy(rows, ({ values }) => values.get('SIS ID') ?? '');
	return [...sisIds].map((sisId) => {
		const own = byId.get(sisId) ?? [];
		return { kind, sisId, rows: own, rowCount: own.length };
	});
}

/** Whatever was said of some records and memberships. */
export interface Said {
	findings: readonly ReportedFinding[];
	errors: readonly SyncError[];
}

interface Asked {
	records: readonly RecordCandidate[];
	memberships: readonly MembershipCandidate[];
}

/** Reads the report and the errors, each once. */
export async function whatWasSaid(scope: TraceScope, { records, memberships }: Asked): Promise<Said> {
	const { context, profile } = scope;
	const placesOf = ({ file, key, rows }: ReturnType<typeof aboutMembership>) => [
		`${file} ${key}`,
		...(context.report?.isOfAcceptedFiles ? rows.map(({ line }) => `${file}:${line}`) : []),
	];
	const wanted = new Set([...records.map(aboutRecord), ...memberships.map(aboutMembership)].flatMap(placesOf));
	const accounts = new Map(records.map((record) => [record, accountsOf(record, profile)]));
	return {
		findings: await pickFindings(
			scope,
			({ kind, key, line }) => wanted.has(`${kind} ${key}`) || wanted.has(`${kind}:${line}`),
		),
		errors: await pickErrors(
			scope,
			(error) =>
				records.some((record) => isErrorOfRecord(error, record, accounts.get(record) ?? none)) ||
				memberships.some((membership) => isErrorOfMembership(error, membership)),
		),
	};
}

const none: ReadonlySet<string> = new Set();

const aboutRecord = (record: RecordCandidate) => ({ file: record.kind, key: recordKey(record), rows: record.rows });

/** That somebody is in a school says the row of the person. */
function aboutMembership(membership: MembershipCandidate) {
	const isOfSchool = membershipRules[membership.kind].group === 'school';
	const key = isOfSchool ? recordKey({ kind: 'student', sisId: membership.person }) : membershipKey(membership);
	return { file: fileOf(membership.kind), key, rows: membership.rows };
}

function accountsOf({ kind, rows }: RecordCandidate, profile: TraceScope['profile']): ReadonlySet<string> {
	return kind === 'student' || kind === 'teacher' ? accountNames(profile, kind, rows) : none;
}

/** Records with their history and what the directory has. */
export async function tracedRecords(
	scope: TraceScope,
	records: readonly RecordCandidate[],
	{ findings, errors }: Said,
): Promise<TracedRecord[]> {
	const { context, profile } = scope;
	const traced: TracedRecord[] = [];
	const newIds = await waitingNewIds(scope);
	for (const [kind, own] of Map.groupBy(records, (record) => record.kind)) {
		const histories = await recordHistories(
			scope,
			kind,
			own.map(({ sisId }) => sisId),
		);
		for (const record of own) {
			const history = histories.get(record.sisId) ?? { state: 'notSynced' as const };
			const directory = await findObject(scope, { ...record, directoryId: history.directoryId });
			const about = findingsAbout(findings, aboutRecord(record), context);
			traced.push({
				...record,
				rows: judged(record.rows, about, { file: kind, context }),
				findings: about,
				errors: errors.filter((error) => isErrorOfRecord(error, record, accountsOf(record, profile))),
				history,
				...newIds(kind, record.sisId),
				...(directory ? { directory } : {}),
			});
		}
	}
	return traced;
}

const judged = (
	rows: readonly PickedRow[],
	findings: readonly ReportedFinding[],
	of: Parameters<typeof verdictOf>[2],
) => rows.map((row) => ({ ...row, verdict: verdictOf(row.line, findings, of) }));

export function tracedMemberships(
	{ context, latestRun }: TraceScope,
	candidates: readonly MembershipCandidate[],
	{ findings, errors, isMember }: Said & { isMember: MemberTest },
): TracedMembership[] {
	return candidates.map(({ isHeld, rows, ...candidate }) => {
		const about = findingsAbout(findings, aboutMembership({ isHeld, rows, ...candidate }), context);
		return {
			...candidate,
			rows: judged(rows, about, { file: fileOf(candidate.kind), context }),
			rowCount: rows.length,
			findings: about,
			errors: errors.filter((error) => isErrorOfMembership(error, candidate)),
			...(isHeld && latestRun ? { hold: { runId: latestRun.runId } } : {}),
			isInDirectory: isMember(candidate),
		};
	});
}
