import { afterEach, expect, test } from 'vitest';
import { storageAccount } from '../../src/adapters/storage-account.ts';
import { startLoopbackServer } from '../support/telemetry/loopback-server.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

/** Any key will do: the server does not look at it. */
const accountKey = Buffer.from('a key of nobody').toString('base64');

test('whatever a table refuses because there were too many is told, each time, and tried again', async () => {
	const answers = [201, 503, 429, 200];
	const server = await startLoopbackServer((request, response) => {
		request.resume();
		const status = answers.shift() ?? 500;
		response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '1' });
		response.end(status === 200 ? JSON.stringify({ PartitionKey: 'p', RowKey: 'r', kept: true }) : '{}');
	});
	stop = server.stop;
	let throttled = 0;
	const connectionString = `DefaultEndpointsProtocol=http;AccountName=one;AccountKey=${accountKey};TableEndpoint=${server.url}/one;`;
	const account = storageAccount({ kind: 'connectionString', connectionString }, () => throttled++);
	const table = await account.table('Profiles');
	expect(await table.getEntity('p', 'r')).toMatchObject({ kept: true });
	expect([throttled, answers.length]).toEqual([2, 0]);
});
