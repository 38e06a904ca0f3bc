import { describe, expect, test } from 'vitest';
import { type Profile, profileStates } from '../../../src/domain/profile.ts';
import { profileService } from '../../../src/services/profiles/profiles.ts';
import { fakeClock } from '../../support/fakes/clock.ts';
import { fakeEvents } from '../../support/fakes/events.ts';
import { fakeOrchestrations } from '../../support/fakes/orchestrations.ts';
import { fakeProfileStore } from '../../support/fakes/profile-store.ts';
import { fakeRosterStore } from '../../support/fakes/roster-store.ts';
import { fakeSecretStore } from '../../support/fakes/secret-store.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { definition, profile, profileId } from '../../support/rosters/profile-builder.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

const ref = { tenantId: ownTenant, profileId };

function setUpWith(limits: { maxProfiles?: number }, ...stored: Profile[]) {
	const profiles = fakeProfileStore(...stored);
	const orchestrations = fakeOrchestrations();
	const clock = fakeClock();
	const secrets = fakeSecretStore();
	const rosters = fakeRosterStore();
	const deps = { profiles, rosters, secrets, orchestrations, clock, events: fakeEvents(), newId: () => profileId };
	const service = profileService({ ...deps, ...limits });
	const current = async () => (await profiles.get(ownTenant, profileId))?.profile;
	return { profiles, orchestrations, clock, service, current, secrets, rosters };
}

const setUp = (...stored: Profile[]) => setUpWith({}, ...stored);

describe('create', () => {
	test('stores a profile that waits for its first start, and has it provisioned', async () => {
		const { service, orchestrations, current } = setUp();
		const created = await service.create(ownTenant, { definition: definition() });
		expect(created).toEqual({
			...definition(),
			id: profileId,
			tenantId: ownTenant,
			state: 'provisioning',
			stateSince: '2026-03-02T10:00:00.000Z',
			status: 'paused',
			statusMessage: '',
			errorCount: 0,
			snapshotGeneration: profileId,
			createdDateTime: '2026-03-02T10:00:00.000Z',
		});
		expect(await current()).toEqual(created);
		expect(orchestrations.asked).toEqual([`provision ${profileId}`]);
	});

	test.each([
		['2026-03-01', false],
		['2026-03-02', false],
		['2026-03-03', true],
	])('with the expiration date %s on 2 March is accepted: %s', async (expirationDate, isAccepted) => {
		const { service, current } = setUp();
		const outcome = service.create(ownTenant, { definition: definition({ expirationDate }) });
		if (isAccepted) expect((await outcome).expirationDate).toBe(expirationDate);
		else {
			const { code, message } = await asyncRefusal(outcome);
			expect([code, message]).toEqual([
				'BadRequest',
				`The expiration date is "${expirationDate}", and it must be later than today (2026-03-02, UTC).`,
			]);
			expect(await current()).toBeUndefined();
		}
	});

	test('that cannot be handed over leaves nothing', async () => {
		const { service, orchestrations, current } = setUp();
		orchestrations.isBroken = true;
		await expect(service.create(ownTenant, { definition: definition() })).rejects.toThrow('out of reach');
		expect(await current()).toBeUndefined();
	});
});

describe('what a tenant may have', () => {
	test('is limited if the operator says so', async () => {
		const { service } = setUpWith({ maxProfiles: 1 }, profile());
		const { code, message } = await asyncRefusal(service.create(ownTenant, { definition: definition() }));
		expect([code, message]).toEqual([
			'Conflict',
			'Cannot create another profile: the tenant has 1, and at most 1 are allowed. Delete one first.',
		]);
		expect((await service.create(otherTenant, { definition: definition() })).tenantId).toBe(otherTenant);
	});
});

