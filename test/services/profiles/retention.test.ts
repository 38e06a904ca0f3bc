import { expect, test } from 'vitest';
import { newRunId } from '../../../src/domain/run-id.ts';
import { forgetOldRuns } from '../../../src/services/profiles/retention.ts';
import { sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import { fakeClock } from '../../support/fakes/clock.ts';
import { fakeHistoryStore } from '../../support/fakes/history-store.ts';
import { fakeOrchestrations } from '../../support/fakes/orchestrations.ts';
import { fakeProfileStore } from '../../support/fakes/profile-store.ts';
import { fakeRosterStore } from '../../support/fakes/roster-store.ts';
import { fakeRunStore } from '../../support/fakes/run-store.ts';
import { profile } from '../../support/rosters/profile-builder.ts';
import { newRun } from '../../support/rosters/run-builder.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

const day = (date: string) => new Date(`${date}T00:00:00Z`);

test('runs that are old enough go, in all tenants, but for those that their profile names', async () => {
	let ids = 0;
	const make = (date: string) => newRunId(day(date), (++ids).toString(16).padStart(18, '0'));
	const [accepted, old, recent] = [make('2025-01-01'), make('2025-02-01'), make('2026-02-20')];
	const owners = [ownTenant, otherTenant].map((tenantId, at) =>
		profile({ tenantId, id: `018f0000-0000-7000-8000-00000000000${at}`, acceptedRunId: accepted, latestRunId: recent }),
	);
	const runs = fakeRunStore(
		...owners.flatMap(({ tenantId, id: profileId }) =>
			[accepted, old, recent].map((id, at) =>
				newRun(day(['2025-01-01', '2025-02-01', '2026-02-20'][at] as string), {
					id,
					tenantId,
					profileId,
					phase: 'finish',
				}),
			),
		),
	);
	const forgotten: string[] = [];
	const orchestrations = {
		...fakeOrchestrations(),
		forgetBefore: async (time: Date) => void forgotten.push(time.toISOString()),
	};
	const deps = {
		profiles: fakeProfileStore(...owners),
		runs,
		histories: fakeHistoryStore(),
		rosters: fakeRosterStore(),
		orchestrations,
		clock: fakeClock('2026-03-01T00:00:00Z'),
	};
	await forgetOldRuns({ ...deps, retentionDays: 30, undoDays: 30 }, [ownTenant, otherTenant]);
	for (const { id } of owners)
		expect((await runs.list(id, { size: 9 })).items.map((run) => run.id)).toEqual([recent, accepted]);
	expect(forgotten).toEqual(['2026-01-30T00:00:00.000Z']);
});

test('the roster before the latest run goes when that cannot be undone any more, and never the accepted one', async () => {
	const owner = profile({ acceptedRunId: 'later' });
	const started = day('2026-02-01');
	const run = { tenantId: owner.tenantId, profileId: owner.id };
	const [rosters, histories] = [fakeRosterStore(), fakeHistoryStore()];
	const files = ['earlier', 'later'].map((runId) => sourcePath({ ...run, runId }, 'student'));
	for (const path of files) rosters.files.set(path, Buffer.from('rows'));
	const before = { runId: 'earlier', startedDateTime: started.toISOString(), files: {} };
	const record = { epoch: 'later', generation: 'first', last: 'later', before, files: {}, slices: {} };
	await histories.replace(owner.id, { record });
	const clock = fakeClock('2026-02-20T00:00:00Z');
	const runs = fakeRunStore(...['earlier', 'later'].map((id) => newRun(started, { ...run, id, sourceRunId: id })));
	const deps = {
		profiles: fakeProfileStore(owner),
		runs,
		histories,
		rosters,
		orchestrations: fakeOrchestrations(),
		clock,
	};
	const forget = () => forgetOldRuns({ ...deps, retentionDays: 365, undoDays: 30 }, [owner.tenantId]);
	await forget();
	expect([...rosters.files.keys()]).toEqual(files);
	clock.set('2026-03-04T00:00:00Z');
	await forget();
	expect([...rosters.files.keys()]).toEqual([files[1]]);
	expect((await histories.get(owner.id))?.record).toEqual({
		epoch: 'later',
		generation: 'first',
		last: 'later',
		files: {},
		slices: {},
	});
});
