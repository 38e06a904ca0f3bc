import { z } from 'zod';
import { rosterKinds } from '../../domain/roster/format/kinds.ts';
import { runPhases, runReasons } from '../../domain/run.ts';
import { rekeyEvidence } from '../../domain/sync/holds/rekeys.ts';
import { syncKinds } from '../../domain/sync/sync-kinds.ts';
import { syncErrorCodes } from '../../domain/sync-error-codes.ts';
import { sentMembers, shownMembers } from '../profile/profile-description.ts';
import { profileProperties } from '../profile/properties.ts';
import { statusName, time } from './described-shapes.ts';
import { component } from './schema-components.ts';
import { traceSchema } from './trace-schemas.ts';

/**
 * The resources as the service shows them under `/beta/education`; the OpenAPI description is made of these. Requests may spell
 * much of it otherwise, see `profile/properties.ts`.
 * https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */

const readOnly = <T extends z.ZodType>(schema: T) => schema.meta({ readOnly: true });

/** An object has it where it is the whole answer, and none where it stands in a list. */
const context = { '@odata.context': z.string().optional() };

const profileStatus = component(
	'educationSynchronizationProfileStatus',
	z.strictObject({
		...context,
		id: z.string(),
		status: statusName,
		lastSynchronizationDateTime: time,
		lastActivityDateTime: time,
		errorCount: z.int(),
		statusMessage: z.string(),
	}),
);

const synchronizationError = component(
	'educationSynchronizationError',
	z.strictObject({
		...context,
		id: z.string(),
		entryType: z.string(),
		errorCode: z.string().meta({ examples: [...syncErrorCodes] }),
		errorMessage: z.string(),
		joiningValue: z.string(),
		reportableIdentifier: z.string(),
		recordedDateTime: time,
	}),
);

const profile = component(
	'educationSynchronizationProfile',
	z.strictObject({
		...context,
		...shownMembers(profileProperties),
		profileStatus: readOnly(profileStatus.optional()),
		errors: readOnly(z.array(synchronizationError).optional()),
		'errors@odata.count': readOnly(z.int().optional()),
		'errors@odata.nextLink': readOnly(z.string().optional()),
	}),
);

const verificationMessage = component(
	'educationFileSynchronizationVerificationMessage',
	z.strictObject({
		type: z.enum(['Error', 'Warning', 'Information']),
		fileName: z.string(),
		description: z.string(),
	}),
);

const perKind = <T extends z.ZodType>(name: string, kinds: readonly string[], value: T) =>
	component(name, z.strictObject(Object.fromEntries(kinds.map((kind) => [kind, value.optional()]))));

const tally = component(
	'runTally',
	z.strictObject({
		added: z.int(),
		changed: z.int(),
		removed: z.int(),
		unchanged: z.int(),
		failed: z.int(),
		held: z.int().optional().meta({ description: 'Removals that were left out.' }),
	}),
);

const run = component(
	'run',
	z.strictObject({
		...context,
		id: z.string(),
		reason: z.enum(runReasons),
		actorId: z.string().optional().meta({ description: 'Who asked for it; absent if nobody did.' }),
		appId: z.string().optional(),
		phase: z.enum(runPhases),
		outcome: z.enum(['success', 'error', 'refused', 'failed', 'terminated']).optional(),
		failure: z.string().optional(),
		startedDateTime: time,
		finishedDateTime: time.optional(),
		rows: perKind('runRows', rosterKinds, z.int()),
		tallies: perKind('runTallies', syncKinds, tally),
		directoryWrites: z.int(),
		heldRemovals: z.int().optional().meta({ description: 'Changes that the run left out, see holds.' }),
		errorCount: z.int(),
		isDryRun: z.boolean().optional().meta({ description: 'It verified and planned, and wrote nothing.' }),
		cannotUndo: z.array(z.string()).optional().meta({ description: 'What an undo leaves as it is.' }),
		progress: z.strictObject({ done: z.int(), total: z.int() }),
		phases: z
			.array(component('runPhaseProgress', z.strictObject({ phase: z.enum(runPhases), done: z.int(), total: z.int() })))
			.meta({ description: 'Of a run under way, those that have something to do.' }),
		recordsPerSecond: z.number().optional().meta({ description: 'Of the phase that is under way.' }),
		percent: z.int().optional().meta({ description: 'Of all records that are to be written.' }),
		secondsLeft: z.int().optional(),
	}),
);

const auditEntry = component(
	'auditEntry',
	z.strictObject({
		...context,
		id: z.string(),
		recordedDateTime: time,
		action: z.string().meta({ description: 'Such as `profile.changed`.' }),
		actorId: z.string().meta({ description: 'Object id of the user or service principal.' }),
		appId: z.string().optional().meta({ description: 'Client id of the calling application.' }),
		runId: z.string().optional(),
	}),
);

const rekeyedPair = component(
	'rekeyedPair',
	z.strictObject({
		from: z.string().meta({ description: 'SIS id.' }),
		to: z.string().meta({ description: 'SIS id.' }),
		evidence: z.enum(rekeyEvidence),
	}),
);

