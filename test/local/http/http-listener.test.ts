import { afterEach, expect, test } from 'vitest';
import { type Listener, listen, listenFrom } from '../../../src/local/http/http-listener.ts';

let open: Listener[] = [];
afterEach(async () => {
	await Promise.all(open.map((listener) => listener.close(0)));
	open = [];
});

function track(listener: Listener): Listener {
	open.push(listener);
	return listener;
}

test('a taken port is an error when it is asked for, and skipped when any will do', async () => {
	const { port } = track(await listen(0));
	await expect(listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
	const next = track(await listenFrom(port));
	expect(next.port).toBeGreaterThan(port);
	expect(next.origin).toBe(`http://127.0.0.1:${next.port}`);
});

test('requests that come before the app is loaded wait for it', async () => {
	const listener = track(await listen(0));
	const early = fetch(listener.origin);
	await expect(fetch(listener.origin, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
	listener.serve((_request, response) => void response.end('ready'));
	expect(await (await early).text()).toBe('ready');
});

test('closing lets a running request end, and cuts it when its time is over', async () => {
	const patient = await listen(0);
	let arrived = Promise.withResolvers<() => void>();
	patient.serve((_request, response) => arrived.resolve(() => response.end('done')));
	const answered = fetch(patient.origin);
	const finish = await arrived.promise;
	const closed = patient.close(180_000);
	finish();
	expect(await (await answered).text()).toBe('done');
	await closed;

	const strict = await listen(0);
	arrived = Promise.withResolvers();
	strict.serve(() => arrived.resolve(() => {}));
	const cut = fetch(strict.origin);
	await arrived.promise;
	await Promise.all([strict.close(0), expect(cut).rejects.toThrow()]);
});
