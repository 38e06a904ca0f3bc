import { describe, expect, test } from 'vitest';
import { createEngine } from '../../../src/local/durable/engine/engine.ts';
import { durableClientInput } from '../../../src/local/durable/management/client-input.ts';
import type { InstanceStore } from '../../../src/local/durable/storage/instance-store.ts';
import { systemClock } from '../../../src/local/host-clock.ts';
import { createRecordingWorker, functionOf } from '../support/recording-worker.ts';

test('an app with an entity is refused, with its name', () => {
	const worker = createRecordingWorker([functionOf('Counter', { type: 'entityTrigger' })]);
	const store = {} as InstanceStore;
	const create = () => createEngine({ worker, store, clock: systemClock, maxConcurrentActivities: 1, log() {} });
	expect(create).toThrow('function "Counter" is a durable entity');
});

describe('the client input', () => {
	const input = JSON.parse(
		durableClientInput({ origin: 'http://127.0.0.1:7071', hubName: 'Hub', systemKey: 'key' }),
	) as Record<string, Record<string, string>>;

	test('has the addresses that the SDK asks for', () => {
		const base = 'http://127.0.0.1:7071/runtime/webhooks/durabletask';
		expect(input).toMatchObject({
			taskHubName: 'Hub',
			connectionName: null,
			baseUrl: base,
			requiredQueryStringParameters: 'code=key',
			rpcBaseUrl: 'http://127.0.0.1:7071/durabletask/',
			httpBaseUrl: null,
		});
		expect(input.creationUrls).toEqual({
			createNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?code=key`,
			createAndWaitOnNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=key`,
		});
	});

	test('has management links with the placeholder for the id', () => {
		const { id, ...links } = input.managementUrls ?? {};
		expect(id).toBe('INSTANCEID');
		expect(Object.keys(links)).toHaveLength(8);
		for (const link of Object.values(links)) {
			expect(link).toContain('/instances/INSTANCEID');
			expect(link).toMatch(/[?&]taskHub=Hub&connection=Storage&code=key$/);
		}
	});
});
