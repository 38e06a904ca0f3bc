import type { RosterKind } from '../roster/format/kinds.ts';
import type { RunOutcome, RunPhase } from '../run.ts';
import type { EntityKind } from '../sync/records/attribute-map.ts';
import type { MembershipKind } from '../sync/sync-kinds.ts';
import type { SyncError } from '../sync-error.ts';
import type { ReportedFinding } from './finding-picker.ts';
import type { PickedRow } from './row-picker.ts';

/** All that is known of some people, of a class, or of both: what somebody is told who asks why she is not in 7B. */
export interface Trace {
	asked: 'user' | 'class' | 'both';
	context: TraceContext;
	people: readonly TracedRecord[];
	sections: readonly TracedRecord[];
	/** Those that the people and sections name. */
	schools: readonly TracedRecord[];
	memberships: readonly TracedMembership[];
}

/** How the profile stands: it explains what has not happened. */
export interface TraceContext {
	/** The run whose accepted files count; absent before the first. */
	acceptedRunId?: string;
	latestRun?: { id: string; phase: RunPhase; outcome?: RunOutcome; failure?: string };
	/** The run whose verification was the last one, whether it was that of the accepted files, and whether it lists every finding. */
	report?: { runId: string; isOfAcceptedFiles: boolean; isWhole: boolean };
	/** Of the accepted files, rows that were skipped because of errors. */
	skippedRows: Readonly<Partial<Record<RosterKind, number>>>;
	/** Files whose records wait, and until when, if that is known. */
	deferred: Readonly<Partial<Record<RosterKind, { until?: string }>>>;
	pausedSince?: string;
	expiredOn?: string;
}

/** `unknown`: the report has room for a part of the findings, and so nobody can say that a row has none. */
export type RowVerdict = 'sound' | 'warning' | 'error' | 'unknown';

export type TracedRow = PickedRow & { verdict: RowVerdict };

interface Traced {
	/** Of the accepted files, up to a hundred of them, and how many there are. */
	rows: readonly TracedRow[];
	rowCount: number;
	/** What the last verification found, be it of these files or of later ones. */
	findings: readonly ReportedFinding[];
	/** Of the last run. */
	errors: readonly SyncError[];
}

/**
 * What the runs have achieved. `incomplete`: it is there, and is written once more. `inactive`: it is there, and no file has it any
 * more. `unknown`: nobody knows whether it was written.
 */
export type RecordState = 'synced' | 'incomplete' | 'inactive' | 'unknown' | 'notSynced';

export interface TracedRecord extends Traced {
	kind: EntityKind;
	sisId: string;
	history: { state: RecordState; directoryId?: string };
	directory?: TracedObject;
	/** It waits for approval that one SIS id takes the place of another. */
	newId?: { runId: string; from: string; to: string };
	/** Of a section that was asked for by itself. */
	members?: { rows: MemberCounts; directory: MemberCounts };
}

interface MemberCounts {
	students: number;
	teachers: number;
}

/** As the directory shows it, without what nobody needs here. */
export interface TracedObject {
	id: string;
	displayName?: string;
	userPrincipalName?: string;
	/** Of a person: the schools that it is in, and of the classes those that are asked for. */
	schools?: readonly TracedGroup[];
	classes?: readonly (TracedGroup & { role: 'student' | 'teacher' })[];
}

export interface TracedGroup {
	id: string;
	externalId?: string;
	displayName?: string;
}

/** `found`: the directory had it, and no file had brought it. */
export type MembershipState = 'there' | 'unknown' | 'found' | 'notSynced';

export interface TracedMembership extends Traced {
	kind: MembershipKind;
	/** SIS id of the section or school, and of the person. */
	group: string;
	person: string;
	history: MembershipState;
	/** Its removal waits for approval. */
	hold?: { runId: string };
	isInDirectory: boolean;
}
