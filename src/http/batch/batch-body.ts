import { z } from 'zod';
import { apiErrors, type SyncApiError } from '../../domain/errors.ts';
import type { JsonObject } from '../requests/request-body.ts';

/** As many as Graph takes. https://learn.microsoft.com/graph/json-batching#batch-size-limitations */
const maxBatchedRequests = 20;
const maxUrlLength = 8_000;
const maxIdLength = 128;

const id = z.preprocess(
	(value) => (Number.isSafeInteger(value) ? String(value) : value),
	z
		.string({ error: 'must be a text' })
		.min(1, 'must not be empty')
		.max(maxIdLength, `must have at most ${maxIdLength} characters`),
);

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const headers = z
	.record(z.string(), z.string({ error: 'must be a text' }), { error: 'must be an object' })
	.refine(isSendable, { error: 'must have names and values that a header can have' });

function isSendable(all: Record<string, string>): boolean {
	try {
		new Headers(all);
		return true;
	} catch {
		return false;
	}
}

/** Below the root at which the batch was sent, with or without a slash before it. */
const relativeUrl = z
	.string({ error: 'must be a text' })
	.max(maxUrlLength, `must have at most ${maxUrlLength} characters`)
	.regex(
		/^(?!\/\/)(?![a-z][a-z0-9+.-]*:)\/?[^/?#\s\\][^\s\\]*$/i,
		'must be a relative URL such as "/education/synchronizationProfiles"',
	);

const batchedRequest = z.looseObject(
	{
		id,
		method: z.preprocess(
			(value) => (typeof value === 'string' ? value.toUpperCase() : value),
			z.enum(methods, { error: `must be one of ${methods.join(', ')}` }),
		),
		url: relativeUrl,
		headers: headers.nullish(),
		body: z.record(z.string(), z.unknown(), { error: 'must be a JSON object' }).nullish(),
		dependsOn: z.array(id, { error: 'must be a list of ids' }).nullish(),
		atomicityGroup: z.null({ error: 'is not supported: each request is carried out by itself' }).optional(),
	},
	{ error: 'must be an object' },
);

const batchBody = z.object({
	requests: z
		.array(batchedRequest, { error: 'must be a list' })
		.min(1, 'must not be empty')
		.max(maxBatchedRequests, `must have at most ${maxBatchedRequests} entries`),
});

export interface BatchedRequest {
	id: string;
	method: (typeof methods)[number];
	url: string;
	headers: Readonly<Record<string, string>>;
	body?: JsonObject | undefined;
	dependsOn: readonly string[];
}

/**
 * The requests of a batch, each behind those that it depends on, and otherwise as they were sent. Throws `SyncApiError` (400) with
 * what is wrong and where. https://learn.microsoft.com/graph/json-batching
 */
export function readBatch(body: JsonObject): readonly BatchedRequest[] {
	const parsed = batchBody.safeParse(body);
	if (!parsed.success) {
		const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
		throw refused(path.join('/'), message);
	}
	const requests = parsed.data.requests.map(
		({ id: name, method, url, headers: sent, body: content, dependsOn }): BatchedRequest => ({
			...{ id: name, method, url },
			headers: sent ?? {},
			body: content ?? undefined,
			dependsOn: dependsOn ?? [],
		}),
	);
	requireDistinctIds(requests);
	return inOrder(requests);
}

function requireDistinctIds(requests: readonly BatchedRequest[]): void {
	const seen = new Set<string>();
	for (const [at, request] of requests.entries()) {
		if (seen.has(request.id)) throw refused(`requests/${at}/id`, 'must not be the id of another request');
		seen.add(request.id);
	}
	for (const [at, { dependsOn }] of requests.entries())
		if (!dependsOn.every((each) => seen.has(each)))
			throw refused(`requests/${at}/dependsOn`, 'must name requests of this batch');
}

function inOrder(requests: readonly BatchedRequest[]): readonly BatchedRequest[] {
	const ordered: BatchedRequest[] = [];
	const done = new Set<string>();
	let waiting = requests;
	while (waiting.length > 0) {
		const next = waiting.find(({ dependsOn }) => dependsOn.every((each) => done.has(each)));
		if (!next)
			throw refused(
				`requests/${requests.indexOf(waiting[0] as BatchedRequest)}/dependsOn`,
				'must not lead in a circle',
			);
		ordered.push(next);
		done.add(next.id);
		waiting = waiting.filter((each) => each !== next);
	}
	return ordered;
}

function refused(target: string, rule: string): SyncApiError {
	const message = `The batch is not valid: "${target}" ${rule}.`;
	return apiErrors.badRequest(message, [{ code: 'InvalidValue', target, message }]);
}
