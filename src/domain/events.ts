import type { Severity } from './roster/findings/verdict.ts';
import type { RosterKind } from './roster/format/kinds.ts';
import type { RunOutcome, RunReason, Tally } from './run.ts';
import type { SyncKind } from './sync/sync-kinds.ts';

/**
 * What happened, said once, where it is decided. Events go to logs and telemetry: they hold ids, counts and words of ours, and
 * nothing that a school or a person wrote.
 */
export type SyncEvent =
	| ProfileEvent
	| ProfileExpiring
	| HoldsWaiting
	| FilesVerified
	| RunStarted
	| RunFinished
	| DryRunFinished;

interface OfProfile {
	tenantId: string;
	profileId: string;
}

interface OfRun extends OfProfile {
	runId: string;
}

interface ProfileEvent extends OfProfile {
	name:
		| 'profile.created'
		| 'profile.changed'
		| 'profile.deleted'
		| 'profile.paused'
		| 'profile.resumed'
		| 'profile.reset'
		/** What a profile needs was made; on request of whoever created or changed it. */
		| 'profile.provisioned'
		| 'profile.provisioningFailed'
		/** Its expiration date has come: it syncs no more. */
		| 'profile.expired'
		/** All that was kept of a deleted profile is gone. */
		| 'profile.removed'
		| 'profile.removalFailed'
		/** Somebody wants all that a profile would remove removed without anybody looking at it, or all of a kind. */
		| 'safety.turnedOff'
		/** Somebody wants removals carried out that a run had left out. */
		| 'holds.approved'
		/** Somebody has looked at them, and leaves the directory as it is. */
		| 'holds.discarded'
		/** Somebody wants a run undone. */
		| 'run.undone'
		/** Somebody may write files for an hour. */
		| 'upload.allowed'
		/** Somebody took pupils' data out: the findings, or rows with them. */
		| 'report.read'
		/** Somebody asked what is known of a person or a class. */
		| 'trace.read'
		/** A notice was given up: its receiver did not take it, however often it was sent. */
		| 'notice.deliveryFailed'
		/** The receiver of notices is gone for good, as it says: it gets no more. */
		| 'notices.stopped';
	/** The run that it is about, if it is about one. */
	runId?: string;
}

/** Some days before it does. */
export interface ProfileExpiring extends OfProfile {
	name: 'profile.expiring';
	runId?: undefined;
	/** Until then, those begun included. */
	days: number;
}

/** Removals still wait for somebody to approve or discard them. */
export interface HoldsWaiting extends OfProfile {
	name: 'holds.waiting';
	runId?: string;
	/** For how long they do. */
	days: number;
}

export interface FilesVerified extends OfRun {
	name: 'files.verified';
	trigger: RunReason;
	isAccepted: boolean;
	rows: Readonly<Partial<Record<RosterKind, number>>>;
	findings: Readonly<Record<Severity, number>>;
	durationMs: number;
}

interface RunStarted extends OfRun {
	name: 'run.started' | 'dryRun.started';
	trigger: RunReason;
}

/** How a run ended, be it that it never began because its files were refused. */
export interface RunFinished extends OfRun {
	name: 'run.finished';
	trigger: RunReason;
	outcome: RunOutcome;
	/** Why it `failed`. */
	failure?: string;
	startedDateTime: string;
	finishedDateTime: string;
	tallies: Readonly<Partial<Record<SyncKind, Tally>>>;
	directoryWrites: number;
	/** Removals that wait for approval. */
	heldRemovals: number;
	errorCount: number;
}

/** A run that wrote nothing; its removals that would wait are in its plan. */
export interface DryRunFinished extends Omit<RunFinished, 'name'> {
	name: 'dryRun.finished';
}

/** What somebody did to a profile, as the audit keeps it. */
export interface AuditEntry {
	/** A GUID whose order is newest first, see `run-id.ts`. */
	id: string;
	recordedDateTime: string;
	action: SyncEvent['name'];
	actorId: string;
	appId?: string;
	/** The run that it is about, or that it began. */
	runId?: string;
}

/** Who asked for it, taken from the token. What happens by itself has no actor. */
export interface Actor {
	/** Object id of the user or service principal. */
	id: string;
	/** Client id of the calling application. */
	appId?: string;
}
