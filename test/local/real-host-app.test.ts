import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareNames, createRouter } from '../../src/local/http/http-routes.ts';
import { startWorker } from '../../src/local/worker/worker.ts';
import type { RegisteredFunction, Worker } from '../../src/local/worker/worker-contract.ts';
import { root } from '../support/hosts/test-host.ts';

/** What the rules of Azure's host mean for the functions that the app registers, whichever they are. */

let worker: Worker;
let functions: RegisteredFunction[];

beforeAll(async () => {
	worker = await startWorker({ appFolder: root, entry: 'src/main.ts', log() {} });
	functions = worker.functions.filter(({ trigger }) => trigger.type === 'httpTrigger');
});
afterAll(() => worker?.stop());

const routeOf = ({ trigger }: RegisteredFunction) => String(trigger.route);
const methodsOf = ({ trigger }: RegisteredFunction) => trigger.methods as string[];
const id = '018f0000-0000-7000-8000-000000000001';
/** A path that means the function and no other: ids are GUIDs. */
const ownPath = (each: RegisteredFunction) => `/${routeOf(each).replaceAll(/\{\*?\w+\}/g, id)}`;

describe('every HTTP function of the app', () => {
	test('is reached at its own path and for its methods, though the first name that fits wins', () => {
		const router = createRouter(worker.functions, '');
		expect(functions.length).toBeGreaterThan(30);
		for (const each of functions) {
			for (const method of methodsOf(each))
				expect(router(method, ownPath(each))?.target.name, `${method} ${ownPath(each)}`).toBe(each.name);
		}
	});

	test('can be asked with HEAD where it can with GET', () => {
		for (const each of functions)
			expect(methodsOf(each).includes('HEAD'), each.name).toBe(methodsOf(each).includes('GET'));
	});

	test('leaves the last name to the one for everything else, which takes every method that any has', () => {
		const names = functions.map(({ name }) => name);
		const last = functions.find(({ name }) => name === names.toSorted(compareNames).at(-1));
		expect(last && routeOf(last)).toBe('{*path}');
		// In an order that heeds case, too.
		expect(names.toSorted().at(-1)).toBe(last?.name);
		expect(new Set(last && methodsOf(last))).toEqual(new Set(functions.flatMap(methodsOf)));
	});
});

test('no two functions of any kind have one name, whatever the case: Azure would load neither', () => {
	const names = worker.functions.map(({ name }) => name.toLowerCase());
	expect(new Set(names).size).toBe(names.length);
});

describe('host.json', () => {
	const { extensions } = JSON.parse(readFileSync(path.join(root, 'host.json'), 'utf8'));

	test('lets a run go on a minute after a crash, and not after the five of the default', () => {
		// https://learn.microsoft.com/azure/durable-task/durable-functions/durable-functions-host-json-settings
		expect(extensions.durableTask.storageProvider).toMatchObject({
			type: 'AzureStorage',
			controlQueueVisibilityTimeout: '00:01:00',
			workItemQueueVisibilityTimeout: '00:01:00',
		});
	});

	test('puts nothing in front of the routes, which are whole paths', () => {
		expect(extensions.http.routePrefix).toBe('');
	});
});
