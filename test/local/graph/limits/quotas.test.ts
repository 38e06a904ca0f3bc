import { expect, test } from 'vitest';
import { createQuotas, documentedQuotas } from '../../../../src/local/graph/limits/quotas.ts';
import type { RequestCost } from '../../../../src/local/graph/limits/request-cost.ts';

const write: RequestCost = { requests: 1, rosterRequests: 0, resourceUnits: 1, writes: 1 };
const read: RequestCost = { ...write, writes: 0 };
const roomy = { ...documentedQuotas, writes: { capacity: 1_000_000, perSeconds: 1 } };

interface Asking {
	cost: RequestCost;
	/** Milliseconds between two requests. */
	everyMs?: number;
	appId?(at: number): string;
	tenantId?(at: number): string;
	userCount?: number;
	most?: number;
}

/** How many requests are admitted before one is throttled, and by which scope. */
function admitted(options: typeof documentedQuotas, asking: Asking) {
	const { cost, everyMs = 0, appId = () => 'a', tenantId = () => 't', userCount = 1000, most = 200_000 } = asking;
	const quotas = createQuotas(options);
	for (let at = 0; at < most; at += 1) {
		const caller = { appId: appId(at), tenantId: tenantId(at), permissions: new Set<string>() };
		const { isThrottled, headers } = quotas.admit(caller, cost, { nowMs: at * everyMs, userCount });
		if (isThrottled) return { count: at, scope: headers['x-ms-throttle-scope']?.split('/').slice(0, 2).join('/') };
	}
	return { count: most };
}

test.each([
	['one app in one tenant', documentedQuotas, { cost: write }, 3000, 'Tenant_Application/Write'],
	['all apps in one tenant', roomy, { cost: write, appId: (at) => `a${at % 10}` }, 18_000, 'Tenant/Write'],
	['one app in all tenants', roomy, { cost: write, tenantId: (at) => `t${at % 10}` }, 70_000, 'Application/Write'],
] satisfies [string, typeof documentedQuotas, Asking, number, string][])(
	'%s: writes have a limit of their own',
	(_, options, asking, count, scope) => {
		expect(admitted(options, asking)).toEqual({ count, scope });
	},
);

test.each([
	[49, 3500],
	[50, 5000],
	[500, 5000],
	[501, 8000],
])('a tenant of %i users gives %i resource units at once', (userCount, count) => {
	expect(admitted(roomy, { cost: read, userCount })).toEqual({ count, scope: 'Tenant_Application/ReadWrite' });
});

test('roster requests and all requests of an app are limited too', () => {
	const roster = { ...read, resourceUnits: 0, rosterRequests: 1 };
	expect(admitted(roomy, { cost: roster }).count).toBe(35_000);
	const anything = { ...read, resourceUnits: 0 };
	expect(admitted(roomy, { cost: anything, tenantId: (at) => `t${at % 10}` })).toEqual({
		count: 130_000,
		scope: 'Application/ReadWrite',
	});
});

test('who writes 20 times a second is never throttled, who writes 21 times is', () => {
	expect(admitted(documentedQuotas, { cost: write, everyMs: 50, most: 20_000 })).toEqual({ count: 20_000 });
	expect(admitted(documentedQuotas, { cost: write, everyMs: 1000 / 21 }).count).toBeGreaterThan(60_000);
});

test('a clock that steps back gives no tokens', () => {
	const quotas = createQuotas({ ...documentedQuotas, writes: { capacity: 1, perSeconds: 1 } });
	const caller = { appId: 'a', tenantId: 't', permissions: new Set<string>() };
	const admit = (nowMs: number) => !quotas.admit(caller, write, { nowMs, userCount: 0 }).isThrottled;
	expect([admit(10_000), admit(5000), admit(5500), admit(6000)]).toEqual([true, false, false, true]);
});

const windowed = { ...documentedQuotas, model: 'slidingWindow' as const };

test('by the sum of a window, 20 writes a second are all of it, and a burst is paid for until it is 150 seconds old', () => {
	expect(admitted(windowed, { cost: write, everyMs: 52, most: 20_000 })).toEqual({ count: 20_000 });
	expect(admitted(windowed, { cost: write, everyMs: 1000 / 21 }).count).toBe(3000);
	const quotas = createQuotas(windowed);
	const caller = { appId: 'a', tenantId: 't', permissions: new Set<string>() };
	const admit = (nowMs: number) => quotas.admit(caller, write, { nowMs, userCount: 0 });
	for (let at = 0; at < 3000; at += 1) expect(admit(at).isThrottled).toBe(false);
	const refused = admit(3000);
	expect(refused.isThrottled).toBe(true);
	const waitMs = Number(refused.headers['Retry-After']) * 1000;
	expect(admit(3000 + waitMs - 1).isThrottled).toBe(true);
	expect(admit(3000 + waitMs).isThrottled).toBe(false);
	expect(3000 + waitMs).toBeGreaterThanOrEqual(150_000);
});

test('by the sum of a window, who writes 18 times a second is told that nine tenths are used', () => {
	const quotas = createQuotas(windowed);
	const caller = { appId: 'a', tenantId: 't', permissions: new Set<string>() };
	let told: string | undefined;
	for (let at = 0; at < 18 * 600; at += 1) {
		const { headers } = quotas.admit(caller, write, { nowMs: (at * 1000) / 18, userCount: 0 });
		told = headers['x-ms-throttle-limit-percentage'];
	}
	expect(Number(told)).toBeCloseTo(0.9, 1);
});
