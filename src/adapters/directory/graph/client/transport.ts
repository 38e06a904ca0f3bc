import type { Deadline } from '../../../../directory-ports.ts';
import type { GraphClock } from './graph-clock.ts';
import { GraphDeadlineError } from './graph-errors.ts';
import { type GraphAnswer, type GraphCall, type GraphRequest, lost } from './graph-request.ts';

/** What a batch takes. https://learn.microsoft.com/graph/json-batching */
export const maxBatchSize = 20;

/** A request that takes longer has been lost somewhere. */
const requestTimeoutMs = 30_000;

export interface TransportOptions {
	/** Of the service and version, without a slash at the end. */
	root: string;
	/** A token for Graph. `isRefused` asks for another one than last time. */
	getToken: (tenantId: string, isRefused?: boolean) => Promise<string>;
	clock: GraphClock;
	/** Hears of every request over the network. */
	onRequest: () => void;
}

/** One attempt. Answers `lost` where no answer came. Throws only when whoever asked may not, or does not want to, go on. */
export interface Transport {
	one(call: GraphCall, request: GraphRequest): Promise<GraphAnswer>;
	/** As one batch, at most `maxBatchSize`. One answer each, in order. */
	batch(call: GraphCall, requests: readonly GraphRequest[]): Promise<GraphAnswer[]>;
}

export function transport(options: TransportOptions): Transport {
	return {
		one: (call, request) => authorized(options, call, request),

		async batch(call, requests) {
			const items = requests.map(({ method, path, body, headers }, at) => ({
				id: String(at),
				method,
				url: path,
				headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...priority, ...headers },
				...(body ? { body } : {}),
			}));
			const outer = await authorized(options, call, { method: 'POST', path: '/$batch', body: { requests: items } });
			if (outer.status !== 200) return requests.map(() => outer);
			return answersIn(outer, requests.length);
		},
	};
}

/** A sync gives way to whoever waits in front of a screen. */
const priority = { 'x-ms-throttle-priority': 'low' } as const;

/** They come in any order. */
function answersIn({ body }: GraphAnswer, count: number): GraphAnswer[] {
	const answers = new Array<GraphAnswer>(count).fill(lost);
	const { responses } = (body ?? {}) as { responses?: unknown };
	for (const each of Array.isArray(responses) ? responses : []) {
		const { id, status, headers, body: itemBody } = each as Record<string, unknown>;
		const at = Number(id);
		if (!(at < count) || typeof status !== 'number') continue;
		answers[at] = { status, headers: lowerCased((headers ?? {}) as Record<string, unknown>), body: itemBody };
	}
	return answers;
}

const lowerCased = (headers: Record<string, unknown>) =>
	Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/** A token may have been withdrawn before its time: then once more with another. */
async function authorized(options: TransportOptions, call: GraphCall, request: GraphRequest): Promise<GraphAnswer> {
	const first = await exchange(options, call, request, await options.getToken(call.tenantId));
	if (first.status !== 401) return first;
	return exchange(options, call, request, await options.getToken(call.tenantId, true));
}

async function exchange(
	{ root, clock, onRequest }: TransportOptions,
	call: GraphCall,
	request: GraphRequest,
	token: string,
): Promise<GraphAnswer> {
	const { method, path, body, headers } = request;
	const limit = await limitOf(call, clock);
	const signals = [clock.timeout(limit.ms), ...(call.signal ? [call.signal] : [])];
	onRequest();
	try {
		const response = await fetch(root + path, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				accept: 'application/json',
				...(body ? { 'content-type': 'application/json' } : {}),
				...priority,
				...headers,
			},
			...(body ? { body: JSON.stringify(body) } : {}),
			redirect: 'error',
			signal: AbortSignal.any(signals),
		});
		const text = await response.text();
		return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed(text) };
	} catch {
		call.signal?.throwIfAborted();
		if (limit.isDeadline && clock.now().getTime() >= limit.until) throw new GraphDeadlineError();
		// What the network says may name hosts, and nobody needs it.
		return lost;
	}
}

function parsed(text: string): unknown {
	try {
		return text === '' ? undefined : JSON.parse(text);
	} catch {
		return undefined;
	}
}

interface Limit {
	ms: number;
	until: number;
	isDeadline: boolean;
}

/** How long the next request may take. */
async function limitOf({ deadline }: GraphCall, clock: GraphClock): Promise<Limit> {
	const until = (await resolved(deadline))?.getTime() ?? Number.POSITIVE_INFINITY;
	const left = until - clock.now().getTime();
	if (left <= 0) throw new GraphDeadlineError();
	return { ms: Math.ceil(Math.min(requestTimeoutMs, left)), until, isDeadline: left <= requestTimeoutMs };
}

const resolved = async (deadline: Deadline | undefined): Promise<Date | undefined> =>
	typeof deadline === 'function' ? deadline() : deadline;
