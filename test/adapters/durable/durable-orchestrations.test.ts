import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { durableOrchestrations } from '../../../src/adapters/durable/durable-orchestrations.ts';
import type { Orchestrations } from '../../../src/ports.ts';
import { type DurableStandIn, startDurableStandIn } from '../../support/hosts/durable-stand-in.ts';
import { profileId } from '../../support/rosters/profile-builder.ts';
import { ownTenant } from '../../support/tenants.ts';

const ref = { tenantId: ownTenant, profileId };
const instance = `sync-${profileId}`;

let durable: DurableStandIn;
let orchestrations: Orchestrations;

beforeEach(async () => {
	durable = await startDurableStandIn();
	const client = df.input.durableClient();
	const context = new InvocationContext({ functionName: 'test', options: { extraInputs: [client] } });
	context.extraInputs.set(client, durable.clientData);
	orchestrations = durableOrchestrations(df.getClient(context));
});

afterEach(() => durable.stop());

describe('a sync that is told to stand still', () => {
	test('twice is told once: the platform refuses the second time', async () => {
		durable.statuses.set(instance, 'Running');
		await orchestrations.suspendSync(ref);
		await orchestrations.suspendSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('suspended');
		expect(durable.commands).toEqual([`suspend ${instance}`]);
	});

	test('by two instances at once is no failure', async () => {
		durable.statuses.set(instance, 'Running');
		durable.beforeCommand = () => durable.statuses.set(instance, 'Suspended');
		await orchestrations.suspendSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('suspended');
	});

	test('shows it when the call is over, however late that shows', async () => {
		durable.statuses.set(instance, 'Running');
		durable.looksUntilEffect = 3;
		await orchestrations.suspendSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('suspended');
	});

	test('after it has ended is no failure', async () => {
		durable.statuses.set(instance, 'Running');
		durable.beforeCommand = () => durable.statuses.set(instance, 'Completed');
		await orchestrations.suspendSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('none');
	});
});

describe('a sync that is told to go on', () => {
	test('twice is told once', async () => {
		durable.statuses.set(instance, 'Suspended');
		await orchestrations.resumeSync(ref);
		await orchestrations.resumeSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('running');
		expect(durable.commands).toEqual([`resume ${instance}`]);
	});

	test('by two instances at once is no failure', async () => {
		durable.statuses.set(instance, 'Suspended');
		durable.beforeCommand = () => durable.statuses.set(instance, 'Running');
		await orchestrations.resumeSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('running');
	});

	test.each(['Running', 'Completed', 'Failed', undefined])('is not told while it is %s', async (status) => {
		if (status) durable.statuses.set(instance, status);
		await orchestrations.resumeSync(ref);
		expect(durable.commands).toEqual([]);
	});

	test('fails where the platform itself does', async () => {
		durable.statuses.set(instance, 'Suspended');
		durable.beforeCommand = () => {
			durable.isBroken = true;
		};
		await expect(orchestrations.resumeSync(ref)).rejects.toThrow();
	});
});

describe('a sync that is ended', () => {
	test('has ended when the call is over, so that the next one can be started', async () => {
		durable.statuses.set(instance, 'Suspended');
		durable.looksUntilEffect = 3;
		await orchestrations.endSync(ref);
		expect(await orchestrations.syncState(ref)).toBe('none');
	});
});

describe('a sync that is started', () => {
	const run = { ...ref, runId: 'run', generation: 'one' };

	test('waits until the platform has recorded the end of the one before', async () => {
		durable.statuses.set(instance, 'Terminated');
		durable.refusedStarts = 3;
		expect(await orchestrations.startSync(run)).toBe(true);
		expect(durable.started).toMatchObject([{ instanceId: instance, input: run }]);
	});

	test('gives way to one that is faster', async () => {
		durable.beforeCommand = () => {
			durable.statuses.set(instance, 'Running');
			durable.refusedStarts = 1;
		};
		expect(await orchestrations.startSync(run)).toBe(false);
		expect(durable.started).toEqual([]);
	});
});

describe('the events of the files of one set', () => {
	test('start one orchestration, also where two come at once', async () => {
		durable.beforeCommand = () => {
			// The other event was faster, and its orchestration has even ended.
			durable.statuses.set(`settle-${profileId}-set`, 'Completed');
			durable.refusedStarts = 1;
		};
		await orchestrations.settleUploads(ref, 'set');
		expect(durable.started).toEqual([]);
	});

	test('fail where nothing was started', async () => {
		durable.refusedStarts = 1;
		await expect(orchestrations.settleUploads(ref, 'set')).rejects.toThrow();
	});
});

test('ids of instances hold nothing that a URL must encode', async () => {
	await orchestrations.startSync({ ...ref, runId: 'run', generation: 'one' });
	await orchestrations.settleUploads(ref, 'a'.repeat(32));
	for (const { instanceId } of durable.started) expect(encodeURIComponent(instanceId)).toBe(instanceId);
});

test('what has ended is forgotten by the time at which it began, and what has not never', async () => {
	const asked: unknown[] = [];
	const client = {
		purgeInstanceHistoryBy: async (filter: unknown) => void asked.push(filter),
	} as unknown as df.DurableClient;
	const time = new Date('2026-03-02T10:00:00Z');
	await durableOrchestrations(client).forgetBefore(time);
	expect(asked).toEqual([
		{
			createdTimeFrom: expect.any(Date),
			createdTimeTo: time,
			runtimeStatus: ['Completed', 'Failed', 'Terminated', 'Canceled'],
		},
	]);
});
