import { request as openRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SpawnedHost, spawnHost } from '../../src/local/process/spawn-host.ts';
import { expectSoon } from './support/soon.ts';

const appFolder = new URL('./fixtures/http-app', import.meta.url).pathname;

describe.each([
	{ mode: 'buffered', STREAM: '0' },
	{ mode: 'streaming', STREAM: '1' },
])('HTTP in $mode mode', ({ mode, STREAM }) => {
	let host: SpawnedHost;
	const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);

	beforeAll(async () => {
		host = await spawnHost({ appFolder, entry: 'main.ts', inMemory: true, settings: { STREAM } });
	});
	afterAll(() => host.stop());

	test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
		'%s reaches its handler with url, params and headers',
		async (method) => {
			const body = method === 'GET' ? null : 'hello';
			const response = await call('/v1/echo/a%20b?q=1', { method, body, headers: { 'x-custom': 'yes' } });
			expect(response.status).toBe(200);
			expect(response.headers.get('content-type')).toBe('application/json');
			expect(await response.json()).toEqual({
				url: `${host.url}/v1/echo/a%20b?q=1`,
				method,
				// With streaming, options are among them.
				params: mode === 'streaming' ? { id: 'a b', q: '1' } : { id: 'a b' },
				query: ['1'],
				header: 'yes',
				body: body ?? '',
			});
		},
	);

	test('HEAD is a method like any other, without a body in the answer', async () => {
		const response = await call('/v1/echo/1', { method: 'HEAD' });
		expect(response.status).toBe(200);
		expect(response.headers.get('x-seen-method')).toBe('HEAD');
		expect(await response.text()).toBe('');
	});

	test('repeated query keys come joined in buffered mode and apart in streaming mode, as on Azure', async () => {
		const { query } = (await (await call('/v1/echo/1?q=1&q=2')).json()) as { query: string[] };
		expect(query).toEqual(mode === 'buffered' ? ['1,2'] : ['1', '2']);
	});

	test.each([
		['/v1/items', 'GET', 'listItems', {}],
		['/v1/items', 'POST', 'createItem', {}],
		// The first name that fits, and not the most specific route, as on Azure.
		['/v1/items/new', 'GET', 'itemByName', { name: 'new' }],
		['/v1/ITEMS/x', 'GET', 'itemByName', { name: 'x' }],
		[
			'/v1/items/5d3c1f6a-9b7e-4c21-8a54-2f0e6b1d7c90',
			'GET',
			'itemByGuid',
			{ id: '5d3c1f6a-9b7e-4c21-8a54-2f0e6b1d7c90' },
		],
		['/v1/optional/1', 'GET', 'optional', { a: '1' }],
		['/v1/optional/1/2', 'GET', 'optional', { a: '1', b: '2' }],
		['/v1/rest/a/b', 'GET', 'rest', { path: 'a/b' }],
	])('%s with %s is for %s', async (path, method, name, params) => {
		expect(await (await call(path, { method })).json()).toEqual({ name, params });
	});

	test('an unknown path and a wrong method are both 404 without a body', async () => {
		for (const response of [
			await call('/v1/unknown'),
			await call('/items'),
			await call('/v1/items', { method: 'PUT' }),
		]) {
			expect(response.status).toBe(404);
			expect(await response.text()).toBe('');
		}
	});

	test('the root shows the home page', async () => {
		expect((await call('/')).headers.get('content-type')).toBe('text/html');
	});

	test('each cookie is a header of its own', async () => {
		const [first, second] = (await call('/v1/cookies')).headers.getSetCookie();
		expect(first?.split('; ').sort()).toEqual(
			['first=a%20b', 'HttpOnly', 'Max-Age=60', 'Path=/', 'SameSite=None', 'Secure'].sort(),
		);
		expect(second).toBe('second=2');
	});

	test.each([201, 204, 304, 404, 503])('status %i passes, with the body that it may have', async (code) => {
		const response = await call(`/v1/status/${code}`);
		expect(response.status).toBe(code);
		expect(await response.text()).toBe(code === 204 || code === 304 ? '' : 'text');
	});

	test('bytes pass unchanged, and large ones too', async () => {
		const bytes = Uint8Array.from({ length: 3_000_000 }, (_value, index) => index % 251);
		const response = await call('/v1/bytes', { method: 'POST', body: bytes });
		const answer = new Uint8Array(await response.arrayBuffer());
		expect(Buffer.compare(answer, bytes.toReversed())).toBe(0);
	});

	test('a handler that throws gives 500 with an empty body, and a line in the log without a stack trace', async () => {
		const response = await call('/v1/fails');
		expect(response.status).toBe(500);
		expect(await response.text()).toBe('');
		await expectSoon(() => host.log()).toContain('GET /v1/fails failed: invented failure');
		expect(host.log()).not.toMatch(/\n\s+at /);
	});

	test('a streamed answer arrives whole', async () => {
		expect(await (await call('/v1/chunks')).text()).toBe('one two');
	});

	test('a chunked request body is dropped in buffered mode, as on Azure, and arrives in streaming mode', async () => {
		const answer = await sendChunked(`${host.url}/v1/echo/1`, ['one ', 'two']);
		expect((JSON.parse(answer) as { body: string }).body).toBe(mode === 'buffered' ? '' : 'one two');
	});

	test('webhooks need their system key, in the query or in the header', async () => {
		for (const path of ['blobs', 'durabletask/instances/']) {
			const response = await call(`/runtime/webhooks/${path}?code=wrong`, { method: 'POST' });
			expect(response.status).toBe(401);
			expect(await response.text()).toBe('');
		}
	});

	test('ping answers, and the manual run of a timer that does not exist is 404', async () => {
		expect((await call('/admin/host/ping')).status).toBe(200);
		expect((await call('/admin/functions/gone', { method: 'POST' })).status).toBe(404);
	});

	test('a page of another site gets nothing, by a cross-site request or by a name that points here', async () => {
		expect((await call('/v1/items', { headers: { origin: 'https://example.org' } })).status).toBe(403);
		expect((await call('/v1/items', { headers: { origin: 'http://localhost:3000' } })).status).toBe(200);
		expect(await statusWithHost(`${host.url}/v1/items`, 'example.org')).toBe(403);
	});

	test('a body beyond the limit of Azure is refused before it is sent', async () => {
		const { port } = new URL(host.url);
		const request = openRequest({
			port,
			method: 'POST',
			path: '/v1/bytes',
			headers: { 'content-length': 104_857_601 },
		});
		request.flushHeaders();
		const status = await new Promise((resolve) => request.on('response', ({ statusCode }) => resolve(statusCode)));
		request.on('error', () => {}).destroy();
		expect(status).toBe(413);
	});

	if (mode === 'buffered') {
		test('a handler that returns nothing gives 204', async () => {
			expect((await call('/v1/nothing')).status).toBe(204);
		});
	} else {
		test('a handler that returns nothing is 500 at once, instead of after the four minutes of Azure', async () => {
			expect((await call('/v1/nothing')).status).toBe(500);
			expect((await call('/v1/items')).status).toBe(200);
		});
	}
});

async function sendChunked(url: string, parts: string[]): Promise<string> {
	const request = openRequest(url, { method: 'POST' });
	for (const part of parts) request.write(part);
	request.end();
	return await new Promise((resolve, reject) => {
		request.on('error', reject).on('response', (response) => resolve(text(response)));
	});
}

async function statusWithHost(url: string, host: string): Promise<number | undefined> {
	const request = openRequest(url, { headers: { host } }).end();
	return await new Promise((resolve, reject) => {
		request.on('error', reject).on('response', (response) => {
			response.resume();
			resolve(response.statusCode);
		});
	});
}
