import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../../bench/random.ts';
import { tableWriteBudget } from '../../../../../src/adapters/directory/graph/client/table-write-budget.ts';
import {
	graphRules,
	memoryWriteBudget,
	reserved,
	slowed,
	untouched,
	type WriteBudget,
} from '../../../../../src/adapters/directory/graph/client/write-budget.ts';
import { writePacer } from '../../../../../src/adapters/directory/graph/client/write-pacer.ts';
import { startTestStorage, type TestStorage } from '../../../../support/hosts/test-storage.ts';
import { virtualTime } from '../../../../support/schedules/virtual-time.ts';

const tenant = '00000000-0000-4000-8000-000000000001';
const quota = { writes: 3000, ms: 150_000 };

/** The most in any stretch of time as long as the quota's. */
function mostWithin(moments: readonly number[], windowMs: number): number {
	let [most, first] = [0, 0];
	for (const [at, moment] of moments.entries()) {
		while ((moments[first] as number) <= moment - windowMs) first++;
		most = Math.max(most, at - first + 1);
	}
	return most;
}

describe('writes of three instances over one account', () => {
	test('leave so that no stretch of time as long as the quota has more of them than it allows, and almost as many', async () => {
		const time = virtualTime(seededRandom(8));
		const clock = { ...time, random: () => 0.5, timeout: () => new AbortController().signal };
		const budget = memoryWriteBudget(time.now);
		const moments: number[] = [];
		const begin = time.now().getTime();
		const instance = async (batches: number) => {
			const pacer = writePacer(budget, clock);
			await Promise.all(
				Array.from({ length: 4 }, async () => {
					for (let count = 0; count < batches; count++) {
						await pacer.take(tenant, 20, { check: () => {} });
						for (let write = 0; write < 20; write++) moments.push(time.now().getTime());
						await time.turn();
						await time.sleep(800);
					}
				}),
			);
		};
		await time.untilDone(Promise.all([instance(80), instance(80), instance(80)]));
		moments.sort((a, b) => a - b);
		expect(moments).toHaveLength(3 * 4 * 80 * 20);
		expect(mostWithin(moments, quota.ms)).toBeLessThanOrEqual(quota.writes);
		const seconds = ((moments.at(-1) as number) - begin) / 1000;
		expect(moments.length / seconds).toBeGreaterThan(0.95 * 20);
	});

	test('all pause after a refusal, then go on more slowly, and get faster again', () => {
		const rules = graphRules;
		const now = 1_000_000;
		const paused = slowed(untouched, { pauseMs: 9_000, factor: 0.5 }, now);
		const { reservation, state } = reserved(paused, { units: 40, now, rules });
		expect(reservation.from).toBe(now + 9_000);
		expect(reservation.intervalMs).toBeCloseTo(
			2 * reserved(untouched, { units: 1, now, rules }).reservation.intervalMs,
		);
		let later = state;
		for (let times = 0; times < 40; times++) later = reserved(later, { units: 40, now, rules }).state;
		expect(later.share).toBe(1);
	});

	test('that nobody has used for a while may be sent at once, but no more than a few seconds of them', () => {
		const { reservation } = reserved(untouched, { units: 200, now: 1_000_000, rules: graphRules });
		const moments = Array.from({ length: 200 }, (_, at) => reservation.from + at * reservation.intervalMs);
		expect(moments.filter((moment) => moment <= 1_000_000).length).toBeLessThanOrEqual(graphRules.burst + 1);
	});

	test('do not wait for hours because a clock was wrong', () => {
		const wrong = { nextAt: 1_000_000 + 86_400_000, share: 1 };
		const { reservation } = reserved(wrong, { units: 1, now: 1_000_000, rules: graphRules });
		expect(reservation.from).toBeLessThan(1_000_000 + 200_000);
	});

	test('that cannot be sent before somebody must stop stay for the others', async () => {
		const time = virtualTime(seededRandom(6));
		const clock = { ...time, random: () => 0.5, timeout: () => new AbortController().signal };
		const reservations: number[] = [];
		const budget = memoryWriteBudget(time.now);
		const spying: WriteBudget = {
			...budget,
			reserve(tenantId, units) {
				reservations.push(units);
				return budget.reserve(tenantId, units);
			},
		};
		const pacer = writePacer(spying, clock);
		const late = () => {
			throw new Error('too late');
		};
		await expect(pacer.take(tenant, 20, { check: late })).rejects.toThrow('too late');
		await time.untilDone(pacer.take(tenant, 20, { check: () => {} }));
		expect(reservations).toEqual([40]);
	});
});

describe('the account in a table', () => {
	let storage: TestStorage;
	beforeAll(async () => {
		storage = await startTestStorage();
	});
	afterAll(() => storage?.stop());

	test('gives no moment twice, whoever asks at the same time, and keeps tenants apart', async () => {
		const now = new Date('2026-03-02T10:00:00.000Z');
		const budgets = [1, 2, 3].map(() => tableWriteBudget(storage.account, () => now));
		const asked = Array.from({ length: 30 }, (_, at) => (budgets[at % 3] as WriteBudget).reserve(tenant, 40));
		const reservations = await Promise.all(asked);
		const starts = reservations.map(({ from }) => from).sort((a, b) => a - b);
		for (const [at, start] of starts.entries())
			if (at > 0) expect(start - (starts[at - 1] as number)).toBeCloseTo(40 * (reservations[0]?.intervalMs ?? 0), 3);
		const other = await (budgets[0] as WriteBudget).reserve('00000000-0000-4000-8000-000000000002', 40);
		expect(other.from).toBe(starts[0]);
	});

	test('tells every instance of a refusal', async () => {
		const now = new Date('2026-03-02T10:00:00.000Z');
		const [one, other] = [0, 1].map(() => tableWriteBudget(storage.account, () => now)) as [WriteBudget, WriteBudget];
		const refusedTenant = '00000000-0000-4000-8000-000000000003';
		await one.slowDown(refusedTenant, { pauseMs: 5_000, factor: 0.5 });
		const { from, intervalMs } = await other.reserve(refusedTenant, 40);
		expect(from).toBe(now.getTime() + 5_000);
		expect(intervalMs).toBeCloseTo(2000 / graphRules.perSecond);
	});
});
