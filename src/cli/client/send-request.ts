import { UnreachableError } from '../cannot-run.ts';
import type { Clock } from '../clock.ts';

interface OutgoingRequest {
	method: 'GET' | 'POST';
	url: string;
	headers?: Record<string, string>;
	body?: string | URLSearchParams;
	timeoutMs?: number;
}

export type SendRequest = (request: OutgoingRequest) => Promise<Response>;

export interface SenderOptions {
	clock: Clock;
	signal: AbortSignal;
	/** What to do when nothing answers, as a sentence. */
	whenUnreachable: string;
}

const maxAttempts = 8;
/** Long enough for a restart or a throttled minute of the service, short enough not to look like a hang. */
const maxWaitMs = 120_000;
const firstBackoffMs = 500;
/** The Functions front end gives up after 230 s, so nothing longer can ever be answered. */
const defaultTimeoutMs = 240_000;

const throttled: readonly number[] = [429, 503];
/** Answers of a gateway: whether the service did the work is unknown, so only reads may be repeated. */
const gatewayFailures: readonly number[] = [502, 504];

/**
 * Sends requests and waits out throttling and short outages, within bounds; whatever answer is left is the caller's.
 * Throws `UnreachableError` when nothing answers, and the signal's reason when it is aborted.
 */
export function createSender(options: SenderOptions): SendRequest {
	let hasContact = false;
	return async function send(request) {
		let waitedMs = 0;
		for (let attempt = 1; ; attempt += 1) {
			const result = await attemptRequest(request, options.signal);
			const isAnswer = result instanceof Response;
			// A wrong address is told at once; an address that has worked before is worth a few more tries.
			const mayRepeat = isAnswer ? isRepeatable(request, result) : hasContact && request.method === 'GET';
			hasContact ||= isAnswer;
			const waitMs =
				(isAnswer ? retryAfterMs(result, options.clock) : undefined) ?? firstBackoffMs * 2 ** (attempt - 1);
			if (!mayRepeat || attempt === maxAttempts || waitedMs + waitMs > maxWaitMs) {
				if (isAnswer) return result;
				throw unreachable(request, result, options);
			}
			if (isAnswer) await result.body?.cancel();
			await options.clock.sleep(waitMs, options.signal);
			waitedMs += waitMs;
		}
	};
}

async function attemptRequest(request: OutgoingRequest, signal: AbortSignal): Promise<Response | { failure: unknown }> {
	const { url, timeoutMs = defaultTimeoutMs, headers = {}, ...rest } = request;
	try {
		// A redirect means a sign-in page or another host; neither may be handed the token.
		const init = { ...rest, headers, redirect: 'manual' as const };
		return await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
	} catch (failure) {
		signal.throwIfAborted();
		return { failure };
	}
}

function isRepeatable({ method }: OutgoingRequest, { status }: Response): boolean {
	return throttled.includes(status) || (method === 'GET' && gatewayFailures.includes(status));
}

/** `Retry-After` as seconds or as an HTTP date; undefined if absent or unreadable. */
function retryAfterMs(response: Response, clock: Clock): number | undefined {
	const value = response.headers.get('retry-after')?.trim();
	if (!value) return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1000;
	const atMs = Date.parse(value);
	return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.nowMs());
}

const networkReasons: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'the connection was refused',
	ECONNRESET: 'the connection broke',
	UND_ERR_SOCKET: 'the connection broke',
	ENOTFOUND: 'the host name is not known',
	EAI_AGAIN: 'the host name could not be looked up',
	ETIMEDOUT: 'there was no answer',
	UND_ERR_CONNECT_TIMEOUT: 'there was no answer',
	UND_ERR_HEADERS_TIMEOUT: 'there was no answer',
	TimeoutError: 'there was no answer',
};

function unreachable(
	request: OutgoingRequest,
	{ failure }: { failure: unknown },
	options: SenderOptions,
): UnreachableError {
	const code = failureCode(failure);
	const { origin } = new URL(request.url);
	return new UnreachableError(
		`Cannot reach "${origin}": ${networkReasons[code] ?? `the connection failed (${code})`}. ${options.whenUnreachable}`,
		{ cause: failure },
	);
}

function failureCode(failure: unknown): string {
	if (!(failure instanceof Error)) return 'unknown';
	const { cause } = failure;
	if (cause instanceof Error && 'code' in cause) return String(cause.code);
	return failure.name;
}
