import { effectiveStatus } from '../../domain/lifecycle.ts';
import type {
	ConnectionSettings,
	DataProvider,
	EntityCustomization,
	IdentityConfiguration,
	Profile,
	ProfileDefinition,
	SyncStatus,
} from '../../domain/profile.ts';
import { optionalColumnsOf } from '../../domain/roster/format/columns.ts';
import { type RosterKind, rosterKinds } from '../../domain/roster/format/kinds.ts';
import { preferencesOf } from '../preferences.ts';
import type { JsonObject } from '../request-body.ts';

/**
 * The profile as Graph shows it, with the four members of 2017 that do no harm to newer clients.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */

/** What .NET says for "never". */
const never = '0001-01-01T00:00:00Z';

export interface View {
	now: Date;
	/** The client sent `Prefer: include-unknown-enum-members`. */
	knowsAllEnumMembers: boolean;
}

export function viewOf(headers: { get(name: string): string | null }, now: Date): View {
	return { now, knowsAllEnumMembers: preferencesOf(headers).unknownEnumMembers };
}

/** Later members of an evolvable enum are shown only to clients that asked for them. */
const laterStatuses: ReadonlySet<SyncStatus> = new Set(['extracting', 'validating']);

export function statusName(profile: Profile, { now, knowsAllEnumMembers }: View): string {
	const status = effectiveStatus(profile, now);
	return laterStatuses.has(status) && !knowsAllEnumMembers ? 'unknownFutureValue' : status;
}

export function profileResource(profile: Profile, view: View): JsonObject {
	const definition = definitionResource(profile);
	return {
		id: profile.id,
		...definition,
		state: profile.state,
		syncStatus: statusName(profile, view),
		errorStatus: errorStatusOf(profile),
		lastSynchronizationTime: profile.lastSynchronizationDateTime ?? never,
		customizations: customizationsResource(profile),
	};
}

const errorStatuses: Readonly<Partial<Record<SyncStatus, string>>> = {
	error: 'error',
	validationError: 'validationError',
	quarantined: 'quarantined',
};

const errorStatusOf = (profile: Profile) => errorStatuses[profile.status] ?? 'none';

/** The part that a client may set, as it would send it. */
export function definitionResource(definition: ProfileDefinition): JsonObject {
	return {
		displayName: definition.displayName,
		dataProvider: { ...providerResource(definition.dataProvider), customizations: customizationsResource(definition) },
		identitySynchronizationConfiguration: identityResource(definition.identity),
		licensesToAssign: definition.licensesToAssign.map(({ appliesTo, skuIds }) => ({ appliesTo, skuIds })),
		handleSpecialCharacterConstraint: definition.handleSpecialCharacterConstraint,
		expirationDate: definition.expirationDate ?? null,
	};
}

function providerResource(provider: DataProvider): JsonObject {
	if (provider.kind === 'csv') return { '@odata.type': '#microsoft.graph.educationCsvDataProvider' };
	const { connectionUrl, schoolsIds } = provider;
	if (provider.kind === 'powerSchool') {
		return {
			'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
			connectionUrl,
			clientId: provider.clientId,
			schoolsIds,
			schoolYear: provider.schoolYear ?? null,
			allowTeachersInMultipleSchools: provider.allowTeachersInMultipleSchools,
		};
	}
	return {
		'@odata.type': '#microsoft.graph.educationOneRosterApiDataProvider',
		connectionUrl,
		connectionSettings: connectionResource(provider.connectionSettings),
		schoolsIds,
		termIds: provider.termIds,
		providerName: provider.providerName ?? null,
	};
}

function connectionResource(settings: ConnectionSettings): JsonObject {
	const type = settings.kind === 'oauth1' ? 'OAuth1' : 'OAuth2ClientCredentials';
	return {
		'@odata.type': `#microsoft.graph.educationSynchronization${type}ConnectionSettings`,
		clientId: settings.clientId,
		...(settings.kind === 'oauth2' ? { tokenUrl: settings.tokenUrl, scope: settings.scope ?? null } : {}),
	};
}

function identityResource(identity: IdentityConfiguration): JsonObject {
	if (identity.kind === 'creation') {
		return {
			'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
			userDomains: identity.userDomains.map(({ appliesTo, name }) => ({ appliesTo, name })),
		};
	}
	return {
		'@odata.type': '#microsoft.graph.educationIdentityMatchingConfiguration',
		matchingOptions: identity.matchingOptions.map((option) => ({
			appliesTo: option.appliesTo,
			sourcePropertyName: option.sourcePropertyName,
			targetPropertyName: option.targetPropertyName,
			targetDomain: option.targetDomain ?? null,
		})),
	};
}

/** All six kinds; a list that was not given is shown as what it means: every optional column, in header order. */
function customizationsResource(definition: ProfileDefinition): JsonObject {
	return Object.fromEntries(
		rosterKinds.map((kind) => [kind, customizationResource(kind, definition.dataProvider.customizations[kind])]),
	);
}

function customizationResource(kind: RosterKind, customization: EntityCustomization | undefined): JsonObject {
	return {
		optionalPropertiesToSync: customization?.optionalPropertiesToSync ?? optionalColumnsOf(kind),
		synchronizationStartDate: customization?.synchronizationStartDate ?? never,
		isSyncDeferred: customization?.isSyncDeferred ?? false,
		allowDisplayNameUpdate: customization?.allowDisplayNameUpdate ?? false,
	};
}

/** https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofilestatus?view=graph-rest-beta */
export function profileStatusResource(profile: Profile, view: View): JsonObject {
	return {
		id: profile.id,
		status: statusName(profile, view),
		lastSynchronizationDateTime: profile.lastSynchronizationDateTime ?? never,
		lastActivityDateTime: profile.lastActivityDateTime ?? never,
		errorCount: profile.errorCount,
		statusMessage: profile.stateReason ?? profile.statusMessage,
	};
}
