import { describe, expect, test } from 'vitest';
import type { Run, RunOutcome, RunReason } from '../../../src/domain/run.ts';
import { runResource } from '../../../src/http/answers/run-resource.ts';
import { answerList, type ListAnswer } from '../../../src/http/odata/lists/list-answer.ts';
import { readQuery } from '../../../src/http/odata/query-options.ts';
import { queryShapes } from '../../../src/http/odata/query-shapes.ts';
import type { JsonObject } from '../../../src/http/requests/request-body.ts';
import type { PageRequest } from '../../../src/ports.ts';
import { runService } from '../../../src/services/runs/runs.ts';
import { fakeProfileStore } from '../../support/fakes/profile-store.ts';
import { fakeRosterStore } from '../../support/fakes/roster-store.ts';
import { fakeRunStore } from '../../support/fakes/run-store.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { profile, profileId } from '../../support/rosters/profile-builder.ts';
import { newRun } from '../../support/rosters/run-builder.ts';
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

describe('what follows from the progress of a run', () => {
	const target = { ...ref, runId: morning.id };
	const at = (second: number) => `2026-03-02T08:00:${String(second).padStart(2, '0')}.000Z`;

	test('is shown with it: phases, rate, percent and time left', async () => {
		const { store, service } = setUp({ ...morning, phase: 'schools', actorId: 'ada', appId: 'client' });
		await store.reportProgress(target, 'shard/rows', { done: 90, total: 90, since: at(0), until: at(1) });
		await store.reportProgress(target, 'schools/school/0/0', { done: 10, total: 10, since: at(2), until: at(3) });
		await store.reportProgress(target, 'users/student/0/0', { done: 20, total: 50, since: at(3), until: at(13) });
		await store.reportProgress(target, 'users/teacher/0/0', { done: 10, total: 20, since: at(4), until: at(8) });
		await store.reportProgress(target, 'memberships/studentEnrollment/0/0', { done: 0, total: 120 });
		expect(await service.get(target)).toMatchObject({
			phase: 'users',
			actorId: 'ada',
			appId: 'client',
			phases: [
				{ phase: 'shard', done: 90, total: 90 },
				{ phase: 'schools', done: 10, total: 10 },
				{ phase: 'users', done: 30, total: 70 },
				{ phase: 'memberships', done: 0, total: 120 },
			],
			recordsPerSecond: 3,
			percent: 20,
			secondsLeft: 54,
		});
	});

	test('is only what is known', async () => {
		expect(await setUp({ ...morning, phase: 'verify' }).service.get(target)).toMatchObject({ phases: [] });
		for (const name of ['recordsPerSecond', 'percent', 'secondsLeft'])
			expect(await setUp({ ...morning, phase: 'verify' }).service.get(target)).not.toHaveProperty(name);
	});
});

describe('a thousand runs', () => {
	const outcomes = ['success', 'error', 'refused', 'failed', 'terminated'] as const;
	const reasons = ['start', 'drop', 'reset', 'schedule'] as const;
	const first = Date.parse('2026-01-01T00:00:00Z');
	const all = Array.from({ length: 1_000 }, (_, hour) =>
		newRun(new Date(first + hour * 3_600_000), {
			outcome: outcomes[hour % outcomes.length] as RunOutcome,
			reason: reasons[hour % reasons.length] as RunReason,
			actorId: hour % 2 === 0 ? 'ada' : 'bo',
		}),
	);

	/** Every page, as a client that follows the links gets it. */
	async function pagesOf(options: string) {
		const { service } = setUp(...all);
		const source = {
			page: (page: PageRequest) => service.list(ref, page),
			keyOf: ({ id }: Run) => id,
			isKey: () => true,
			toJson: runResource,
		};
		const pages: JsonObject[][] = [];
		for (let next: string | undefined = ''; next !== undefined; ) {
			const query = readQuery(new URLSearchParams(options), queryShapes.runs);
			const answer: ListAnswer = await answerList(next === '' ? query : { ...query, continuation: next }, source);
			pages.push(answer.items);
			next = answer.continuation;
		}
		return pages;
	}

	const newestFirst = all.map(({ id }) => id).reverse();

	test('are paged through, newest first, each once', async () => {
		const pages = await pagesOf('$top=300');
		expect(pages.map((page) => page.length)).toEqual([300, 300, 300, 100]);
		expect(pages.flat().map(({ id }) => id)).toEqual(newestFirst);
	});

	test('are filtered by outcome, reason and who asked for them', async () => {
		const pages = await pagesOf("$filter=outcome eq 'failed' and reason eq 'schedule' and actorId eq 'bo'&$top=20");
		const wanted = all.filter(
			(each) => each.outcome === 'failed' && each.reason === 'schedule' && each.actorId === 'bo',
		);
		expect(wanted.length).toBeGreaterThan(40);
		expect(
			pages
				.map((page) => page.length)
				.slice(0, -1)
				.every((length) => length === 20),
		).toBe(true);
		expect(pages.flat().map(({ id }) => id)).toEqual(wanted.map(({ id }) => id).reverse());
	});
});
