import { inParallel, slices } from '../../../transactions.ts';
import { type GraphClock, systemGraphClock } from './graph-clock.ts';
import { GraphDeadlineError, GraphUnavailableError } from './graph-errors.ts';
import { type GraphAnswer, type GraphCall, type GraphRequest, isWrite, lost } from './graph-request.ts';
import { mostAttempts, pauseMs, retryAfterMs, verdictOn } from './retry.ts';
import { maxBatchSize, type Transport, type TransportOptions, transport } from './transport.ts';
import { memoryWriteBudget, readRules, type WriteBudget } from './write-budget.ts';
import { type WritePacer, writePacer } from './write-pacer.ts';

/** Since the client was made. */
export interface GraphCounters {
	/** Over the network: a batch is one. */
	requests: number;
	/** Requests that change the directory, each attempt of each, in batches or not. */
	writes: number;
	/** Of all, in batches or not, those that were refused since there were too many. */
	throttled: number;
	/** Resource units, as far as Graph told them. */
	units: number;
}

export interface GraphClient {
	/**
	 * One answer for each request, in order, once it is final: what Graph refuses for now is sent again. Throws when the directory is out
	 * of reach, and when the deadline has come; then nothing is under way any more.
	 */
	send(call: GraphCall, requests: readonly GraphRequest[]): Promise<GraphAnswer[]>;
	/** All items of each collection, page by page; undefined where there is no such collection. */
	lists(call: GraphCall, requests: readonly GraphRequest[]): Promise<(readonly unknown[] | undefined)[]>;
	/** How a body refers to an object. */
	referTo(path: string): { '@odata.id': string };
	counters: Readonly<GraphCounters>;
}

export interface GraphClientOptions extends Pick<TransportOptions, 'getToken'> {
	/** Of the service, such as https://graph.microsoft.com. */
	baseUrl: string;
	budget: WriteBudget;
	/** Whether requests travel in batches. They count alike in any case. */
	batches: boolean;
	/** How many requests that change nothing; as many as suit every tenant, if it is not said. */
	readBudget?: WriteBudget;
	clock?: GraphClock;
	/** Hears of every request that was refused since there were too many. */
	onThrottle?: () => void;
}

/** Batches, or requests, under way at once: as many as the quota keeps busy at the latencies of Graph. */
const width = { batches: 4, single: 16 } as const;

export function graphClient(options: GraphClientOptions): GraphClient {
	const { baseUrl, budget, batches, clock = systemGraphClock, onThrottle = () => {}, getToken } = options;
	const { readBudget = memoryWriteBudget(clock.now, readRules) } = options;
	const root = `${baseUrl.replace(/\/+$/, '')}/v1.0`;
	const counters: GraphCounters = { requests: 0, writes: 0, throttled: 0, units: 0 };
	const onRequest = () => {
		counters.requests++;
	};
	const sender: Sender = {
		batches,
		clock,
		counters,
		onThrottle,
		pacer: writePacer(budget, clock),
		reads: writePacer(readBudget, clock),
		transport: transport({ root, getToken, clock, onRequest }),
		finished: 0,
		slowedAt: 0,
	};
	const send: GraphClient['send'] = (call, requests) => sendAll(sender, call, requests);
	return {
		send,
		counters,
		referTo: (path) => ({ '@odata.id': root + path }),

		async lists(call, requests) {
			const found = requests.map((): unknown[] => []);
			const isMissing = new Set<number>();
			let pages = requests.map((request, at) => ({ at, request }));
			while (pages.length > 0) {
				const answers = await send(
					call,
					pages.map(({ request }) => request),
				);
				pages = pages.flatMap(({ at, request }, index) => {
					const answer = answers[index] as GraphAnswer;
					if (answer.status === 404) isMissing.add(at);
					else if (answer.status !== 200) throw new GraphUnavailableError(request, `was answered by ${answer.status}`);
					const { value, '@odata.nextLink': next } = (answer.body ?? {}) as Record<string, unknown>;
					if (Array.isArray(value)) for (const each of value) found[at]?.push(each);
					return typeof next === 'string' ? [{ at, request: { ...request, path: pathIn(next, root, request) } }] : [];
				});
			}
			return found.map((items, at) => (isMissing.has(at) ? undefined : items));
		},
	};
}

/** The token goes nowhere else, whatever a link says. */
function pathIn(link: string, root: string, request: GraphRequest): string {
	if (link.startsWith(`${root}/`)) return link.slice(root.length);
	throw new GraphUnavailableError(request, 'was answered with a next page that another server has');
}

interface Sender {
	batches: boolean;
	clock: GraphClock;
	counters: GraphCounters;
	onThrottle: () => void;
	pacer: WritePacer;
	/** Of this client alone. */
	reads: WritePacer;
	transport: Transport;
	/** How many requests have got final answers. */
	finished: number;
	/** When the tenant was slowed down last because it passed its limit. */
	slowedAt: number;
}

interface Item {
	request: GraphRequest;
	at: number;
	attempt: number;
	/** As the sender had when the item was sent first. */
	finished: number;
}

type Answered = Item & { answer: GraphAnswer };

