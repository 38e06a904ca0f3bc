import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSender } from '../../../src/cli/client/send-request.ts';
import { jumpingClock } from '../command-bench.ts';

let server: Server;
let url: string;
let answers: { status: number; headers?: Record<string, string>; breaks?: boolean }[];
let seen: number;

beforeEach(async () => {
	answers = [];
	seen = 0;
	server = createServer((request, response) => {
		seen += 1;
		request.resume();
		const answer = answers.length > 1 ? answers.shift() : answers[0];
		if (answer?.breaks) request.socket.destroy();
		else response.writeHead(answer?.status ?? 200, answer?.headers).end('{}');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

function openSender() {
	const clock = jumpingClock();
	const send = createSender({ clock, signal: new AbortController().signal, whenUnreachable: 'Check --url.' });
	return { clock, send };
}

test('waits as long as Retry-After says, in seconds or until a date', async () => {
	const { clock, send } = openSender();
	const inSevenSeconds = new Date(clock.nowMs() + 10_000).toUTCString();
	answers = [
		{ status: 429, headers: { 'retry-after': '3' } },
		{ status: 503, headers: { 'retry-after': inSevenSeconds } },
		{ status: 200 },
	];
	expect((await send({ method: 'POST', url })).status).toBe(200);
	expect(clock.sleeps).toEqual([3_000, 7_000]);
});

test('gives up on a service that throttles for ever', async () => {
	const { send } = openSender();
	answers = [{ status: 429, headers: { 'retry-after': '1' } }];
	expect((await send({ method: 'GET', url })).status).toBe(429);
	expect(seen).toBe(8);
});

test('does not wait for a service that asks for too much patience', async () => {
	const { clock, send } = openSender();
	answers = [{ status: 503, headers: { 'retry-after': '3600' } }];
	expect((await send({ method: 'GET', url })).status).toBe(503);
	expect(clock.sleeps).toEqual([]);
});

test('repeats a read whose gateway failed, but never a write', async () => {
	const { send } = openSender();
	answers = [{ status: 502 }, { status: 504 }, { status: 200 }];
	expect((await send({ method: 'GET', url })).status).toBe(200);
	answers = [{ status: 504 }];
	expect((await send({ method: 'POST', url })).status).toBe(504);
	expect(seen).toBe(4);
});

test('survives a broken connection while reading, once there was contact', async () => {
	const { send } = openSender();
	answers = [{ status: 200 }, { status: 0, breaks: true }, { status: 0, breaks: true }, { status: 200 }];
	await send({ method: 'GET', url });
	expect((await send({ method: 'GET', url })).status).toBe(200);
});

test('does not repeat a write whose connection broke', async () => {
	const { send } = openSender();
	answers = [{ status: 200 }, { status: 0, breaks: true }];
	await send({ method: 'GET', url });
	await expect(send({ method: 'POST', url })).rejects.toThrow('the connection broke. Check --url.');
	expect(seen).toBe(2);
});

test('tells at once that there is nobody at an address', async () => {
	const { clock, send } = openSender();
	await new Promise((resolve) => server.close(resolve));
	await expect(send({ method: 'GET', url })).rejects.toThrow(/^Cannot reach "http:.*": the connection was refused\./);
	expect(clock.sleeps).toEqual([]);
});

test('follows no redirect, because the token would go along', async () => {
	answers = [{ status: 302, headers: { location: '/login' } }];
	expect((await openSender().send({ method: 'GET', url })).status).toBe(302);
	expect(seen).toBe(1);
});
