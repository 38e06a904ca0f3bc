import type { RetryOptions } from './orchestrator-actions.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Azure's storage provider holds no longer timer; longer ones are cut into steps, each a timer of its own in history. */
export const MAX_SHORT_TIMER_MS = 6 * DAY_MS;
export const LONG_TIMER_STEP_MS = 3 * DAY_MS;

/** When the next timer on the way to `fireAt` fires. Both times in milliseconds since 1970. */
export function nextTimerStep(now: number, fireAt: number): number {
	return fireAt - now > MAX_SHORT_TIMER_MS ? now + LONG_TIMER_STEP_MS : fireAt;
}

/** The wait after the failure of an attempt; attempts count from 1. */
export function retryDelayMs(retry: RetryOptions, attempt: number): number {
	const delayMs = retry.firstRetryIntervalInMilliseconds * (retry.backoffCoefficient ?? 1) ** (attempt - 1);
	return Math.min(delayMs, retry.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY);
}
