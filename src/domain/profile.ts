import type { NotificationSettings } from './notices/notice.ts';
import type { Refusal } from './refusal.ts';
import type { RosterKind } from './roster/format/kinds.ts';
import type { SafetySettings } from './safety.ts';
import type { Calendar } from './schedule/calendar.ts';
import type { Notice } from './schedule/due-work.ts';
import type { RunEnd } from './schedule/run-end.ts';

/**
 * The synchronization profile as we keep it; `http/profile/properties.ts` says how it is sent and shown.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */
export interface Profile extends ProfileDefinition {
	id: string;
	tenantId: string;
	state: ProfileState;
	/** When it came into its state, or that was asked for again; absent in records of earlier versions. */
	stateSince?: string;
	/** Why `provisioningFailed` or `deletionFailed`; for the operator, without personal data. */
	stateReason?: string;
	status: SyncStatus;
	statusMessage: string;
	createdDateTime: string;
	/** Time of the most recent successful sync; absent before the first. */
	lastSynchronizationDateTime?: string;
	lastActivityDateTime?: string;
	errorCount: number;
	/** Set by pause, taken away by resume and by what starts a run. Meanwhile `status` goes on to say how the sync stands. */
	pausedSince?: string;
	/** The run whose progress and errors the profile shows. */
	latestRunId?: string;
	/** The run that took the files which a reset, or a resume, syncs again. */
	acceptedRunId?: string;
	/** The run whose verification was the last one; its report is kept. */
	verifiedRunId?: string;
	/** Names the delta history in use. A new name forgets it, and what a step of an ended run still writes is not read. */
	snapshotGeneration: string;
	/** The delta history that a run has completed: from then on it must be there. */
	keptGeneration?: string;
	/** Holds the profile while `start` verifies its files; void after `until`, so that a crash frees it by itself. */
	claim?: ProfileClaim;
	/** The latest dry run that verified nothing: later runs come after it. */
	dryRunId?: string;
	/** What somebody decided to leave in the directory, of the holds of this run. */
	discardedHolds?: { runId: string; holdIds: readonly string[] };
	/** The last set of uploads that was refused, until one is accepted. */
	refusal?: Refusal;
	/** Absent until a run has come to its end, and in records of earlier versions. */
	lastEnd?: RunEnd;
	/** A set of uploads that has rested while the calendar was closed. */
	waitingUploads?: { setId: string; since: string };
	/** Until when each thing was told that was to be told. */
	told?: Partial<Readonly<Record<Notice, string>>>;
	/** Somebody is telling it; if not done by then, it is told again. */
	telling?: { notice: Notice; at: string; until: string };
	/** What came of the notices that went where `notifications` says; absent if all is well. */
	noticeTrouble?: NoticeTrouble;
}

/** `failing`: one was given up. `stopped`: the receiver is gone for good, and gets no more until the settings change. */
export interface NoticeTrouble {
	state: 'failing' | 'stopped';
	since: string;
}

export interface ProfileClaim {
	runId: string;
	until: string;
	/** Nobody asked for it: the uploads had rested. */
	byDrop?: true;
}

/** What a client may set. */
export interface ProfileDefinition {
	displayName: string;
	dataProvider: DataProvider;
	identity: IdentityConfiguration;
	licensesToAssign: readonly LicenseAssignment[];
	handleSpecialCharacterConstraint: boolean;
	/** `YYYY-MM-DD`; the profile ceases to sync on that day (UTC). */
	expirationDate?: string;
	/** How much a run may remove without anybody looking at it; the defaults if it is absent. */
	safety?: SafetySettings;
	/** When a sync may begin by itself; absent: at any time. */
	calendar?: Calendar;
	/** Who is told how runs end. */
	notifications?: NotificationSettings;
}

/** Every member of a definition, as the compiler holds. */
const definitionMembers: Readonly<Record<keyof ProfileDefinition, true>> = {
	displayName: true,
	dataProvider: true,
	identity: true,
	licensesToAssign: true,
	handleSpecialCharacterConstraint: true,
	expirationDate: true,
	safety: true,
	calendar: true,
	notifications: true,
};

/** With another definition: what that one leaves out is gone, and what only the service sets stays. */
export function redefined(profile: Profile, definition: ProfileDefinition): Profile {
	const kept = Object.entries(profile).filter(([name]) => !Object.hasOwn(definitionMembers, name));
	return { ...(Object.fromEntries(kept) as unknown as Profile), ...definition };
}

export const profileStates = [
	'provisioning',
	'provisioned',
	'provisioningFailed',
	'deleting',
	'deletionFailed',
] as const;
export type ProfileState = (typeof profileStates)[number];

export const syncStatuses = [
	'paused',
	'inProgress',
	'success',
	'error',
	'validationError',
	'quarantined',
	'extracting',
	'validating',
] as const;
export type SyncStatus = (typeof syncStatuses)[number];

/** While a profile is busy, uploads, starts and a second run are refused. */
export const busyStatuses: ReadonlySet<SyncStatus> = new Set(['extracting', 'validating', 'inProgress']);

/** `faculty` is kept as sent and treated as teacher. */
export type UserRole = 'student' | 'teacher' | 'faculty';

/** Where the roster comes from. The secret of a server is kept apart, and is no part of the profile. */
export type DataProvider = CsvProvider | PowerSchoolProvider | OneRosterProvider;

interface CsvProvider {
	kind: 'csv';
	customizations: Customizations;
}

export interface PowerSchoolProvider {
	kind: 'powerSchool';
	connectionUrl: string;
	clientId: string;
	schoolsIds: readonly string[];
	schoolYear?: string;
	allowTeachersInMultipleSchools: boolean;
	customizations: Customizations;
}

export interface OneRosterProvider {
	kind: 'oneRoster';
	connectionUrl: string;
	connectionSettings: ConnectionSettings;
	schoolsIds: readonly string[];
	termIds: readonly string[];
	providerName?: string;
	customizations: Customizations;
}

export type ConnectionSettings =
	| { kind: 'oauth1'; clientId: string }
	| { kind: 'oauth2'; clientId: string; tokenUrl: string; scope?: string };

export type Customizations = Readonly<Partial<Record<RosterKind, EntityCustomization>>>;

export interface EntityCustomization {
	/** CSV header names; absent means all optional columns, empty means none. */
	optionalPropertiesToSync?: readonly string[];
	/** Only for enrollments: they wait until then. */
	synchronizationStartDate?: string;
	isSyncDeferred: boolean;
	allowDisplayNameUpdate: boolean;
}

export type IdentityConfiguration =
	| { kind: 'creation'; userDomains: readonly UserDomain[] }
	| { kind: 'matching'; matchingOptions: readonly MatchingOption[] };

interface UserDomain {
	appliesTo: UserRole;
	name: string;
}

export interface MatchingOption {
	appliesTo: UserRole;
	sourcePropertyName: string;
	targetPropertyName: string;
	targetDomain?: string;
}

export interface LicenseAssignment {
	appliesTo: UserRole;
	skuIds: readonly string[];
}
