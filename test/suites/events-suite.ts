import { describe, expect, test } from 'vitest';
import type { SyncEvent } from '../../src/domain/events.ts';
import type { Events } from '../../src/ports.ts';
import { ownTenant } from '../support/tenants.ts';

const run = {
	tenantId: ownTenant,
	profileId: '018f0000-0000-7000-8000-000000000001',
	runId: 'fe5a0000-0000-8abc-8def-0123456789ab',
};
const [startedDateTime, finishedDateTime] = ['2026-03-02T10:00:00.000Z', '2026-03-02T10:01:00.000Z'];

/** One of each shape. */
const events: readonly SyncEvent[] = [
	{ name: 'profile.created', tenantId: run.tenantId, profileId: run.profileId },
	{ name: 'holds.approved', ...run },
	{
		name: 'files.verified',
		...run,
		trigger: 'drop',
		isAccepted: false,
		rows: { school: 2 },
		findings: { Error: 1, Warning: 0, Information: 0 },
		durationMs: 12,
	},
	{ name: 'run.started', ...run, trigger: 'start' },
	{
		name: 'run.finished',
		...run,
		trigger: 'schedule',
		outcome: 'failed',
		failure: 'The run was lost in a crash.',
		startedDateTime,
		finishedDateTime,
		tallies: { student: { added: 1, changed: 0, removed: 0, unchanged: 2, failed: 1 } },
		directoryWrites: 3,
		heldRemovals: 0,
		errorCount: 1,
	},
];

/** The contract of the port, for all that want to know what happened. */
export function eventsSuite(name: string, open: () => Events): void {
	describe(`events ${name}`, () => {
		test.each(events)('are told at once, without an answer, and as they are: $name', (event) => {
			const told = structuredClone(event);
			expect(open().happened(event)).toBeUndefined();
			expect(event).toEqual(told);
		});

		test('may come by the thousand', () => {
			const listener = open();
			for (let time = 0; time < 1_000; time++)
				for (const event of events) listener.happened(Object.freeze({ ...event }));
		});
	});
}