const hold = component(
	'hold',
	z.strictObject({
		id: z.string(),
		kind: z.enum(syncKinds).meta({ description: 'Of memberships, but for what is rekeyed.' }),
		scope: z.enum(['class', 'school', 'file', 'unexpected', 'rekeyed']).meta({
			description:
				'`unexpected`: members whom the directory has though no file brought them. `rekeyed`: records that came under new SIS ids.',
		}),
		sisId: z.string().optional().meta({ description: 'Of the class or school.' }),
		removals: z.int().meta({ description: 'Memberships that would be removed; or records under old SIS ids.' }),
		present: z.int(),
		people: z.int(),
		rekeyed: z.array(rekeyedPair).optional().meta({ description: 'The first ten.' }),
	}),
);

const plannedChange = component(
	'plannedChange',
	z.strictObject({
		operation: z.enum(['add', 'change', 'remove']).meta({
			description: 'People, classes and schools that are removed from the files stay in the directory.',
		}),
		kind: z.enum(syncKinds),
		school: z.string().optional().meta({ description: 'SIS id of the school, or of that of the class.' }),
		class: z.string().optional().meta({ description: 'SIS id.' }),
		person: z.string().optional().meta({ description: 'SIS id.' }),
		directoryId: z.string().optional().meta({ description: 'Of a member whom no file knows.' }),
		isHeld: z.boolean(),
	}),
);

const planCounts = component(
	'planCounts',
	z.strictObject({ added: z.int(), changed: z.int(), removed: z.int(), unchanged: z.int(), held: z.int() }),
);

const runPlan = component(
	'runPlan',
	z.strictObject({
		...context,
		'@odata.etag': z.string(),
		'@odata.count': z.int().optional(),
		counts: perKind('runPlanCounts', syncKinds, planCounts),
		estimate: z.strictObject({ writes: z.int(), seconds: z.int() }),
		value: z.array(plannedChange),
		'@odata.nextLink': z.string().optional(),
	}),
);

const errorDetail = z.strictObject({ code: z.string(), message: z.string(), target: z.string().optional() });

const error = component(
	'mainError',
	z.strictObject({
		code: z.string(),
		message: z.string(),
		details: z.array(errorDetail).optional(),
		innerError: z.strictObject({
			date: z.string(),
			'request-id': z.string(),
			'client-request-id': z.string().optional(),
		}),
	}),
);

const collectionOf = <T extends z.ZodType>(name: string, item: T) =>
	component(
		`${name}CollectionResponse`,
		z.strictObject({
			...context,
			'@odata.count': z.int().optional(),
			value: z.array(item),
			'@odata.nextLink': z.string().optional(),
		}),
	);

/** Of the embedded directory, in the shape of Graph's education resources. */
const directoryObject = component('educationDirectoryObject', z.looseObject({ ...context, id: z.string() }));

const headerMap = component('batchHeaders', z.record(z.string(), z.string()));

const batchResponseStep = component(
	'batchResponseStep',
	z.strictObject({
		id: z.string(),
		status: z.int(),
		headers: headerMap,
		body: z.unknown().meta({ description: 'JSON, or a text if the answer is none.' }).optional(),
	}),
);

/** The bodies of answers, by what the operations call them. */
export const responseSchemas = {
	profile,
	profileCollection: collectionOf('educationSynchronizationProfile', profile),
	profileStatus,
	synchronizationError,
	synchronizationErrorCollection: collectionOf('educationSynchronizationError', synchronizationError),
	run,
	runCollection: collectionOf('run', run),
	uploadUrl: component('uploadUrlResponse', z.strictObject({ ...context, value: z.string() })),
	startResult: component(
		'startResponse',
		z.strictObject({
			...context,
			value: z.array(verificationMessage),
			runId: z.string().optional().meta({ description: 'Of a dry run: see its plan.' }),
		}),
	),
	undoResult: component('undoResponse', z.strictObject({ ...context, runId: z.string() })),
	odataError: component('ODataError', z.strictObject({ error })),
	/** A refused start has the messages beside the error; any other refusal of it has the error alone. */
	startRefusal: component(
		'startRefusal',
		z.strictObject({ ...context, error, value: z.array(verificationMessage).optional() }),
	),
	auditEntryCollection: collectionOf('auditEntry', auditEntry),
	holdCollection: component(
		'holdCollectionResponse',
		z.strictObject({ ...context, '@odata.etag': z.string().optional(), value: z.array(hold) }),
	),
	runPlan,
	trace: traceSchema(synchronizationError),
	directoryObject,
	directoryCollection: collectionOf('educationDirectoryObject', directoryObject),
	batchResponse: component('batchResponse', z.strictObject({ responses: z.array(batchResponseStep) })),
} as const;

export type ResponseName = keyof typeof responseSchemas;

/** What a client sends: the profile without what only the service sets. */
export const profileRequestSchema = component(
	'educationSynchronizationProfileRequest',
	z
		// PUT without an id in the path finds the profile by it.
		.object({ id: z.string(), ...sentMembers(profileProperties) })
		.partial()
		.meta({
			description: 'Create and replace need displayName, dataProvider and identitySynchronizationConfiguration.',
		}),
);

/** https://learn.microsoft.com/graph/json-batching */
const batchRequestStep = component(
	'batchRequestStep',
	z.object({
		id: z.string(),
		method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
		url: z.string().meta({ description: 'Relative to the version, such as `/education/synchronizationProfiles`.' }),
		headers: headerMap.optional(),
		body: z.looseObject({}).optional(),
		dependsOn: z.array(z.string()).optional().meta({ description: 'Ids of requests that must succeed before.' }),
	}),
);

export const batchRequestSchema = component('batchRequest', z.object({ requests: z.array(batchRequestStep).max(20) }));
