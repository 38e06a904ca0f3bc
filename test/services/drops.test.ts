import { describe, expect, test } from 'vitest';
import type { ProfileRef } from '../../src/ports.ts';
import { isComplete, sortUploads, uploadSetId } from '../../src/services/upload-names.ts';
import { definition } from '../support/profile-builder.ts';
import { smallRoster } from '../support/roster.ts';
import { serviceWorld } from '../support/service-world.ts';
import { ownTenant } from '../support/tenants.ts';

async function setUp() {
	const world = serviceWorld();
	const { id: profileId } = await world.services.profiles.create(ownTenant, { definition: definition() });
	const ref: ProfileRef = { tenantId: ownTenant, profileId };
	await world.engine.step();
	for (const [name, text] of Object.entries(smallRoster())) world.uploads.put(profileId, name, text as string);
	const set = sortUploads(await world.uploads.list(profileId, 10));
	expect(isComplete(set)).toBe(true);
	const runs = async () => (await world.runs.list(profileId, { size: 9 })).items;
	return { ...world, ref, setId: uploadSetId(set), runs };
}

describe('uploads that have rested', () => {
	test('start a sync by themselves', async () => {
		const { services, ref, setId, runs } = await setUp();
		expect(await services.drops.settle(ref, setId)).toEqual({});
		expect(await runs()).toMatchObject([{ reason: 'drop' }]);
	});

	test('of a profile that was paused wait for its resume, which takes them', async () => {
		const { services, ref, setId, runs } = await setUp();
		await services.lifecycle.pause(ref);
		expect(await services.drops.settle(ref, setId)).toEqual({});
		expect(await runs()).toEqual([]);
		await services.lifecycle.resume(ref);
		expect(await runs()).toMatchObject([{ reason: 'resume' }]);
	});

	test('ask again later while a run is under way', async () => {
		const { services, ref, setId, uploads, runs } = await setUp();
		await services.starts.start(ref);
		expect(await services.drops.settle(ref, setId)).toEqual({ waitMs: expect.any(Number) });
		expect(await runs()).toHaveLength(1);
		expect(await uploads.list(ref.profileId, 10)).toHaveLength(6);
	});
});
