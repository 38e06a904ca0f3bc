import { describe, expect, test } from 'vitest';
import { newRunRecord } from '../../../src/services/runs/run-launch.ts';
import { fakeClock } from '../../support/fakes/clock.ts';
import { profileId } from '../../support/rosters/profile-builder.ts';
import { ownTenant } from '../../support/tenants.ts';

const run = { tenantId: ownTenant, profileId, runId: '0a000000-0000-8000-8000-000000000001' };
const basis = { reason: 'start', sourceRunId: run.runId, acceptedFiles: [], rows: {}, errorCount: 0 } as const;

describe('the record of a run', () => {
	test('says who asked for it', () => {
		const record = newRunRecord({ clock: fakeClock(), actor: { id: 'ada', appId: 'client' } }, run, basis);
		expect(record).toMatchObject({ actorId: 'ada', appId: 'client', reason: 'start' });
	});

	test('of what happened by itself names nobody', () => {
		const record = newRunRecord({ clock: fakeClock() }, run, { ...basis, reason: 'drop' });
		expect(record).not.toHaveProperty('actorId');
		expect(record).not.toHaveProperty('appId');
	});
});
