import type { RetryOptions } from './orchestrator-actions.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Azure's storage provider holds no longer timer; longer ones are cut into steps, each a timer of its own in history. */
export const maxShortTimerMs = 6 * dayMs;
export const longTimerStepMs = 3 * dayMs;

/** When the next timer on the way to `fireAt` fires. Both times in milliseconds since 1970. */
export function nextTimerStep(now: number, fireAt: number): number {
	return fireAt - now > maxShortTimerMs ? now + longTimerStepMs : fireAt;
}

/** The wait after the failure of an attempt; attempts count from 1. */
export function retryDelayMs(retry: RetryOptions, attempt: number): number {
	const delayMs = retry.firstRetryIntervalInMilliseconds * (retry.backoffCoefficient ?? 1) ** (attempt - 1);
	return Math.min(delayMs, retry.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY);
}
