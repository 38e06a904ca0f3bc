import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SpawnedHost, spawnHost } from '../../src/local/process/spawn-host.ts';
import { expectSoon } from './support/soon.ts';

/**
 * Point by point what Azure's own host was seen to do with HTTP requests. Its siblings `real-host-*.test.ts` go on with the app's
 * functions, Durable Functions, blobs and timers. Where this host differs on purpose, the name of the test says so.
 */

let host: SpawnedHost;

beforeAll(async () => {
	const appFolder = new URL('./fixtures/real-host-app', import.meta.url).pathname;
	host = await spawnHost({ appFolder, entry: 'main.ts', inMemory: true });
});
afterAll(() => host?.stop());

interface Seen {
	name: string;
	url: string;
	params: Record<string, string>;
	authorization: string | null;
	body: string;
}

const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
const see = async (path: string, init?: RequestInit) => (await (await call(path, init)).json()) as Seen;
const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
	see(path, {
		method: 'POST',
		body: JSON.stringify(body),
		headers: { 'content-type': 'application/json', ...headers },
	});

/** Sends exactly these lines, and answers with everything that comes back. */
async function raw(...lines: string[]): Promise<string> {
	const { hostname, port } = new URL(host.url);
	const socket = connect(Number(port), hostname);
	socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
	return await text(socket);
}
const local = () => `Host: ${new URL(host.url).host}`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe('params', () => {
	test('hold every query option beside those of the route', async () => {
		expect((await see('/items/1?$top=2&q=a&q=b')).params).toEqual({ itemId: '1', $top: '2', q: 'a,b' });
	});

	test('hold the members of a JSON body with a length that are no object or list, as text', async () => {
		const body = { text: 'a', number: 5, yes: true, nothing: null, list: [1], object: { a: 1 } };
		expect((await send('/items/1', body)).params).toEqual({ itemId: '1', text: 'a', number: '5', yes: 'True' });
	});

	test.each(['[1]', '"text"', '{', '{}'])('hold nothing of the body %s', async (body) => {
		expect((await see('/items/1', { method: 'POST', body })).params).toEqual({ itemId: '1' });
	});

	test('hold nothing of a chunked body, which the host does not read', async () => {
		const { params, body } = await see('/items/1', {
			method: 'POST',
			body: ReadableStream.from([Buffer.from('{"a":"b"}')]),
			duplex: 'half',
		} as RequestInit);
		expect([params, body]).toEqual([{ itemId: '1' }, '{"a":"b"}']);
	});

	test('take the value of the route, in the spelling of whatever had the name before', async () => {
		expect((await see('/items/1?ITEMID=2')).params).toEqual({ ITEMID: '1' });
		expect((await send('/items/1?itemid=2', { itemID: '3' })).params).toEqual({ itemID: '1' });
	});

	test('leave out the option "code", which is the host\'s own', async () => {
		expect((await see('/items/1?code=a')).params).toEqual({ itemId: '1' });
	});

	test('keep an encoded slash, and nothing else that is encoded', async () => {
		expect((await see('/items/a%20b%2Fc%2fd%24')).params).toEqual({ itemId: 'a b%2Fc%2fd$' });
	});
});

describe('headers', () => {
	const authorization = 'Bearer token';

	test('reach the function', async () => {
		expect((await see('/items/1', { headers: { authorization } })).authorization).toBe(authorization);
	});

	test.each(['Headers', 'headers', 'HEADERS'])('are lost to an option or a member with the name %s', async (name) => {
		expect((await see(`/items/1?${name}=x`, { headers: { authorization } })).authorization).toBeNull();
		expect((await send('/items/1', { [name]: 'x' }, { authorization })).authorization).toBeNull();
	});

	test('are replaced by those that an object with their name has', async () => {
		const seen = await send('/items/1', { Headers: { authorization: 'Bearer other' } }, { authorization });
		expect(seen.authorization).toBe('Bearer other');
	});

	test('of an answer are spelled in the canonical way, with the server and the invocation', async () => {
		const answer = await raw('GET /items/1 HTTP/1.1', local());
		expect(answer).toMatch(/^Content-Type: application\/json\r$/m);
		expect(answer).toMatch(/^ETag: "1"\r$/m);
		expect(answer).toMatch(/^x-own: kept\r$/m);
		expect(answer).toMatch(/^Server: Kestrel\r$/m);
		expect(answer).toMatch(/^x-ms-invocation-id: [0-9a-f-]{36}\r$/m);
	});
});

describe('bodies', () => {
	test('with a length are read whole before the function is called', async () => {
		const { hostname, port } = new URL(host.url);
		const before = await callCount();
		const socket = connect(Number(port), hostname);
		const answer = text(socket);
		socket.write(`POST /items/1 HTTP/1.1\r\n${local()}\r\nContent-Length: 8\r\nConnection: close\r\n\r\nhalf`);
		await expectSoon(async () => (await call('/items/2')).status).toBe(200);
		expect(await callCount()).toBe(before + 1);
		socket.write('half');
		expect(await answer).toContain('"body":"halfhalf"');
		expect(await callCount()).toBe(before + 2);
	});

	test('of a client that goes away in the middle are no error', async () => {
		const { hostname, port } = new URL(host.url);
		const socket = connect(Number(port), hostname);
		socket.write(`POST /items/gone HTTP/1.1\r\n${local()}\r\nContent-Length: 8\r\n\r\nhalf`, () => socket.destroy());
		await new Promise((resolve) => socket.on('close', resolve));
		expect((await call('/items/1')).status).toBe(200);
		expect(host.log()).not.toContain('/items/gone');
	});

	const callCount = async () => ((await (await call('/calls')).json()) as string[]).length;
});

