import type { RetryOptions } from '../worker/worker-contract.ts';

/** The wait before the retry that follows `retryCount` earlier ones, in milliseconds. */
export function retryDelayMs(policy: RetryOptions, retryCount: number): number {
	if (policy.retryStrategy === 'fixedDelay') return toMs(policy.delayInterval, 0);
	const doubled = toMs(policy.minimumInterval, 0) * 2 ** retryCount;
	return Math.min(doubled, toMs(policy.maximumInterval, Number.POSITIVE_INFINITY));
}

function toMs(duration: { seconds: number } | undefined, fallback: number): number {
	return duration === undefined ? fallback : duration.seconds * 1000;
}
