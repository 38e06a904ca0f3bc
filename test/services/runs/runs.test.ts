import { describe, expect, test } from 'vitest';
import type { Run } from '../../../src/domain/run.ts';
import { runService } from '../../../src/services/runs/runs.ts';
import { fakeProfileStore } from '../../support/fakes/profile-store.ts';
import { fakeRosterStore } from '../../support/fakes/roster-store.ts';
import { fakeRunStore } from '../../support/fakes/run-store.ts';
import { profile, profileId } from '../../support/profile-builder.ts';
import { asyncRefusal } from '../../support/refusal.ts';
import { newRun } from '../../support/run-builder.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

const ref = { tenantId: ownTenant, profileId };

const run = (started: string, changes: Partial<Run> = {}) => newRun(new Date(started), changes);

const morning = run('2026-03-02T08:00:00.000Z');

function setUp(...runs: Run[]) {
	const store = fakeRunStore(...runs);
	return {
		store,
		service: runService({ profiles: fakeProfileStore(profile()), runs: store, rosters: fakeRosterStore() }),
	};
}

describe('runs', () => {
	test('are listed with the newest first', async () => {
		const noon = run('2026-03-02T12:00:00.000Z');
		const { service } = setUp(morning, noon);
		const { items } = await service.list(ref, { size: 10 });
		expect(items.map(({ id }) => id)).toEqual([noon.id, morning.id]);
	});

	test('of another tenant are not there, by list or by id', async () => {
		const { service } = setUp(morning);
		const foreign = { ...ref, tenantId: otherTenant };
		expect((await asyncRefusal(service.list(foreign, { size: 10 }))).code).toBe('ResourceNotFound');
		expect((await asyncRefusal(service.get({ ...foreign, runId: morning.id }))).code).toBe('ResourceNotFound');
	});

	test('that never were are not there', async () => {
		const { message } = await asyncRefusal(setUp().service.get({ ...ref, runId: morning.id }));
		expect(message).toContain(morning.id);
	});
});

describe('the progress of a run', () => {
	const target = { ...ref, runId: morning.id };
	const progressOf = async ({ service }: ReturnType<typeof setUp>) => {
		const { phase, progress } = await service.get(target);
		return [phase, progress];
	};

	test('is the sum over the steps of its phase', async () => {
		const setup = setUp(morning);
		await setup.store.reportProgress(target, 'shard/student', { done: 5, total: 10 });
		await setup.store.reportProgress(target, 'shard/teacher', { done: 1, total: 2 });
		expect(await progressOf(setup)).toEqual(['shard', { done: 6, total: 12 }]);
	});

	test('goes on to the phase that still has something to do', async () => {
		const setup = setUp({ ...morning, phase: 'schools' });
		await setup.store.reportProgress(target, 'schools/school/0', { done: 2, total: 2 });
		await setup.store.reportProgress(target, 'users/student/0', { done: 3, total: 7 });
		expect(await progressOf(setup)).toEqual(['users', { done: 3, total: 7 }]);
		await setup.store.reportProgress(target, 'users/student/0', { done: 7, total: 7 });
		await setup.store.reportProgress(target, 'memberships/studentEnrollment/0', { done: 0, total: 4 });
		expect(await progressOf(setup)).toEqual(['memberships', { done: 0, total: 4 }]);
	});

	test('ends in the last phase', async () => {
		const setup = setUp({ ...morning, phase: 'schools' });
		expect((await progressOf(setup))[0]).toBe('finish');
	});

	test('no longer counts once the run has ended', async () => {
		const setup = setUp({ ...morning, phase: 'finish', outcome: 'success' });
		expect(await progressOf(setup)).toEqual(['finish', { done: 0, total: 0 }]);
	});
});