describe('a client secret', () => {
	const provider = {
		kind: 'powerSchool',
		connectionUrl: 'https://sis.example.org',
		clientId: 'client',
		schoolsIds: [],
		allowTeachersInMultipleSchools: false,
		customizations: {},
	} as const;
	const served = definition({ dataProvider: provider });

	test('is kept apart from the profile, and replaced only by another one', async () => {
		const { service, secrets, current } = setUp();
		await service.create(ownTenant, { definition: served, clientSecret: 'first' });
		expect(JSON.stringify(await current())).not.toContain('first');
		expect(await secrets.get(ref)).toBe('first');
		await expect(service.update(ref, () => ({ definition: served }))).rejects.toThrow('"provisioning"');
		expect(await secrets.get(ref)).toBe('first');
	});

	test('of a provider of another kind is not stored: a profile keeps its source', async () => {
		const { service, secrets, current } = setUp(profile());
		const outcome = service.update(ref, () => ({ definition: served, clientSecret: 'other' }));
		const { code, extras } = await asyncRefusal(outcome);
		expect([code, extras.details?.[0]?.target]).toEqual(['BadRequest', 'dataProvider/@odata.type']);
		expect(await secrets.get(ref)).toBeUndefined();
		expect((await current())?.dataProvider.kind).toBe('csv');
	});

	test('goes where the profile cannot be made', async () => {
		const { service, orchestrations, secrets } = setUp();
		orchestrations.isBroken = true;
		const outcome = service.create(ownTenant, { definition: served, clientSecret: 'first' });
		await expect(outcome).rejects.toThrow('out of reach');
		expect(await secrets.get(ref)).toBeUndefined();
	});
});

describe('get and list', () => {
	test('know only the profiles of the tenant', async () => {
		const { service } = setUp(profile());
		expect((await service.get(ref)).id).toBe(profileId);
		const { code } = await asyncRefusal(service.get({ ...ref, tenantId: otherTenant }));
		expect(code).toBe('ResourceNotFound');
		expect((await service.list(otherTenant, { size: 10 })).items).toEqual([]);
	});
});

describe('update', () => {
	test('keeps what the service knows, takes over what the client says, and provisions again', async () => {
		const stored = profile({
			status: 'success',
			errorCount: 3,
			latestRunId: 'run',
			expirationDate: '2030-01-01',
			refusal: { runId: 'run', setId: 'set', byDrop: true, etags: {}, faultyKinds: [] },
		});
		const { service, orchestrations, current } = setUp(stored);
		await service.update(ref, () => ({ definition: definition({ displayName: 'Fabrikam' }) }));
		const { refusal, expirationDate: _, ...kept } = stored;
		// The refused files are still those, but may pass under the new settings.
		const outdated = { refusal: { ...refusal, isOutdated: true } };
		const anew = { state: 'provisioning', stateSince: '2026-03-02T10:00:00.000Z' };
		expect(await current()).toEqual({ ...kept, ...outdated, displayName: 'Fabrikam', ...anew });
		expect(orchestrations.asked).toEqual([`provision ${profileId}`]);
	});

	test('forgets why provisioning failed', async () => {
		const { service, current } = setUp(profile({ state: 'provisioningFailed', stateReason: 'No container.' }));
		await service.update(ref, () => ({ definition: definition() }));
		expect(await current()).not.toHaveProperty('stateReason');
	});

	test('is applied to what another request has just written', async () => {
		const { service, profiles, current } = setUp(profile());
		profiles.beforeReplace = async () => {
			profiles.beforeReplace = undefined;
			const stored = await profiles.get(ownTenant, profileId);
			if (stored) await profiles.replace(stored, { ...stored.profile, status: 'inProgress', latestRunId: 'theirs' });
		};
		await service.update(ref, (present) => ({ definition: { ...present, displayName: 'Mine' } }));
		expect(await current()).toMatchObject({ displayName: 'Mine', status: 'inProgress', latestRunId: 'theirs' });
	});

	test('may keep a date that has come, but not set one', async () => {
		const { service } = setUp(profile({ expirationDate: '2026-01-01' }));
		await service.update(ref, (present) => ({ definition: { ...present, displayName: 'Still expired' } }));
		const other = setUp(profile());
		const { code } = await asyncRefusal(
			other.service.update(ref, () => ({ definition: definition({ expirationDate: '2026-01-01' }) })),
		);
		expect(code).toBe('BadRequest');
	});

	test('that cannot be handed over may be repeated', async () => {
		const { service, orchestrations, current } = setUp(profile());
		orchestrations.isBroken = true;
		await expect(service.update(ref, () => ({ definition: definition() }))).rejects.toThrow('out of reach');
		expect(await current()).toMatchObject({ state: 'provisioningFailed', stateReason: expect.any(String) });
		orchestrations.isBroken = false;
		expect((await service.update(ref, () => ({ definition: definition() }))).state).toBe('provisioning');
	});

	test('of a profile that is not there is told so', async () => {
		const { code } = await asyncRefusal(setUp().service.update(ref, () => ({ definition: definition() })));
		expect(code).toBe('ResourceNotFound');
	});
});

