import { afterEach, expect, test } from 'vitest';
import { before, storageAccount } from '../../src/adapters/storage-account.ts';
import { startLoopbackServer } from '../support/telemetry/loopback-server.ts';

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

/** Any key will do: the server does not look at it. */
const accountKey = Buffer.from('a key of nobody').toString('base64');

function accountAt(url: string, onThrottle?: () => void) {
	const connectionString = `DefaultEndpointsProtocol=http;AccountName=one;AccountKey=${accountKey};TableEndpoint=${url}/one;`;
	return storageAccount({ kind: 'connectionString', connectionString }, onThrottle);
}

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
	const account = accountAt(server.url, () => throttled++);
	const table = await account.table('Profiles');
	expect(await table.getEntity('p', 'r')).toMatchObject({ kept: true });
	expect([throttled, answers.length]).toEqual([2, 0]);
});

/** Makes any table, reads one row, and leaves every other request without an answer. */
async function startSlowTables() {
	let asked = 0;
	const server = await startLoopbackServer((request, response) => {
		request.resume();
		if (request.method === 'GET') asked++;
		if (request.url?.includes('slow')) return;
		response.writeHead(request.method === 'GET' ? 200 : 201, { 'content-type': 'application/json' });
		response.end(JSON.stringify({ PartitionKey: 'p', RowKey: 'quick', kept: true }));
	});
	stop = server.stop;
	const table = await accountAt(server.url).table('Profiles');
	return { read: (row: string) => table.getEntity('p', row), asked: () => asked };
}

test('a request to a table ends at its deadline, and is not tried again', async () => {
	const { read, asked } = await startSlowTables();
	await expect(before(new Date(Date.now() + 100), () => read('slow'))).rejects.toThrow(/abort/i);
	// A slow machine may not even have sent it by then.
	const sent = asked();
	expect(sent).toBeLessThan(2);
	await expect(before(new Date(Date.now() - 1), () => read('quick'))).rejects.toThrow(/abort/i);
	expect(asked(), 'nothing is sent after the deadline').toBe(sent);
});

test('a deadline is for the work that it was given to, and for no other', async () => {
	const { read } = await startSlowTables();
	const late = before(new Date(Date.now() + 10), () => read('slow')).catch((error) => error);
	expect(await before(undefined, () => read('quick'))).toMatchObject({ kept: true });
	expect(await late).toMatchObject({ name: 'AbortError' });
	expect(await read('quick')).toMatchObject({ kept: true });
});
