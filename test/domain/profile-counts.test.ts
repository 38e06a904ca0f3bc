import { expect, test } from 'vitest';
import { addCounts, countProfiles } from '../../src/domain/profile-counts.ts';
import { countAllProfiles } from '../../src/services/profiles/profile-census.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeProfileStore } from '../support/fakes/profile-store.ts';
import { profile } from '../support/rosters/profile-builder.ts';
import { otherTenant, ownTenant } from '../support/tenants.ts';

const now = new Date('2026-03-15T10:00:00Z');
const synced = { status: 'success' as const, lastSynchronizationDateTime: '2026-03-15T08:00:00Z' };
const one = (changes: Parameters<typeof profile>[0]) =>
	countProfiles([profile({ state: 'provisioned', ...changes })], now);

test('every profile counts once, by the status that clients see; those that are being deleted do not', () => {
	expect(one(synced).byStatus).toMatchObject({ success: 1, paused: 0 });
	expect(one({ ...synced, pausedSince: '2026-03-14T00:00:00Z' }).byStatus).toMatchObject({ success: 0, paused: 1 });
	expect(one({ ...synced, status: 'quarantined' }).byStatus).toMatchObject({ quarantined: 1 });
	const leaving = one({ ...synced, state: 'deleting' });
	expect(Object.values(leaving.byStatus).every((count) => count === 0)).toBe(true);
});

test.each([
	['2026-03-15T08:00:00Z', {}, 0],
	['2026-03-13T10:00:01Z', {}, 0],
	['2026-03-13T09:59:59Z', {}, 1],
	['2026-03-01T00:00:00Z', { pausedSince: '2026-03-02T00:00:00Z' }, 0],
	['2026-03-01T00:00:00Z', { expirationDate: '2026-03-10' }, 0],
	['2026-03-01T00:00:00Z', { status: 'error' as const }, 1],
	[undefined, { createdDateTime: '2026-01-01T00:00:00Z' }, 0],
])('a profile whose last sync was at %s, with %j, is overdue: %i', (last, changes, overdue) => {
	const lastSync = last ? { lastSynchronizationDateTime: last } : {};
	expect(
		one({ ...synced, ...lastSync, ...changes, ...(last ? {} : { lastSynchronizationDateTime: undefined as never }) })
			.overdue,
	).toBe(overdue);
});

test.each([
	[undefined, 0],
	['2026-03-15', 0],
	['2026-03-16', 1],
	['2026-03-29', 1],
	['2026-03-30', 0],
])('a profile that expires on %s is about to: %i', (expirationDate, expiring) => {
	expect(one({ ...synced, ...(expirationDate ? { expirationDate } : {}) }).expiring).toBe(expiring);
});

test('the profiles of all tenants are counted, page by page, each tenant once', async () => {
	const stored = Array.from({ length: 450 }, (_, index) =>
		profile({
			id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
			tenantId: index % 3 === 0 ? otherTenant : ownTenant,
			state: 'provisioned',
			...synced,
		}),
	);
	const deps = { profiles: fakeProfileStore(...stored), clock: fakeClock(now.toISOString()) };
	const counts = await countAllProfiles(deps, [ownTenant, otherTenant, ownTenant]);
	expect(counts.byStatus.success).toBe(450);
	expect((await countAllProfiles(deps, [otherTenant])).byStatus.success).toBe(150);
	expect(addCounts(counts, counts).byStatus.success).toBe(900);
});