describe('delete', () => {
	test.each(profileStates)('in state %s begins the removal, again if need be', async (state) => {
		const { service, orchestrations, current } = setUp(
			profile({ state, status: 'inProgress', stateReason: 'Because.' }),
		);
		await service.delete(ref);
		await service.delete(ref);
		expect(await current()).toMatchObject({ state: 'deleting' });
		expect(await current()).not.toHaveProperty('stateReason');
		expect(orchestrations.asked).toEqual([`remove ${profileId}`, `remove ${profileId}`]);
	});

	test('of a profile of another tenant is a 404, and leaves it alone', async () => {
		const { service, orchestrations, current } = setUp(profile());
		const { code } = await asyncRefusal(service.delete({ ...ref, tenantId: otherTenant }));
		expect(code).toBe('ResourceNotFound');
		expect([(await current())?.state, orchestrations.asked]).toEqual(['provisioned', []]);
	});
});

describe('notifications', () => {
	const notifications = { url: 'https://receiver.example.org/hook' };
	const own = { ...ref, name: 'notifications' } as const;
	const trouble = { noticeTrouble: { state: 'stopped', since: '2026-03-01T00:00:00Z' } } as const;

	test('need a secret, which is kept apart from that of the provider', async () => {
		const { service, secrets, current } = setUp();
		const bare = service.create(ownTenant, { definition: definition({ notifications }) });
		expect((await asyncRefusal(bare)).extras.details).toMatchObject([{ target: 'notifications/secret' }]);
		expect(await current()).toBeUndefined();
		await service.create(ownTenant, { definition: definition({ notifications }), notificationSecret: 'signs' });
		expect([await secrets.get(own), await secrets.get(ref)]).toEqual(['signs', undefined]);
		expect(JSON.stringify(await current())).not.toContain('signs');
	});

	test('keep their secret when they change', async () => {
		const { service, secrets } = setUp(profile({ notifications }));
		await secrets.put(own, 'signs');
		await service.update(ref, (current) => ({
			definition: { ...current, notifications: { ...notifications, events: ['run.held'] } },
		}));
		expect(await secrets.get(own)).toBe('signs');
	});

	test('lose their secret when they go', async () => {
		const { service, secrets } = setUp(profile({ notifications }));
		await secrets.put(own, 'signs');
		await service.update(ref, ({ notifications: _, ...rest }) => ({ definition: rest }));
		expect(await secrets.get(own)).toBeUndefined();
	});

	test('that were stopped stay so until they change', async () => {
		const renamed = setUp(profile({ notifications, ...trouble }));
		await renamed.service.update(ref, (current) => ({ definition: { ...current, displayName: 'Other' } }));
		expect(await renamed.current()).toMatchObject(trouble);
		for (const change of [{ notificationSecret: 'new' }, { url: 'https://other.example.org/' }]) {
			const { service, current } = setUp(profile({ notifications, ...trouble }));
			const { notificationSecret, url = notifications.url } = change as { notificationSecret?: string; url?: string };
			await service.update(ref, (before) => ({
				definition: { ...before, notifications: { url } },
				...(notificationSecret ? { notificationSecret } : {}),
			}));
			expect((await current())?.noticeTrouble).toBeUndefined();
		}
	});
});
