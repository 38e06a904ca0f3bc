import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../src/http/requests/access.ts';
import { createRateLimit } from '../../../src/http/requests/rate-limit.ts';
import { actor } from '../../support/hosts/token-authority.ts';
import { refusal } from '../../support/requests/refusal.ts';
import { ownTenant } from '../../support/tenants.ts';

const caller: Caller = { tenantId: ownTenant, actorId: actor, permissions: new Set() };
const burst = 60;
const perMinute = 120;

function setUp(requestsPerMinute = perMinute) {
	let time = 0;
	const limit = createRateLimit({ requestsPerMinute, now: () => new Date(time) });
	const isLetIn = (who = caller) => {
		try {
			limit.check(who);
			return true;
		} catch {
			return false;
		}
	};
	const wait = (milliseconds: number) => {
		time += milliseconds;
	};
	return { limit, isLetIn, wait };
}

describe('a rate limit', () => {
	test('lets a burst in and then says when to come again', () => {
		const { limit, isLetIn, wait } = setUp();
		for (let at = 0; at < burst; at++) expect(isLetIn()).toBe(true);
		const { code, extras, message } = refusal(() => limit.check(caller));
		expect([code, extras.headers]).toEqual(['TooManyRequests', { 'Retry-After': '1' }]);
		expect(message).toBe('Too many requests: at most 120 a minute are answered. Try again in 1 seconds.');
		wait(1_000);
		expect([isLetIn(), isLetIn(), isLetIn()]).toEqual([true, true, false]);
	});

	test('is for each caller alone', () => {
		const { isLetIn } = setUp();
		while (isLetIn());
		expect(isLetIn({ ...caller, actorId: 'another' })).toBe(true);
		expect(isLetIn({ ...caller, appId: 'another' })).toBe(true);
		expect(isLetIn({ ...caller, tenantId: 'another' })).toBe(true);
		expect(isLetIn()).toBe(false);
	});

	test('of 0 lets everybody in', () => {
		const { isLetIn } = setUp(0);
		for (let at = 0; at < 10_000; at++) expect(isLetIn()).toBe(true);
	});

	test('never lets more in than the burst and what the time allows', () => {
		const waits = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 400 });
		fc.assert(
			fc.property(waits, (gaps) => {
				const { isLetIn, wait } = setUp();
				let letIn = 0;
				let passed = 0;
				for (const gap of gaps) {
					wait(gap);
					passed += gap;
					if (isLetIn()) letIn++;
					expect(letIn).toBeLessThanOrEqual(burst + (passed * perMinute) / 60_000);
				}
			}),
		);
	});
});
