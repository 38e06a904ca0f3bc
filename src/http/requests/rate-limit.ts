import { SyncApiError } from '../../domain/errors.ts';
import type { Access, Caller } from './access.ts';

export interface RateLimitSettings {
	/** 0 means no limit. */
	requestsPerMinute: number;
	now: () => Date;
}

export interface RateLimit {
	/** Throws `SyncApiError` (429) that says when to try again. */
	check(caller: Caller): void;
}

/** What a caller may do at once after a rest. */
const burstOf = (requestsPerMinute: number) => Math.max(60, Math.ceil(requestsPerMinute / 4));

/** Beyond this the callers that rested longest are forgotten; to be forgotten is to be full. */
const maxBuckets = 10_000;

interface Bucket {
	tokens: number;
	filledAt: number;
}

/**
 * A token bucket for each caller, in the memory of this instance: it protects the instance from one client that loops, and is no
 * quota of the deployment.
 */
export function createRateLimit({ requestsPerMinute, now }: RateLimitSettings): RateLimit {
	if (requestsPerMinute === 0) return { check: () => {} };
	const perMs = requestsPerMinute / 60_000;
	const burst = burstOf(requestsPerMinute);
	const buckets = new Map<string, Bucket>();
	return {
		check({ tenantId, actorId, appId = '' }) {
			const key = `${tenantId}|${actorId}|${appId}`;
			const time = now().getTime();
			const { tokens, filledAt } = buckets.get(key) ?? { tokens: burst, filledAt: time };
			const filled = Math.min(burst, tokens + Math.max(0, time - filledAt) * perMs);
			// The map keeps the order of insertion: whoever asked last is at its end.
			buckets.delete(key);
			buckets.set(key, { tokens: filled < 1 ? filled : filled - 1, filledAt: time });
			if (buckets.size > maxBuckets) buckets.delete(buckets.keys().next().value as string);
			if (filled < 1) throw tooMany(Math.ceil((1 - filled) / perMs / 1000), requestsPerMinute);
		},
	};
}

function tooMany(seconds: number, limit: number): SyncApiError {
	const wait = Math.max(1, seconds);
	return new SyncApiError(
		'TooManyRequests',
		`Too many requests: at most ${limit} a minute are answered. Try again in ${wait} seconds.`,
		{ headers: { 'Retry-After': String(wait) } },
	);
}

/** Only callers that are known have a limit: the others learn nothing and cost little. `onRefusal` hears of each. */
export function limitedAccess({ authenticate }: Access, limit: RateLimit, onRefusal: () => void = () => {}): Access {
	return {
		async authenticate(authorization) {
			const caller = await authenticate(authorization);
			try {
				limit.check(caller);
			} catch (error) {
				onRefusal();
				throw error;
			}
			return caller;
		},
	};
}
