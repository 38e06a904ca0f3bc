import { z } from 'zod';
import { profileStates, syncStatuses } from '../domain/profile.ts';
import { rosterKinds } from '../domain/roster/kinds.ts';
import { runPhases } from '../domain/run.ts';
import { syncErrorCodes } from '../domain/sync-error-codes.ts';

/**
 * The resources as the service shows them under `/beta/education`; the OpenAPI description is made of these. Requests may spell
 * much of it otherwise, see `profile/profile-schema.ts`.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */

const typed = <T extends string>(name: T) => z.literal(`#microsoft.graph.${name}`);
const readOnly = <T extends z.ZodType>(schema: T) => schema.meta({ readOnly: true });
const time = z.string().meta({ format: 'date-time', description: '`0001-01-01T00:00:00Z` means never.' });
const userRole = z.enum(['student', 'teacher', 'faculty']);

const customization = z.strictObject({
	optionalPropertiesToSync: z.array(z.string()).meta({ description: 'CSV header names. Absent in a request: all.' }),
	synchronizationStartDate: time,
	isSyncDeferred: z.boolean(),
	allowDisplayNameUpdate: z.boolean(),
});

const customizations = z.strictObject(
	Object.fromEntries(rosterKinds.map((kind) => [kind, customization])) as Record<string, typeof customization>,
);

/** What the provider's server asks of us. Requests may have the secret beside the id; answers never have it. */
const shownClient = { clientId: z.string() };
const sentClient = { ...shownClient, clientSecret: z.string().optional().meta({ writeOnly: true }) };

const connectionSettings = <C extends typeof shownClient>(client: C) =>
	z.discriminatedUnion('@odata.type', [
		z.strictObject({ '@odata.type': typed('educationSynchronizationOAuth1ConnectionSettings'), ...client }),
		z.strictObject({
			'@odata.type': typed('educationSynchronizationOAuth2ClientCredentialsConnectionSettings'),
			...client,
			tokenUrl: z.string().meta({ format: 'uri' }),
			scope: z.string().nullable(),
		}),
	]);

const dataProvider = <C extends typeof shownClient>(client: C) =>
	z.discriminatedUnion('@odata.type', [
		z.strictObject({ '@odata.type': typed('educationCsvDataProvider'), customizations }),
		z.strictObject({
			'@odata.type': typed('educationPowerSchoolDataProvider'),
			connectionUrl: z.string().meta({ format: 'uri' }),
			...client,
			schoolsIds: z.array(z.string()),
			schoolYear: z.string().nullable(),
			allowTeachersInMultipleSchools: z.boolean(),
			customizations,
		}),
		z.strictObject({
			'@odata.type': typed('educationOneRosterApiDataProvider'),
			connectionUrl: z.string().meta({ format: 'uri' }),
			connectionSettings: connectionSettings(client),
			schoolsIds: z.array(z.string()),
			termIds: z.array(z.string()),
			providerName: z.string().nullable(),
			customizations,
		}),
	]);

const identityConfiguration = z.discriminatedUnion('@odata.type', [
	z.strictObject({
		'@odata.type': typed('educationIdentityCreationConfiguration'),
		userDomains: z.array(z.strictObject({ appliesTo: userRole, name: z.string() })),
	}),
	z.strictObject({
		'@odata.type': typed('educationIdentityMatchingConfiguration'),
		matchingOptions: z.array(
			z.strictObject({
				appliesTo: userRole,
				sourcePropertyName: z.string(),
				targetPropertyName: z.string(),
				targetDomain: z.string().nullable(),
			}),
		),
	}),
]);

const shownStatus = z.enum([...syncStatuses, 'unknownFutureValue']);

const profileStatus = z.strictObject({
	id: z.string(),
	status: shownStatus,
	lastSynchronizationDateTime: time,
	lastActivityDateTime: time,
	errorCount: z.int(),
	statusMessage: z.string(),
});

const synchronizationError = z.strictObject({
	id: z.string(),
	entryType: z.string(),
	errorCode: z.string().meta({ examples: [...syncErrorCodes] }),
	errorMessage: z.string(),
	joiningValue: z.string(),
	reportableIdentifier: z.string(),
	recordedDateTime: time,
});

