import { graphErrors } from './graph-errors.ts';
import { errorAnswer, type GraphAnswer, type GraphRequest, parseTarget } from './graph-request.ts';
import { answerRequest, type GraphParts } from './graph-service.ts';

const maxRequests = 20;

interface BatchItem {
	id: string;
	method: string;
	url: string;
	headers: Record<string, string>;
	body: unknown;
	dependsOn: readonly string[];
}

/** POST /$batch: each request is judged, throttled and answered for itself. */
export function answerBatch(parts: GraphParts, batch: GraphRequest): GraphAnswer {
	const items = readItems(batch.body);
	checkDependencies(items);
	const answers = new Map<string, GraphAnswer>();
	for (const item of items) {
		const isBlocked = item.dependsOn.some((id) => (answers.get(id.toLowerCase())?.status ?? 0) >= 400);
		const answer = isBlocked
			? errorAnswer(graphErrors.failedDependency(), new Date(parts.nowMs()))
			: answerRequest(parts, requestOf(item, batch));
		answers.set(item.id.toLowerCase(), answer);
	}
	const responses = items.map((item) => responseOf(item, answers.get(item.id.toLowerCase()) as GraphAnswer));
	return { status: 200, headers: {}, body: { responses: parts.faults.shuffled(responses) } };
}

function readItems(body: unknown): BatchItem[] {
	const requests = (body as { requests?: unknown } | null | undefined)?.requests;
	if (!Array.isArray(requests) || requests.length === 0) {
		throw graphErrors.malformed('The body of a batch must have a list "requests" that is not empty.');
	}
	if (requests.length > maxRequests) {
		throw graphErrors.malformed(`Number of batch requests is over the limit of ${maxRequests}.`);
	}
	const items = requests.map(readItem);
	if (new Set(items.map(({ id }) => id.toLowerCase())).size < items.length) {
		throw graphErrors.malformed('The ids of the requests in a batch must be unique, in any case of letters.');
	}
	return items;
}

function readItem(request: Partial<BatchItem> | null): BatchItem {
	const { id, method, url, body, dependsOn = [] } = request ?? {};
	if (typeof id !== 'string' || id === '' || typeof method !== 'string' || typeof url !== 'string') {
		throw graphErrors.malformed('Each request in a batch must have an id, a method and a url.');
	}
	if (!Array.isArray(dependsOn)) throw graphErrors.malformed(`The dependsOn of request "${id}" must be a list of ids.`);
	const headers = lowerCased(request?.headers ?? {});
	if (body !== undefined && !headers['content-type']) {
		throw graphErrors.malformed(`Request "${id}" has a body, and so must have the header Content-Type.`);
	}
	if (/^\/?\$batch/.test(url)) throw graphErrors.malformed('A batch cannot hold another batch.');
	return { id, method: method.toUpperCase(), url, headers, body, dependsOn };
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** A batch runs in parallel, or as a chain, or all of it after one request; Graph refuses mixtures. */
function checkDependencies(items: readonly BatchItem[]): void {
	const known = new Set<string>();
	for (const { id, dependsOn } of items) {
		for (const other of dependsOn) {
			if (!known.has(other.toLowerCase())) {
				throw graphErrors.malformed(`Invalid dependency "${other}" of request "${id}": it must stand before it.`);
			}
		}
		known.add(id.toLowerCase());
	}
	const isParallel = items.every(({ dependsOn }) => dependsOn.length === 0);
	const after = (expected: (at: number) => string | undefined) =>
		items.every(({ dependsOn }, at) => dependsOn.join('\n') === (at === 0 ? '' : expected(at)));
	const isChain = after((at) => items[at - 1]?.id);
	const isFan = after(() => items[0]?.id);
	if (!isParallel && !isChain && !isFan) {
		throw graphErrors.malformed('A batch should be either fully sequential or fully parallel.');
	}
}

function requestOf({ method, url, headers, body }: BatchItem, { caller }: GraphRequest): GraphRequest {
	return { ...parseTarget(url), method, headers, body, caller };
}

function responseOf({ id }: BatchItem, { status, headers, body }: GraphAnswer) {
	const contentType = body === undefined ? {} : { 'Content-Type': 'application/json' };
	return {
		id,
		status,
		headers: { 'Cache-Control': 'no-cache', ...contentType, ...headers },
		...(body === undefined ? {} : { body }),
	};
}
