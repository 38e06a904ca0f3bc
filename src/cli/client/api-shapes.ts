import { z } from 'zod';

/** The parts of the API's JSON that this client reads; whatever else is there is left alone. */

export const errorBody = z.looseObject({ error: z.looseObject({ code: z.string(), message: z.string() }) });

export const profileShape = z.looseObject({
	id: z.string(),
	displayName: z.string(),
	state: z.string(),
	dataProvider: z.looseObject({ '@odata.type': z.string().default('') }).nullish(),
	identitySynchronizationConfiguration: z
		.looseObject({ userDomains: z.array(z.looseObject({ appliesTo: z.string(), name: z.string() })).nullish() })
		.nullish(),
});
export type Profile = z.infer<typeof profileShape>;

export const profileStatusShape = z.looseObject({ status: z.string(), statusMessage: z.string().nullish() });
export type ProfileStatus = z.infer<typeof profileStatusShape>;

export const messageShape = z.looseObject({
	type: z.string(),
	fileName: z.string().nullish(),
	description: z.string(),
});
export type VerificationMessage = z.infer<typeof messageShape>;

export const syncErrorShape = z.looseObject({
	entryType: z.string().nullish(),
	errorCode: z.string().nullish(),
	errorMessage: z.string(),
	reportableIdentifier: z.string().nullish(),
});
export type SyncError = z.infer<typeof syncErrorShape>;

const count = z.number().default(0);
const tally = z.object({ added: count, changed: count, removed: count, unchanged: count, failed: count });
export type Tally = z.infer<typeof tally>;

export const runShape = z.looseObject({
	id: z.string(),
	reason: z.string().nullish(),
	phase: z.string(),
	progress: z.object({ done: count, total: count }).nullish(),
	rows: z.record(z.string(), z.number()).default({}),
	tallies: z.record(z.string(), tally).default({}),
	directoryWrites: count,
	heldRemovals: count,
	errorCount: count,
	outcome: z.string().nullish(),
	failure: z.string().nullish(),
	cannotUndo: z.array(z.string()).nullish(),
});
export type Run = z.infer<typeof runShape>;

const tracedParts = {
	rows: z
		.array(
			z.looseObject({
				fileName: z.string(),
				line: z.number(),
				verdict: z.string(),
				values: z.array(z.looseObject({ column: z.string(), value: z.string() })).default([]),
			}),
		)
		.default([]),
	findings: z
		.array(z.looseObject({ fileName: z.string(), line: z.number(), column: z.string().optional(), reason: z.string() }))
		.default([]),
	errors: z.array(syncErrorShape).default([]),
};

const tracedRecord = z.looseObject({
	kind: z.string(),
	sisId: z.string(),
	...tracedParts,
	history: z.looseObject({ state: z.string() }),
	directory: z
		.looseObject({ id: z.string(), displayName: z.string().optional(), userPrincipalName: z.string().optional() })
		.optional(),
});
export type TracedRecord = z.infer<typeof tracedRecord>;

const tracedMembership = z.looseObject({
	group: z.string(),
	person: z.string(),
	...tracedParts,
	history: z.string(),
	isInDirectory: z.boolean(),
	heldByRunId: z.string().optional(),
});
export type TracedMembership = z.infer<typeof tracedMembership>;

export const traceShape = z.looseObject({
	conclusions: z.array(z.string()).min(1),
	people: z.array(tracedRecord).default([]),
	classes: z.array(tracedRecord).default([]),
	schools: z.array(tracedRecord).default([]),
	memberships: z.array(tracedMembership).default([]),
});
export type Trace = z.infer<typeof traceShape>;

const holdShape = z.looseObject({
	id: z.string(),
	kind: z.string(),
	scope: z.string(),
	sisId: z.string().optional(),
	removals: count,
	present: count,
});
export type Hold = z.infer<typeof holdShape>;

export const holdsShape = z.looseObject({
	'@odata.etag': z.string().optional(),
	value: z.array(holdShape).default([]),
});

const plannedChangeShape = z.looseObject({
	operation: z.string(),
	kind: z.string(),
	school: z.string().optional(),
	class: z.string().optional(),
	person: z.string().optional(),
	directoryId: z.string().optional(),
	isHeld: z.boolean(),
});
export type PlannedChange = z.infer<typeof plannedChangeShape>;

/** Its first page. */
export const planShape = z.looseObject({
	'@odata.etag': z.string(),
	counts: z.record(
		z.string(),
		z.object({ added: count, changed: count, removed: count, unchanged: count, held: count }),
	),
	estimate: z.object({ writes: count, seconds: count }),
	value: z.array(plannedChangeShape),
});
export type Plan = z.infer<typeof planShape>;

export const begunShape = z.looseObject({ runId: z.string() });

export const uploadUrlShape = z.looseObject({ value: z.url() });

export function collectionOf<Item extends z.ZodType>(item: Item) {
	return z.looseObject({
		value: z.array(item),
		'@odata.count': z.number().optional(),
		'@odata.nextLink': z.string().optional(),
	});
}
