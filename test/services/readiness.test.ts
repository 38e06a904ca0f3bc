import { expect, test } from 'vitest';
import type { DirectoryReader } from '../../src/directory-ports.ts';
import type { Orchestrations } from '../../src/ports.ts';
import { type CheckResult, readinessService } from '../../src/services/readiness.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeOrchestrations } from '../support/fakes/orchestrations.ts';
import { fakeProfileStore } from '../support/fakes/profile-store.ts';
import { fakeRosterStore } from '../support/fakes/roster-store.ts';
import { fakeSecretStore } from '../support/fakes/secret-store.ts';
import { fakeUploadStore } from '../support/fakes/upload-store.ts';
import { ownTenant } from '../support/tenants.ts';

function setUp() {
	// Whatever answers at all is faster than this.
	const clock = { ...fakeClock(), sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
	const rosters = fakeRosterStore();
	const directory: DirectoryReader = { get: async () => undefined, list: async () => undefined, count: async () => 0 };
	const service = readinessService({
		profiles: fakeProfileStore(),
		uploads: fakeUploadStore(rosters, clock),
		rosters,
		directory,
		secrets: fakeSecretStore(),
		clock,
		tenantId: ownTenant,
	});
	const reported: CheckResult[] = [];
	const check = (orchestrations: Orchestrations) => service.check(orchestrations, (result) => reported.push(result));
	return { clock, check, reported };
}

const silent: Orchestrations = { ...fakeOrchestrations(), syncState: () => new Promise(() => {}) };

test('a service that never answers is not ready, and does not hold the others up', async () => {
	const { check, reported } = setUp();
	const { isReady, checks } = await check(silent);
	expect(isReady).toBe(false);
	expect(checks.filter((each) => !each.isReady)).toEqual([
		{
			name: 'taskHub',
			isReady: false,
			error: expect.objectContaining({ message: expect.stringContaining('no answer') }),
		},
	]);
	expect(reported).toEqual(checks);
});

test('an answer is kept for five seconds, and told of once', async () => {
	const { check, clock, reported } = setUp();
	const all = await Promise.all([check(fakeOrchestrations()), check(silent)]);
	expect(all.map(({ isReady }) => isReady)).toEqual([true, true]);
	expect(reported).toHaveLength(7);
	clock.set('2026-03-02T10:00:05.000Z');
	expect((await check(silent)).isReady).toBe(false);
});

test('a clock that was set back keeps no answer for ever', async () => {
	const { check, clock } = setUp();
	expect((await check(fakeOrchestrations())).isReady).toBe(true);
	clock.set('2026-03-02T09:00:00.000Z');
	expect((await check(silent)).isReady).toBe(false);
});
