import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectEvents, filter } from '../../infra/connect-events/event-subscription.ts';
import { restClient } from '../../infra/rest.ts';
import { root, startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import { type ManagementStandIn, startManagementStandIn } from '../support/infra/management-stand-in.ts';

let host: TestHost;
let azure: ManagementStandIn;
let said: string[] = [];
let slept: number[] = [];
let isUp = true;
let realKey = '';

beforeAll(async () => {
	host = await startTestHost();
	const keys = JSON.parse(await readFile(path.join(host.dataFolder, 'system-keys.json'), 'utf8'));
	realKey = keys.blobs_extension;
});

afterAll(() => host?.dispose());

beforeEach(async () => {
	azure = await startManagementStandIn((endpoint) =>
		endpoint
			.replace('https://app.azurewebsites.net', isUp ? host.url : `${host.url}/nowhere`)
			.replace('code=a%2Bnew%2Fkey%3D', `code=${realKey}`),
	);
	azure.systemKeys = { blobs_extension: realKey };
	[said, slept, isUp] = [[], [], true];
});

afterEach(() => azure.stop());

const azureApi = (endpoint = azure.url, token = 'a-token') =>
	restClient({
		name: 'Azure',
		endpoint,
		setting: 'AZURE_MANAGEMENT_ENDPOINT',
		needs: 'It takes a role.',
		passing: [409],
		token: async () => token,
		sleep: async (milliseconds) => void slept.push(milliseconds),
	});

const connect = ({ token = 'a-token', appName = 'app' } = {}) =>
	connectEvents(
		azureApi(azure.url, token),
		{ subscriptionId: 'sub', resourceGroup: 'group', appName, topicName: 'topic' },
		(line) => said.push(line),
	);

const writes = () => azure.requests.filter((request) => request.startsWith('PUT')).length;

describe('the event subscription', () => {
	test('is created, and the real webhook of the app answers its handshake', async () => {
		expect(await connect()).toBe('created');
		expect(azure.subscription).toMatchObject({
			destination: {
				endpointType: 'WebHook',
				properties: {
					endpointUrl: `https://app.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.uploadedFile&code=${realKey}`,
				},
			},
			filter,
		});
	});

	test('is left alone when it is as it should be', async () => {
		await connect();
		expect(await connect()).toBe('unchanged');
		expect(writes()).toBe(1);
	});

	test('takes up a key that was rotated, and what somebody changed', async () => {
		await connect();
		azure.systemKeys = { blobs_extension: 'a+new/key=' };
		expect(await connect()).toBe('updated');
		expect(JSON.stringify(azure.subscription)).toContain('code=a%2Bnew%2Fkey%3D');
		azure.subscription = { ...azure.subscription, filter: { ...filter, advancedFilters: [] } };
		expect(await connect()).toBe('updated');
		expect(azure.subscription).toMatchObject({ filter });
		expect(await connect()).toBe('unchanged');
	});

	test('is tried again when its first try failed', async () => {
		isUp = false;
		await expect(connect()).rejects.toThrow('Event Grid did not accept the webhook (Failed)');
		isUp = true;
		expect(await connect()).toBe('updated');
	});

	test('waits for an app that has not started, and gives up with words', async () => {
		azure.startsAfter = 3;
		expect(await connect()).toBe('created');
		expect(said[0]).toContain('Waiting until the app has started');
		expect(slept.length).toBeGreaterThanOrEqual(3);
		azure.systemKeys = { durabletask_extension: 'other' };
		await expect(connect()).rejects.toThrow('has no key "blobs_extension"');
	});

	test('waits as long as Azure is busy, and as long as it says', async () => {
		azure.refusals = [
			{ method: 'GET', status: 429, retryAfter: 7 },
			{ method: 'PUT', status: 409 },
			{ method: 'PUT', status: 503 },
		];
		expect(await connect()).toBe('created');
		expect(slept).toEqual(expect.arrayContaining([7_000]));
		expect(writes()).toBe(3);
	});

	test('needs a token, an app and the permission', async () => {
		await expect(connect({ token: 'wrong' })).rejects.toThrow('Azure answers 401 (AuthenticationFailed)');
		await expect(connect({ appName: 'other' })).rejects.toThrow('There is no function app "other"');
		azure.refusals = [{ method: 'PUT', status: 403 }];
		await expect(connect()).rejects.toThrow(/Azure answers 403 \(Refused\).* It takes a role\.$/);
	});

	test('is told of without its key', async () => {
		await connect();
		azure.refusals = [{ method: 'PUT', status: 403 }];
		azure.systemKeys = { blobs_extension: 'a+new/key=' };
		const error = await connect().catch(String);
		const told = [...said, error].join('\n');
		expect(told).not.toMatch(/new.{1,3}key|master/);
		expect(told).not.toContain(realKey);
	});
});

describe('the management API', () => {
	test.each(['http://management.azure.com', 'management.azure.com', 'ftp://127.0.0.1'])(
		'gets no token at %s',
		(endpoint) => {
			expect(() => azureApi(endpoint)).toThrow('AZURE_MANAGEMENT_ENDPOINT must be an https URL');
		},
	);

	test('that cannot be reached is named', async () => {
		await azure.stop();
		await expect(azureApi().get('/a')).rejects.toThrow(`Cannot reach ${azure.url} (ECONN`);
	});
});

/** As Event Grid judges: all filters must be met, each by one of its values. */
function passes(subject: string): boolean {
	const judged = subject.toLowerCase();
	return filter.advancedFilters.every(({ operatorType, values }) => {
		const wanted = values.map((value) => value.toLowerCase());
		if (operatorType === 'StringBeginsWith') return wanted.some((value) => judged.startsWith(value));
		if (operatorType === 'StringNotBeginsWith') return !wanted.some((value) => judged.startsWith(value));
		return wanted.some((value) => judged.includes(value));
	});
}

describe('the filter', () => {
	const at = (container: string, blob = '/blobs/School.csv') => `/blobServices/default/containers/${container}${blob}`;

	test('lets uploads of every profile through', () => {
		for (const digit of '0123456789abcdef')
			expect(passes(at(`${digit}18f0000-0000-7000-8000-000000000001`)), digit).toBe(true);
		expect(passes(at('018f0000-0000-7000-8000-000000000001', '/blobs/folder/School.csv'))).toBe(true);
	});

	test.each([
		at('rosters'),
		at('$logs'),
		at('azure-webjobs-hosts'),
		at('app-package'),
		at('018f0000-0000-7000-8000-000000000001', ''),
	])('keeps %s away', (subject) => {
		expect(passes(subject)).toBe(false);
	});

	test('has no more values than Event Grid takes', () => {
		expect(filter.advancedFilters.flatMap(({ values }) => values).length).toBeLessThanOrEqual(25);
	});
});

test('the command names what it needs, and what it is for', async () => {
	const run = (...args: string[]) =>
		promisify(execFile)(
			process.execPath,
			['--disable-warning=ExperimentalWarning', 'infra/connect-events/main.ts', ...args],
			{
				cwd: root,
				env: { PATH: process.env.PATH },
			},
		);
	expect((await run('--help')).stdout).toContain('Usage: npm run connect-events');
	const error = (await run('--app', 'x').catch((failure) => failure)) as { code: number; stderr: string };
	expect(error.code).toBe(1);
	expect(error.stderr).toContain('--topic (or EVENT_TOPIC_NAME)');
	expect(error.stderr).not.toContain('--app (or');
});