async function sendAll(sender: Sender, call: GraphCall, requests: readonly GraphRequest[]): Promise<GraphAnswer[]> {
	const answers = new Array<GraphAnswer>(requests.length);
	const items = requests.map((request, at): Item => ({ request, at, attempt: 1, finished: sender.finished }));
	const failed = new AbortController();
	const signal = AbortSignal.any([failed.signal, ...(call.signal ? [call.signal] : [])]);
	let failure: { error: unknown } | undefined;
	const chunks = sender.batches ? slices(items, maxBatchSize) : slices(items, 1);
	await inParallel(
		chunks,
		async (chunk) => {
			if (failure) return;
			try {
				await sendUntilFinal(sender, { ...call, signal }, { items: chunk, answers });
			} catch (error) {
				// Nothing of a call that fails may be under way any more when it has failed.
				failure ??= { error };
				failed.abort(error);
			}
		},
		sender.batches ? width.batches : width.single,
	);
	call.signal?.throwIfAborted();
	if (failure) throw failure.error;
	return answers;
}

async function sendUntilFinal(
	sender: Sender,
	call: GraphCall,
	{ items, answers }: { items: readonly Item[]; answers: GraphAnswer[] },
): Promise<void> {
	let open = items;
	while (open.length > 0) {
		const answered = await attempt(sender, call, open);
		await heed(sender, call, answered);
		const again = answered.filter((each) => !settle(sender, each, answers));
		if (again.length > 0) await sender.clock.sleep(longestPause(sender.clock, again), call.signal);
		open = again.map((each) => ({ ...each, attempt: each.attempt + 1 }));
	}
}

async function attempt(
	{ pacer, reads, transport, batches, clock, counters }: Sender,
	call: GraphCall,
	items: readonly Item[],
) {
	const writes = items.filter(({ request }) => isWrite(request)).length;
	const { deadline, signal } = call;
	const check = (at: Date) => {
		if (deadline instanceof Date && at > deadline) throw new GraphDeadlineError();
	};
	check(clock.now());
	await reads.take(call.tenantId, items.length - writes, { check, signal });
	await pacer.take(call.tenantId, writes, { check, signal });
	counters.writes += writes;
	const requests = items.map(({ request }) => request);
	const answers = batches
		? await transport.batch(call, requests)
		: [await transport.one(call, requests[0] as GraphRequest)];
	return items.map((item, at): Answered => ({ ...item, answer: answers[at] ?? lost }));
}

/** False if the request is to be sent once more. */
function settle(sender: Sender, { request, answer, at, attempt, finished }: Answered, answers: GraphAnswer[]): boolean {
	if (answer.status === 401) throw new GraphUnavailableError(request, 'was refused: the token is not accepted');
	const verdict = verdictOn(request, answer);
	if (verdict === 'again' && attempt < mostAttempts(answer)) return false;
	// One request that fails while others get through is that record's own trouble.
	const isOutage = verdict === 'again' && answer.status !== 404 && sender.finished === finished;
	if (isOutage)
		throw new GraphUnavailableError(request, `failed ${attempt} times, at last with status ${answer.status}`);
	if (verdict === 'done') sender.finished++;
	answers[at] = verdict === 'lost' ? lost : answer;
	return true;
}

function longestPause(clock: GraphClock, items: readonly Answered[]): number {
	const now = clock.now();
	return Math.max(
		...items.map(({ request, answer, attempt }) => pauseMs(request, answer, { attempt, random: clock.random, now })),
	);
}

/** The limit may be passed for a moment before Graph refuses anything. */
const passedLimit = 1;
const slowedEveryMs = 5_000;

/** Counts what was refused, and writes more slowly from now on if Graph wants that. */
async function heed(sender: Sender, { tenantId }: GraphCall, answered: readonly Answered[]): Promise<void> {
	const { clock, counters, pacer, reads, onThrottle } = sender;
	for (const { answer } of answered) counters.units += Number(answer.headers['x-ms-resource-unit'] ?? 0) || 0;
	const throttled = answered.filter(({ answer }) => answer.status === 429);
	counters.throttled += throttled.length;
	for (const _ of throttled) onThrottle();
	const now = clock.now();
	const pauseOf = (some: readonly Answered[]) =>
		Math.max(...some.map(({ answer }) => retryAfterMs(answer, now) ?? 1_000));
	const [refused, unread] = [true, false].map((writes) =>
		throttled.filter(({ request }) => isWrite(request) === writes),
	) as [Answered[], Answered[]];
	if (unread.length > 0) await reads.slowDown(tenantId, { pauseMs: pauseOf(unread), factor: 0.7 });
	if (refused.length > 0) {
		const isOfWrites = refused.some(({ answer }) => !/ResourceUnit|CPU/.test(informationOf(answer)));
		await pacer.slowDown(tenantId, { pauseMs: pauseOf(refused), factor: isOfWrites ? 0.7 : 1 });
		return;
	}
	const used = Math.max(...answered.map(({ answer }) => Number(answer.headers['x-ms-throttle-limit-percentage']) || 0));
	if (used < passedLimit || now.getTime() - sender.slowedAt < slowedEveryMs) return;
	sender.slowedAt = now.getTime();
	await pacer.slowDown(tenantId, { pauseMs: 0, factor: 0.9 });
}

const informationOf = ({ headers }: GraphAnswer) => headers['x-ms-throttle-information'] ?? '';
