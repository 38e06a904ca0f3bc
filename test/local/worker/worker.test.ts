import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withDurableClientInput } from '../../../src/local/durable/management/durable-client-input.ts';
import { startWorker } from '../../../src/local/worker/worker.ts';
import type { TypedData, Worker } from '../../../src/local/worker/worker-contract.ts';

const appFolder = new URL('../fixtures/worker-app', import.meta.url).pathname;
const logged: string[] = [];
let seen: string[];
let worker: Worker;

beforeAll(async () => {
	const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
	worker = await startWorker({ appFolder, entry: 'main.ts', log });
	({ seen } = await import('../fixtures/worker-app/main.ts'));
});
beforeEach(() => {
	logged.length = 0;
	seen.length = 0;
});

function call(name: string, data: TypedData, of = worker) {
	const target = of.functions.find((candidate) => candidate.name === name);
	return of.invoke(name, { inputData: [{ name: target?.trigger.name ?? '', data }] });
}

describe('a loaded app', () => {
	test('has its functions with their triggers', () => {
		const triggers = Object.fromEntries(worker.functions.map(({ name, trigger }) => [name, trigger.type]));
		expect(triggers).toEqual({
			wrapped: 'activityTrigger',
			failing: 'activityTrigger',
			forgiven: 'activityTrigger',
			logging: 'activityTrigger',
			listSchools: 'httpTrigger',
		});
	});

	test('reports the capabilities of the worker', () => {
		expect(worker.capabilities).toMatchObject({ RawHttpBodyBytes: 'true', RpcHttpBodyOnly: 'true' });
		expect(worker.capabilities.HttpUri).toBeUndefined();
	});

	test('can register nothing any more', async () => {
		const { app } = await import('@azure/functions');
		const register = () => app.http('late', { handler: () => ({}) });
		expect(register).toThrow('only during app startup');
	});

	test('is the only one in its process', async () => {
		const again = startWorker({ appFolder, entry: 'main.ts', log() {} });
		await expect(again).rejects.toThrow('this process has loaded one already');
	});
});

describe('an invocation', () => {
	test('lets preInvocation hooks replace inputs and handler, and shares hookData with the post hooks', async () => {
		const { returnValue } = await call('wrapped', { json: '{"a":1}' });
		expect(JSON.parse(returnValue?.json ?? '')).toEqual({ wrapped: { replaced: { a: 1 } } });
		expect(seen).toEqual(['pre wrapped', 'post wrapped shared ok']);
	});

	test("rejects with the handler's own error", async () => {
		await expect(call('failing', { string: 'x' })).rejects.toThrow(new RangeError('invented failure'));
		expect(seen).toEqual(['pre failing', 'post failing shared RangeError: invented failure']);
	});

	test('lets postInvocation hooks forgive an error', async () => {
		const { returnValue } = await call('forgiven', { string: 'x' });
		expect(JSON.parse(returnValue?.json ?? '')).toEqual({ forgiven: true });
	});

	test('passes user lines through the log hooks', async () => {
		await call('logging', { string: 'x' });
		expect(logged).toContain('information hooked: a line');
	});

	test('gets the durableClient input, whatever the trigger, when it has such a binding', async () => {
		const input = { taskHubName: 'hub', creationUrls: {}, managementUrls: {} };
		const client = withDurableClientInput(worker, () => JSON.stringify(input));
		const { returnValue } = await call('logging', { string: 'x' }, client);
		expect(JSON.parse(returnValue?.json ?? '')).toEqual({ extra: input });
	});

	test('of an unknown function says so', async () => {
		await expect(worker.invoke('gone', { inputData: [] })).rejects.toThrow('no function with this id');
	});
});

afterAll(async () => {
	await worker.stop();
	expect(seen).toContain('appTerminate');
});
