import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { SyncEvent } from '../../src/domain/events.ts';
import type { SafetySettings } from '../../src/domain/safety.ts';
import { markFailed } from '../../src/services/profiles/provisioning.ts';
import { definition } from '../support/rosters/profile-builder.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { ownTenant } from '../support/tenants.ts';
import { serviceWorld } from '../support/worlds/service-world.ts';

async function setUp() {
	const world = serviceWorld();
	const { id: profileId } = await world.services.profiles.create(ownTenant, { definition: definition() });
	const ref = { tenantId: ownTenant, profileId };
	const settle = async () => {
		while (await world.engine.step());
	};
	const upload = (changes = {}) => {
		for (const [name, content] of Object.entries(smallRoster(changes)))
			world.uploads.put(profileId, name, content as string);
	};
	/** What was told since it was asked last. */
	const news = () => world.events.told.splice(0);
	await settle();
	return { ...world, ref, settle, upload, news };
}

const names = (events: readonly SyncEvent[]) => events.map(({ name }) => name);
const faultyTeachers = {
	'Teacher.csv': 'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\nT1,S1,,Elm,velm,Welcome-2026!\r\n',
};

describe('what happens to a profile', () => {
	test('is told in its order, with its ids', async () => {
		const { services, ref, settle, news } = await setUp();
		const created = news();
		expect(names(created)).toEqual(['profile.created', 'profile.provisioned']);
		for (const event of created) expect(event).toMatchObject(ref);
		await services.profiles.update(ref, () => ({ definition: definition({ displayName: 'Another name' }) }));
		await settle();
		await services.uploads.getUploadUrl(ref);
		await services.lifecycle.pause(ref);
		await services.lifecycle.resume(ref);
		await services.profiles.delete(ref);
		await settle();
		expect(names(news())).toEqual([
			'profile.changed',
			'profile.provisioned',
			'upload.allowed',
			'profile.paused',
			'profile.resumed',
			'profile.deleted',
			'profile.removed',
		]);
	});

	test('says that safety was turned off, once, and by whom it was is in the audit', async () => {
		const { services, ref, settle, news } = await setUp();
		const told = async (safety: SafetySettings) => {
			news();
			await services.profiles.update(ref, () => ({ definition: definition({ safety }) }));
			await settle();
			return names(news()).filter((name) => name !== 'profile.provisioned');
		};
		expect(await told({ percent: 5 })).toEqual(['profile.changed']);
		expect(await told({ studentEnrollment: 'off' })).toEqual(['profile.changed', 'safety.turnedOff']);
		expect(await told({ studentEnrollment: 'off', percent: 5 })).toEqual(['profile.changed']);
		expect(await told('off')).toEqual(['profile.changed', 'safety.turnedOff']);
		await services.profiles.create(ownTenant, { definition: definition({ safety: 'off' }) });
		expect(names(news())).toEqual(['profile.created', 'safety.turnedOff']);
	});

	test('is not told when it is refused', async () => {
		const { services, ref, news } = await setUp();
		news();
		const nobody = { ...ref, profileId: '00000000-0000-4000-8000-000000000000' };
		await expect(
			services.profiles.update(ref, () => {
				throw new Error('wrong body');
			}),
		).rejects.toThrow();
		await expect(services.lifecycle.pause(nobody)).rejects.toThrow();
		await expect(services.profiles.delete(nobody)).rejects.toThrow();
		await expect(services.uploads.getUploadUrl(nobody)).rejects.toThrow();
		expect(news()).toEqual([]);
	});

	test('is told when it could not be done', async () => {
		const { profiles, events, ref, news } = await setUp();
		news();
		await markFailed({ profiles, events }, ref, 'provisioning');
		await markFailed({ profiles, events }, ref, 'deleting');
		expect(names(news())).toEqual(['profile.provisioningFailed', 'profile.removalFailed']);
	});
});

describe('a run', () => {
	test('is told from its files to its end, and says why it ran', async () => {
		const { services, ref, settle, upload, news, reports, runs } = await setUp();
		upload();
		news();
		await services.starts.start(ref);
		await settle();
		const told = news();
		expect(names(told)).toEqual(['files.verified', 'run.started', 'run.finished']);
		expect(new Set(told.map(({ runId }) => runId)).size).toBe(1);
		expect(told[0]).toMatchObject({
			trigger: 'start',
			isAccepted: true,
			rows: { student: 4, studentEnrollment: 5 },
			findings: { Error: 0, Warning: 0, Information: 0 },
		});
		expect(told[2]).toMatchObject({ trigger: 'start', outcome: 'success' });
		await services.lifecycle.reset(ref);
		await settle();
		const reset = news();
		expect(names(reset)).toEqual(['profile.reset', 'files.verified', 'run.started', 'run.finished']);
		expect(reset[3]).toMatchObject({ trigger: 'reset', outcome: 'success' });
		const [latest] = (await runs.list(ref.profileId, { size: 1 })).items;
		await text(await reports.get({ ...ref, runId: latest?.id as string }));
		expect(news()).toEqual([{ name: 'report.read', ...ref, runId: latest?.id }]);
	});

	test('of refused files is told as refused, with its findings, and never as started', async () => {
		const { services, ref, upload, news } = await setUp();
		upload(faultyTeachers);
		news();
		await services.starts.start(ref);
		const told = news();
		expect(names(told)).toEqual(['files.verified', 'run.finished']);
		expect(told[0]).toMatchObject({ isAccepted: false });
		expect((told[0] as { findings: { Error: number } }).findings.Error).toBeGreaterThan(0);
		expect(told[1]).toMatchObject({ outcome: 'refused' });
	});

	test('that is ended by a reset is told as ended, once', async () => {
		const { services, ref, settle, upload, news } = await setUp();
		upload();
		await services.starts.start(ref);
		news();
		await services.lifecycle.reset(ref);
		await settle();
		const ends = news().filter((event) => event.name === 'run.finished');
		expect(ends.map(({ trigger, outcome }) => [trigger, outcome])).toEqual([
			['start', 'terminated'],
			['reset', 'success'],
		]);
	});

	test('that was lost in a crash is told as failed, with its cause', async () => {
		const { services, ref, upload, engine, news } = await setUp();
		upload();
		await services.starts.start(ref);
		engine.lose(ref.profileId);
		news();
		upload();
		await services.starts.start(ref);
		expect(news()).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ name: 'run.finished', outcome: 'failed', failure: 'The run was lost in a crash.' }),
			]),
		);
	});
});

test('events hold nothing that a school or a person wrote', async () => {
	const { services, ref, settle, upload, events } = await setUp();
	upload(faultyTeachers);
	await services.starts.start(ref);
	upload();
	await services.starts.start(ref);
	await settle();
	const all = JSON.stringify(events.told);
	for (const word of ['velm', 'Elm', 'Welcome-2026!', 'Maths', 'North School', definition().displayName])
		expect(all).not.toContain(word);
});
