import { describe, expect, test } from 'vitest';
import { type Profile, profileStates, syncStatuses } from '../../../src/domain/profile.ts';
import type { UploadStore } from '../../../src/ports.ts';
import { uploadService } from '../../../src/services/intake/uploads.ts';
import { fakeClock } from '../../support/fakes/clock.ts';
import { fakeEvents } from '../../support/fakes/events.ts';
import { fakeProfileStore } from '../../support/fakes/profile-store.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { profile, profileId } from '../../support/rosters/profile-builder.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

const ref = { tenantId: ownTenant, profileId };

function ask(stored: Profile, now = '2026-03-02T10:00:00Z'): Promise<string> {
	const uploads = { signUrl: async (id: string) => `https://uploads.example.org/${id}?signed` } as UploadStore;
	const deps = { profiles: fakeProfileStore(stored), uploads, clock: fakeClock(now), events: fakeEvents() };
	return uploadService(deps).getUploadUrl(ref);
}

describe('an upload URL', () => {
	test.each(['paused', 'success', 'error', 'validationError', 'quarantined'] as const)(
		'is given while the status is %s',
		async (status) => {
			expect(await ask(profile({ status }))).toBe(`https://uploads.example.org/${profileId}?signed`);
		},
	);

	const busy = syncStatuses.filter((status) => ['extracting', 'validating', 'inProgress'].includes(status));
	test.each(busy)('is refused while the status is %s', async (status) => {
		const { code, message } = await asyncRefusal(ask(profile({ status })));
		expect([code, message]).toEqual([
			'Conflict',
			`Cannot get an upload URL for profile "${profileId}": its status is "${status}", and it must be idle. Wait until the running sync has finished.`,
		]);
	});

	test('is refused while a start verifies the files, and no longer than its claim lives', async () => {
		const claimed = profile({ claim: { runId: 'run', until: '2026-03-02T10:00:30Z' } });
		expect((await asyncRefusal(ask(claimed, '2026-03-02T10:00:29Z'))).code).toBe('Conflict');
		expect(await ask(claimed, '2026-03-02T10:00:30Z')).toContain('signed');
	});

	test.each(profileStates.filter((state) => state !== 'provisioned'))('is refused in state %s', async (state) => {
		expect((await asyncRefusal(ask(profile({ state })))).code).toBe('Conflict');
	});

	test('of another tenant is not there', async () => {
		expect((await asyncRefusal(ask(profile({ tenantId: otherTenant })))).code).toBe('ResourceNotFound');
	});
});
