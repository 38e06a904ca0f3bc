import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../src/http/operations.ts';
import { startWorker } from '../../src/local/worker/worker.ts';
import type { Worker } from '../../src/local/worker/worker-contract.ts';
import { root } from '../support/hosts/test-host.ts';

let worker: Worker;

beforeAll(async () => {
	worker = await startWorker({ appFolder: root, entry: 'src/main.ts', log: () => {} });
});

afterAll(() => worker?.stop());

describe('the app registers', () => {
	test('every operation at its route, for its method, open to the token check', () => {
		for (const { name, method, route } of Object.values(operations)) {
			const found = worker.functions.find((each) => each.name === name);
			expect(found?.trigger, name).toMatchObject({
				type: 'httpTrigger',
				methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
				route,
				authLevel: 'anonymous',
			});
			expect(
				found?.bindings.map(({ type }) => type),
				name,
			).toContain('durableClient');
		}
	});

	test('no other HTTP functions but those for other spellings, for the description and for health', () => {
		const names = worker.functions.filter(({ trigger }) => trigger.type === 'httpTrigger').map(({ name }) => name);
		expect(names.sort()).toEqual(
			[...Object.keys(operations), 'zOtherSpellings', 'openApi', 'health', 'healthReady'].sort(),
		);
	});

	test('streaming, without which chunked bodies are lost', () => {
		expect(worker.capabilities).toHaveProperty('HttpUri');
	});
});
