import type { Caller } from '../graph-request.ts';
import type { Allowance, AllowanceSize } from './allowance.ts';
import type { RequestCost } from './request-cost.ts';
import { createSlidingWindow } from './sliding-window.ts';
import { createTokenBucket } from './token-bucket.ts';

type Scope = 'Tenant_Application' | 'Application' | 'Tenant';
type Measure = keyof RequestCost;

interface Limit extends AllowanceSize {
	scope: Scope;
	measure: Measure;
}

/** How many users make a tenant small, medium or large, and the resource units that an app may use in it in ten seconds. */
const unitsBySize = [
	{ below: 50, units: 3500 },
	{ below: 501, units: 5000 },
	{ below: Number.POSITIVE_INFINITY, units: 8000 },
];

const models = { tokenBucket: createTokenBucket, slidingWindow: createSlidingWindow };

export interface QuotaOptions {
	/** Writes of one app in one tenant: 3,000 in 150 seconds. */
	writes: AllowanceSize;
	/**
	 * Graph speaks of token buckets, and also of sums of costs beside limits. By the second reading an app that keeps to the limit sees
	 * all of it used, by the first one nothing: a writer must do well under both.
	 */
	model: keyof typeof models;
	/** What a throttled request is told to wait at least. */
	leastRetryAfterSeconds: number;
}

export const documentedQuotas: QuotaOptions = {
	writes: { capacity: 3000, perSeconds: 150 },
	model: 'tokenBucket',
	leastRetryAfterSeconds: 1,
};

/** https://learn.microsoft.com/graph/throttling-limits: identity and access, education, and all of Graph. */
function limitsOf({ writes }: QuotaOptions, userCount: number): Limit[] {
	const units = unitsBySize.find(({ below }) => userCount < below)?.units ?? 0;
	return [
		{ scope: 'Tenant_Application', measure: 'writes', ...writes },
		{ scope: 'Tenant_Application', measure: 'resourceUnits', capacity: units, perSeconds: 10 },
		{ scope: 'Tenant_Application', measure: 'rosterRequests', capacity: 35_000, perSeconds: 10 },
		{ scope: 'Application', measure: 'writes', capacity: 70_000, perSeconds: 300 },
		{ scope: 'Application', measure: 'resourceUnits', capacity: 150_000, perSeconds: 20 },
		{ scope: 'Application', measure: 'requests', capacity: 130_000, perSeconds: 10 },
		{ scope: 'Tenant', measure: 'writes', capacity: 18_000, perSeconds: 300 },
	];
}

const information: Record<Measure, string> = {
	writes: 'WriteLimitExceeded',
	resourceUnits: 'ResourceUnitLimitExceeded',
	rosterRequests: 'RequestLimitExceeded',
	requests: 'RequestLimitExceeded',
};

const limitNames: Record<Measure, string> = {
	writes: 'Write',
	resourceUnits: 'ReadWrite',
	rosterRequests: 'ReadWrite',
	requests: 'ReadWrite',
};

/** From this share of a limit on, answers tell how much of it is used. */
const toldFromShare = 0.8;

export interface Quotas {
	/** Takes the cost, or throttles: `headers` are those of the answer either way. */
	admit(caller: Caller, cost: RequestCost, moment: Moment): { isThrottled: boolean; headers: Record<string, string> };
}

interface Moment {
	nowMs: number;
	/** Of the tenant. */
	userCount: number;
}

/** Admits everything: for what is not about quotas. */
export const noQuotas: Quotas = {
	admit: (_caller, cost) => ({ isThrottled: false, headers: admittedHeaders(cost, 0) }),
};

export function createQuotas(options: QuotaOptions): Quotas {
	const allowances = new Map<string, Allowance>();
	function allowanceOf({ scope, measure, capacity, perSeconds }: Limit, { appId, tenantId }: Caller): Allowance {
		const owner = { Tenant_Application: `${appId}/${tenantId}`, Application: appId, Tenant: tenantId }[scope];
		const key = `${scope}/${measure}/${capacity}/${owner}`;
		const allowance = allowances.get(key) ?? models[options.model]({ capacity, perSeconds });
		allowances.set(key, allowance);
		return allowance;
	}
	return {
		admit(caller, cost, { nowMs, userCount }) {
			const limits = limitsOf(options, userCount)
				.filter(({ measure }) => cost[measure] > 0)
				.map((limit) => ({ limit, allowance: allowanceOf(limit, caller) }));
			for (const { limit, allowance } of limits) {
				const seconds = allowance.secondsUntil(cost[limit.measure], nowMs);
				if (seconds > 0) return { isThrottled: true, headers: throttledHeaders(options, { limit, seconds, caller }) };
			}
			for (const { limit, allowance } of limits) allowance.take(cost[limit.measure], nowMs);
			const used = Math.max(...limits.map(({ allowance }) => allowance.usedShare(nowMs)));
			return { isThrottled: false, headers: admittedHeaders(cost, used) };
		},
	};
}

function admittedHeaders({ resourceUnits }: RequestCost, used: number): Record<string, string> {
	return {
		'x-ms-resource-unit': String(resourceUnits),
		...(used >= toldFromShare ? { 'x-ms-throttle-limit-percentage': used.toFixed(2) } : {}),
	};
}

interface Throttled {
	limit: Limit;
	seconds: number;
	caller: Caller;
}

function throttledHeaders(
	{ leastRetryAfterSeconds }: QuotaOptions,
	{ limit, seconds, caller }: Throttled,
): Record<string, string> {
	const wait = Math.max(leastRetryAfterSeconds, seconds);
	return {
		// Fractions occur, and clients must be able to read them.
		'Retry-After': String(Math.ceil(wait * 1000) / 1000),
		'x-ms-throttle-limit-percentage': '1.00',
		'x-ms-throttle-scope': `${limit.scope}/${limitNames[limit.measure]}/${caller.appId}/${caller.tenantId}`,
		'x-ms-throttle-information': information[limit.measure],
	};
}