const profile = z.strictObject({
	id: readOnly(z.string()),
	displayName: z.string(),
	dataProvider: dataProvider(shownClient),
	identitySynchronizationConfiguration: identityConfiguration,
	licensesToAssign: z.array(z.strictObject({ appliesTo: userRole, skuIds: z.array(z.string()) })),
	handleSpecialCharacterConstraint: z.boolean(),
	expirationDate: z.string().nullable().meta({ format: 'date' }),
	state: readOnly(z.enum(profileStates)),
	syncStatus: readOnly(shownStatus),
	errorStatus: readOnly(z.enum(['none', 'error', 'validationError', 'quarantined'])),
	lastSynchronizationTime: readOnly(time),
	customizations,
	profileStatus: readOnly(profileStatus.optional()),
	errors: readOnly(z.array(synchronizationError).optional()),
	'errors@odata.count': readOnly(z.int().optional()),
	'errors@odata.nextLink': readOnly(z.string().optional()),
});

const verificationMessage = z.strictObject({
	type: z.enum(['Error', 'Warning', 'Information']),
	fileName: z.string(),
	description: z.string(),
});

const perKind = <T extends z.ZodType>(value: T) => z.partialRecord(z.enum(rosterKinds), value);

const run = z.strictObject({
	id: z.string(),
	reason: z.enum(['start', 'drop', 'reset', 'resume', 'schedule']),
	phase: z.enum(runPhases),
	outcome: z.enum(['success', 'error', 'refused', 'failed', 'terminated']).optional(),
	failure: z.string().optional(),
	startedDateTime: time,
	finishedDateTime: time.optional(),
	rows: perKind(z.int()),
	tallies: perKind(
		z.strictObject({ added: z.int(), changed: z.int(), removed: z.int(), unchanged: z.int(), failed: z.int() }),
	),
	directoryWrites: z.int(),
	errorCount: z.int(),
	progress: z.strictObject({ done: z.int(), total: z.int() }),
});

const errorDetail = z.strictObject({ code: z.string(), message: z.string(), target: z.string().optional() });

const error = z.strictObject({
	code: z.string(),
	message: z.string(),
	details: z.array(errorDetail).optional(),
	innerError: z.strictObject({
		date: z.string(),
		'request-id': z.string(),
		'client-request-id': z.string().optional(),
	}),
});

const context = { '@odata.context': z.string() };

const collectionOf = <T extends z.ZodType>(item: T) =>
	z.strictObject({
		...context,
		'@odata.count': z.int().optional(),
		value: z.array(item),
		'@odata.nextLink': z.string().optional(),
	});

/** The bodies of answers, by the name that they have in the OpenAPI description. */
export const responseSchemas = {
	profile: profile.extend(context),
	profileCollection: collectionOf(profile),
	profileStatus: profileStatus.extend(context),
	synchronizationError: synchronizationError.extend(context),
	synchronizationErrorCollection: collectionOf(synchronizationError),
	run: run.extend(context),
	runCollection: collectionOf(run),
	uploadUrl: z.strictObject({ ...context, value: z.string() }),
	startResult: z.strictObject({ ...context, value: z.array(verificationMessage) }),
	startRefusal: z.strictObject({ ...context, error, value: z.array(verificationMessage) }),
	odataError: z.strictObject({ error }),
	/** Of the embedded directory, in the shape of Graph's education resources. */
	directoryObject: z.looseObject({ ...context, id: z.string() }),
	directoryCollection: collectionOf(z.looseObject({ id: z.string() })),
	batchResponse: z.strictObject({
		responses: z.array(
			z.strictObject({
				id: z.string(),
				status: z.int(),
				headers: z.record(z.string(), z.string()),
				body: z.unknown().meta({ description: 'JSON, or a text if the answer is none.' }).optional(),
			}),
		),
	}),
} as const;

export type ResponseName = keyof typeof responseSchemas;

/** What a client sends: the profile without what only the service sets. */
export const profileRequestSchema = profile
	.extend({ dataProvider: dataProvider(sentClient) })
	.omit({ profileStatus: true, errors: true, 'errors@odata.count': true, 'errors@odata.nextLink': true })
	.partial()
	.meta({ description: 'Create and replace need displayName, dataProvider and identitySynchronizationConfiguration.' });

/** https://learn.microsoft.com/graph/json-batching */
export const batchRequestSchema = z.object({
	requests: z
		.array(
			z.object({
				id: z.string(),
				method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
				url: z.string().meta({ description: 'Relative to the version, such as `/education/synchronizationProfiles`.' }),
				headers: z.record(z.string(), z.string()).optional(),
				body: z.looseObject({}).optional(),
				dependsOn: z.array(z.string()).optional().meta({ description: 'Ids of requests that must succeed before.' }),
			}),
		)
		.max(20),
});
