import { describe, expect, test } from 'vitest';
import type { Profile } from '../../src/domain/profile.ts';
import type { ProfileRef } from '../../src/ports.ts';
import { runService } from '../../src/services/runs/runs.ts';
import { writeJson } from '../../src/services/sync/files/roster-files.ts';
import { holdsPath } from '../../src/services/sync/files/roster-paths.ts';
import { asyncRefusal } from '../support/requests/refusal.ts';
import { definition } from '../support/rosters/profile-builder.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { ownTenant } from '../support/tenants.ts';
import { serviceWorld } from '../support/worlds/service-world.ts';

const hold = (id: string, sisId: string) =>
	({ id, kind: 'studentEnrollment', scope: 'class', sisId, removals: 9, present: 9, people: 9 }) as const;

/** A run that is over and holds two classes. */
async function quarantined() {
	const world = serviceWorld();
	const { services, profiles } = world;
	const { id: profileId } = await services.profiles.create(ownTenant, { definition: definition() });
	const ref: ProfileRef = { tenantId: ownTenant, profileId };
	const settle = async () => {
		while (await world.engine.step());
	};
	const profile = async () => (await profiles.get(ownTenant, profileId))?.profile as Profile;
	await settle();
	for (const [name, text] of Object.entries(smallRoster())) world.uploads.put(profileId, name, text as string);
	await services.starts.start(ref);
	await settle();
	const run = { ...ref, runId: (await profile()).latestRunId as string };
	await writeJson(world.rosters, holdsPath(run), { etag: '"both"', holds: [hold('one', 'C1'), hold('two', 'C2')] });
	const stored = await profiles.get(ownTenant, profileId);
	if (stored)
		await profiles.replace(stored, {
			...stored.profile,
			status: 'quarantined',
			statusMessage: 'Held: 18\r\nProcessed',
		});
	const runs = runService(world);
	const list = async () => runs.holds(run);
	const told = () => world.events.told.filter(({ name }) => name.startsWith('holds.')).length;
	const { approveHolds, discardHolds } = services.lifecycle;
	return { ...world, ref, run, settle, profile, list, told, approveHolds, discardHolds };
}

describe('one hold', () => {
	test('is discarded alone: the other waits on, under another name', async () => {
		const { run, profile, list, told, discardHolds } = await quarantined();
		await discardHolds({ run, etag: '"both"', holdId: 'one' });
		const left = await list();
		expect(left.holds.map(({ id }) => id)).toEqual(['two']);
		expect(left.etag).not.toBe('"both"');
		const { status, statusMessage } = await profile();
		expect([status, statusMessage]).toEqual(['quarantined', expect.stringMatching(/^Held: 9 .*"C2".*\r\nProcessed$/)]);
		// Asked once more it is done; what was not looked at as it is now is not.
		await discardHolds({ run, etag: '"both"', holdId: 'one' });
		expect((await asyncRefusal(discardHolds({ run, etag: '"both"', holdId: 'two' }))).code).toBe('PreconditionFailed');
		await discardHolds({ run, etag: left.etag, holdId: 'two' });
		expect(await profile()).toMatchObject({ status: 'success', statusMessage: 'Processed' });
		expect([(await list()).holds, told()]).toEqual([[], 2]);
	});

	test('is approved alone, and its run says which', async () => {
		const { run, runs, profile, settle, approveHolds } = await quarantined();
		await approveHolds({ run, etag: '"both"', holdId: 'two' });
		await settle();
		const latest = await runs.get(run.profileId, (await profile()).latestRunId as string);
		expect(latest).toMatchObject({ reason: 'approval', approvedRunId: run.runId, approvedHolds: ['two'] });
	});

	test('that is not there, or was not looked at, cannot be decided about', async () => {
		const { run, approveHolds, discardHolds } = await quarantined();
		for (const decide of [approveHolds, discardHolds]) {
			expect((await asyncRefusal(decide({ run, etag: '"both"', holdId: 'three' }))).code).toBe('ResourceNotFound');
			expect((await asyncRefusal(decide({ run, etag: '', holdId: 'one' }))).code).toBe('BadRequest');
			expect((await asyncRefusal(decide({ run, etag: '"other"', holdId: 'one' }))).code).toBe('PreconditionFailed');
		}
	});
});

describe('what was discarded', () => {
	test('cannot be approved any more, be it one hold or all', async () => {
		const { run, list, approveHolds, discardHolds } = await quarantined();
		await discardHolds({ run, etag: '"both"', holdId: 'one' });
		const { etag } = await list();
		const refusal = await asyncRefusal(approveHolds({ run, etag, holdId: 'one' }));
		expect([refusal.code, refusal.message]).toEqual(['Conflict', expect.stringContaining('it was discarded')]);
		await discardHolds({ run, etag });
		for (const name of ['"both"', etag, '*', ''])
			expect((await asyncRefusal(approveHolds({ run, etag: name }))).message).toContain('it was discarded');
	});

	test('is no part of an approval of the rest', async () => {
		const { run, runs, list, profile, settle, approveHolds, discardHolds } = await quarantined();
		await discardHolds({ run, etag: '"both"', holdId: 'one' });
		await approveHolds({ run, etag: (await list()).etag });
		await settle();
		const latest = await runs.get(run.profileId, (await profile()).latestRunId as string);
		expect(latest?.approvedHolds).toEqual(['two']);
	});
});

test('what a dry run would hold can be looked at, and not be approved', async () => {
	const { run, runs, list, approveHolds } = await quarantined();
	const record = await runs.get(run.profileId, run.runId);
	if (record) await runs.save({ ...record, isDryRun: true });
	expect((await list()).holds).toHaveLength(2);
	const { code, message } = await asyncRefusal(approveHolds({ run, etag: '"both"' }));
	expect([code, message]).toEqual(['Conflict', expect.stringContaining('it was a dry run')]);
});
