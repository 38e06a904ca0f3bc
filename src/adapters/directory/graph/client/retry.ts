import { faultOf } from './graph-errors.ts';
import { type GraphAnswer, type GraphRequest, isWrite, lost } from './graph-request.ts';

/**
 * Beyond this a request is given up. One that there were too many of is nobody's fault: it waits as long as Graph asks for. What is not to be
 * found within half a minute is not there.
 */
export function mostAttempts({ status }: GraphAnswer): number {
	if (status === 429) return 30;
	return status === 404 ? 5 : 8;
}

const firstPauseMs = 500;
const longestPauseMs = 32_000;
/** A new object is on every replica after some seconds, seldom after some minutes. */
const firstPauseOfNewMs = 2_000;
/** A service that asks for more is asked again after this, and then says so again. */
const longestRetryAfterMs = 150_000;

export type Verdict = 'done' | 'again' | 'lost';

/** What an answer comes to. One that has not come has the status 0. */
export function verdictOn(request: GraphRequest, answer: GraphAnswer): Verdict {
	const { status } = answer;
	if (status === 429) return 'again';
	if (status === 0 || status >= 500) return request.creates ? 'lost' : 'again';
	if (status === 404 && request.isNew) return 'again';
	if (status === 409 && isWrite(request) && faultOf(answer).code.includes('Concurrency')) return 'again';
	return 'done';
}

/** How long a request waits before it is sent once more; whatever Graph asks for, if it does. */
export function pauseMs(
	request: GraphRequest,
	answer: GraphAnswer,
	{ attempt, random, now }: { attempt: number; random: () => number; now: Date },
): number {
	const asked = retryAfterMs(answer, now);
	const first = answer.status === 404 ? firstPauseOfNewMs : firstPauseMs;
	const backOff = Math.min(longestPauseMs, first * 2 ** (attempt - 1));
	// Whoever is told to wait the same time must not come back at the same moment.
	if (asked !== undefined) return asked + random() * firstPauseMs;
	return request.isNew && answer.status === 404 ? backOff : backOff * (0.5 + random() / 2);
}

/** Seconds, which may have a fraction within a batch, or a date. */
export function retryAfterMs({ headers }: GraphAnswer, now: Date): number | undefined {
	const text = headers['retry-after']?.trim();
	if (!text) return undefined;
	const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : new Date(text).getTime() - now.getTime();
	return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestRetryAfterMs);
}

export const isLost = (answer: GraphAnswer) => answer === lost;
