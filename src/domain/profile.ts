import type { RosterKind } from './roster/kinds.ts';

/**
 * The synchronization profile as we keep it; `http/profile-resource.ts` turns it into Graph's JSON and back.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */
export interface Profile extends ProfileDefinition {
	id: string;
	tenantId: string;
	state: ProfileState;
	/** Why `provisioningFailed` or `deletionFailed`; for the operator, without personal data. */
	stateReason?: string;
	status: SyncStatus;
	statusMessage: string;
	createdDateTime: string;
	/** Time of the most recent successful sync; absent before the first. */
	lastSynchronizationDateTime?: string;
	lastActivityDateTime?: string;
	errorCount: number;
	/** The run whose progress and errors the profile shows. */
	latestRunId?: string;
	/** Holds the profile while `start` verifies its files; void after `until`, so that a crash frees it by itself. */
	claim?: { runId: string; until: string };
	/** Names the last set of uploads that was refused, so that a late event does not verify it again. */
	refusedSet?: string;
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

export type DataProvider = { kind: 'csv'; customizations: Customizations };

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

export interface UserDomain {
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
