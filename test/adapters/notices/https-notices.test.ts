import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { httpsNotices, type NoticeSenderOptions } from '../../../src/adapters/notices/https-notices.ts';
import { isPublicAddress } from '../../../src/adapters/notices/public-addresses.ts';
import { noticeSenderSuite } from '../../suites/notices/notice-sender-suite.ts';
import { type LoopbackCertificate, loopbackCertificate } from '../../support/hosts/loopback-certificate.ts';

interface Received {
	method: string | undefined;
	path: string | undefined;
	headers: Record<string, string>;
	body: string;
}

let certificate: LoopbackCertificate;
let server: Server;
let origin: string;
let port: number;
const received: Received[] = [];
let connections = 0;
let answer: (response: ServerResponse) => void = (response) => void response.writeHead(204).end();

beforeAll(async () => {
	certificate = await loopbackCertificate();
	server = createServer({ cert: certificate.cert, key: certificate.key }, async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const { method, url: path, headers } = request;
		received.push({
			method,
			path,
			headers: headers as Record<string, string>,
			body: Buffer.concat(chunks).toString('utf8'),
		});
		answer(response);
	});
	server.on('connection', () => connections++);
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	port = (server.address() as AddressInfo).port;
	origin = `https://127.0.0.1:${port}`;
});

afterEach(() => {
	received.length = 0;
	connections = 0;
	answer = (response) => void response.writeHead(204).end();
});

afterAll(async () => {
	server?.closeAllConnections();
	await new Promise((done) => server?.close(done));
	await certificate?.remove();
});

const notice = (url: string) => ({
	url,
	headers: { 'webhook-id': 'msg_1' },
	body: '{"type":"run.finished","name":"Zoë"}',
});

const post = (url: string, options: Partial<NoticeSenderOptions> = {}) =>
	httpsNotices({ allowsPrivate: true, ca: certificate.cert, ...options }).post(notice(url));

noticeSenderSuite('that speaks https', () => ({
	sender: httpsNotices({ allowsPrivate: true, ca: certificate.cert }),
	url: `${origin}/hook`,
	answers(status) {
		answer = (response) => void (status === undefined ? response.destroy() : response.writeHead(status).end());
	},
	received: () => received,
}));

describe('a notice', () => {
	test('is posted as JSON with its headers, and the status is the answer', async () => {
		expect(await post(`${origin}/hook?key=1`)).toBe(204);
		expect(received).toMatchObject([
			{
				method: 'POST',
				path: '/hook?key=1',
				headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' },
				body: notice('').body,
			},
		]);
	});

	test('follows no redirect', async () => {
		answer = (response) => void response.writeHead(307, { location: `${origin}/elsewhere` }).end();
		expect(await post(`${origin}/hook`)).toBe(307);
		expect(received.map(({ path }) => path)).toEqual(['/hook']);
	});

	test('reads nothing of an answer without end', async () => {
		answer = (response) => {
			response.writeHead(200);
			const pump = () => {
				while (!response.destroyed && response.write('x'.repeat(65_536)));
				if (!response.destroyed) response.once('drain', pump);
			};
			pump();
		};
		expect(await post(`${origin}/hook`)).toBe(200);
	});

	test('waits for an answer so long and no longer', async () => {
		answer = () => {};
		expect(await post(`${origin}/hook`, { timeoutMs: 300 })).toBeUndefined();
	});

	test('goes nowhere without a certificate that is trusted', async () => {
		const { ca: _, ...strict } = { allowsPrivate: true, ca: '' };
		expect(await httpsNotices(strict).post(notice(`${origin}/hook`))).toBeUndefined();
		expect(received).toEqual([]);
	});

	test.each([
		['http', (at: string) => at.replace('https:', 'http:')],
		['a user name', (at: string) => at.replace('https://', 'https://ada@')],
		['a password', (at: string) => at.replace('https://', 'https://ada:secret@')],
		['no URL', () => 'receiver'],
	])('goes nowhere by %s', async (_, spoil) => {
		expect(await post(spoil(`${origin}/hook`))).toBeUndefined();
		expect(received).toEqual([]);
	});

	test('goes to no private address, be it written or found, unless that is allowed', async () => {
		const strict = { allowsPrivate: false };
		expect(await post(`${origin}/hook`, strict)).toBeUndefined();
		// Other ways to write 127.0.0.1, which URLs know.
		for (const host of ['2130706433', '0x7f.1', '127.1'])
			expect(await post(`https://${host}:${port}/`, strict)).toBeUndefined();
		const resolve = async () => [
			{ address: '93.184.216.34', family: 4 },
			{ address: '127.0.0.1', family: 4 },
		];
		expect(await post(`https://receiver.example.org:${port}/`, { ...strict, resolve })).toBeUndefined();
		expect(connections).toBe(0);
	});

	test('goes to the very address that was looked at, whatever the name says at the next question', async () => {
		let asked = 0;
		const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '192.0.2.1', family: 4 }];
		// The certificate is that of the address, and not of the name: nobody else would do.
		expect(await post(`https://receiver.example.org:${port}/`, { resolve })).toBeUndefined();
		expect([asked, connections, received]).toEqual([1, 1, []]);
	});

	test('goes nowhere where the name is unknown', async () => {
		const resolve = async () => {
			throw new Error('ENOTFOUND');
		};
		expect(await post('https://receiver.example.org/', { resolve })).toBeUndefined();
	});
});

describe('an address', () => {
	test.each(['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
		'%s is public',
		(address) => {
			expect(isPublicAddress(address)).toBe(true);
		},
	);

	test.each([
		'0.0.0.0',
		'10.1.2.3',
		'100.64.0.1',
		'127.0.0.1',
		'127.255.255.254',
		'169.254.169.254',
		'168.63.129.16',
		'172.16.0.1',
		'172.31.255.255',
		'192.168.1.1',
		'198.18.0.1',
		'224.0.0.1',
		'255.255.255.255',
		'::',
		'::1',
		'::ffff:10.0.0.1',
		'::ffff:8.8.8.8',
		'64:ff9b::a00:1',
		'fc00::1',
		'fd12::1',
		'fe80::1',
		'fe80::1%eth0',
		'ff02::1',
		'2001:db8::1',
		'2001::1',
		'2002:a00:1::',
		'receiver.example.org',
		'',
	])('%s is not', (address) => {
		expect(isPublicAddress(address)).toBe(false);
	});
});