describe('routes', () => {
	test('are asked in the order of function names, however specific they are', async () => {
		expect((await see('/items/$count')).name).toBe('countItems');
		expect((await see('/items/x')).name).toBe('getItem');
		expect((await see('/late')).name).toBe('yEverything');
	});

	test('end with the catch-all for whatever the host itself does not know', async () => {
		for (const path of ['/', '/admin', '/admin/x', '/admin/host/status', '/runtime', '/runtime/x', '/items/1/2'])
			expect((await see(path)).name, path).toBe('yEverything');
	});

	test.each(['/runtime/webhooks/blobs', '/runtime/webhooks/durabletask/instances/', '/runtime/webhooks/x'])(
		'%s is a webhook: 401 without its key',
		async (path) => {
			const response = await call(path, { method: 'POST' });
			expect([response.status, await response.text()]).toEqual([401, '']);
		},
	);

	test('of a path that begins with two slashes are none', async () => {
		expect(statusOf(await raw('GET //items/1 HTTP/1.1', local()))).toBe(404);
		expect(statusOf(await raw('GET // HTTP/1.1', local()))).toBe(404);
		expect((await see('/a//b')).name).toBe('yEverything');
	});

	test('are looked for without dot segments, encoded ones included', async () => {
		const answer = await raw('GET /x/%2e%2E/items/./1 HTTP/1.1', local());
		expect(answer).toContain('"name":"getItem"');
		expect(answer).toContain(`"url":"${host.url}/items/1"`);
	});

	test('for GET may be asked with HEAD, which has the headers alone', async () => {
		const [get, head] = await Promise.all([call('/items/1'), call('/items/1', { method: 'HEAD' })]);
		expect([head.status, await head.text()]).toEqual([200, '']);
		for (const name of ['content-type', 'etag', 'x-own']) expect(head.headers.get(name)).toBe(get.headers.get(name));
	});

	test('for no function at the root show the home page', async () => {
		const response = await call('/', { method: 'OPTIONS' });
		expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
		expect((await call('/x', { method: 'OPTIONS' })).status).toBe(404);
	});
});

describe('a request that no host takes is 400:', () => {
	test.each([
		['an absolute URI', () => ['GET http://x/y HTTP/1.1', 'Host: x']],
		['an absolute URI of this host', () => [`GET ${host.url}/items/1 HTTP/1.1`, local()]],
		['the URI "*"', () => ['OPTIONS * HTTP/1.1', local()]],
		['raw characters beyond ASCII', () => ['GET /items/ü HTTP/1.1', local()]],
		['a port that is none', () => ['GET /items/1 HTTP/1.1', 'Host: localhost:99999']],
		['a function name that is no UTF-8', () => ['POST /admin/functions/%E0%A4%A HTTP/1.1', local()]],
	])('%s', async (_what, lines) => {
		expect(statusOf(await raw(...lines()))).toBe(400);
		expect((await call('/items/1')).status).toBe(200);
	});
});

describe('on purpose otherwise than Azure', () => {
	test("a foreign Host or Origin is 403, since this host serves a developer's machine without any login", async () => {
		expect(statusOf(await raw('GET /items/1 HTTP/1.1', 'Host: example.org'))).toBe(403);
		expect((await call('/items/1', { headers: { origin: 'https://example.org' } })).status).toBe(403);
	});

	test.each([
		['/throws', 'invented failure'],
		['/nothing', 'the handler returned nothing'],
		['/items/1?Headers=[1]', 'headers'],
		['/breaks', 'invented break'],
	])('%s, which hangs there for 240 seconds, is 500 at once, and an error in the log', async (path, reason) => {
		const response = await call(path);
		expect([response.status, await response.text()]).toEqual([500, '']);
		const line = `error: GET ${path.split('?')[0]} failed: `;
		await expectSoon(() => host.log()).toContain(line);
		const logged = host.log().split(line)[1]?.split('\n')[0];
		expect(logged).toContain(reason);
		expect(logged).toContain('on Azure this request would hang');
	});

	test('an answer that breaks off in the middle, which hangs there, is cut at once, and an error in the log', async () => {
		const reader = (await call('/breaksLater')).body?.getReader();
		expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('one');
		await call('/break');
		await expect(reader?.read()).rejects.toThrow();
		await expectSoon(() => host.log()).toContain('GET /breaksLater failed: invented break; on Azure');
	});

	test('the endpoints of the host that only Azure has need no key here, since they are not there', async () => {
		expect((await call('/admin/host/ping')).status).toBe(200);
		expect((await call('/admin/functions/gone', { method: 'POST' })).status).toBe(404);
	});
});
