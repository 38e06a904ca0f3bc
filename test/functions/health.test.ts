import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type AppUnderFault, startAppUnderFault } from '../support/hosts/app-under-fault.ts';

let app: AppUnderFault;

beforeAll(async () => {
	// The time of day stands still until a test moves it; timers run.
	vi.useFakeTimers({ toFake: ['Date'] });
	app = await startAppUnderFault();
});

afterAll(async () => {
	vi.useRealTimers();
	await app?.stop();
});

async function ask(path: string, authorization = ''): Promise<[status: number, body: unknown]> {
	const response = await fetch(`${app.listener.origin}/${path}`, { headers: { authorization } });
	return [response.status, await response.json()];
}

/** Of one who may read, and later than an earlier answer is kept. */
async function askAnew(path: string) {
	vi.setSystemTime(Date.now() + 6_000);
	return ask(path, await app.authorization());
}

test('without settings the app is live, and not ready; the log has the cause', async () => {
	expect(await askAnew('health')).toEqual([200, { status: 'live' }]);
	expect(await askAnew('health/ready')).toEqual([503, { status: 'notReady' }]);
	expect(app.logged.filter((line) => line.includes('healthReady (settings) failed')).join()).toContain('AUTH_AUDIENCE');
	app.setUp();
});

test('with all that it needs it is ready, and says of what to those who may read', async () => {
	const parts = ['tables', 'rosters', 'uploads', 'uploadUrls', 'directory', 'secrets', 'taskHub'];
	const checks = parts.map((name) => ({ name, status: 'ready' }));
	expect(await askAnew('health/ready')).toEqual([200, { status: 'ready', checks }]);
	for (const authorization of ['', 'Bearer spoilt', await app.authorization({ roles: [] })])
		expect(await ask('health/ready', authorization), authorization).toEqual([200, { status: 'ready' }]);
});

test('without storage or Durable Functions it is not ready, says so by part, and logs the cause', async () => {
	const notReady = async () => {
		const [status, body] = await askAnew('health/ready');
		const { checks } = body as { checks: { name: string; status: string }[] };
		expect(status).toBe(503);
		return checks.filter((each) => each.status !== 'ready').map(({ name }) => name);
	};
	for (const fault of ['refuses', 'breaks'] as const) {
		app.faulty.fault = fault;
		// An upload URL is signed with the account's key here, without asking storage.
		expect(await notReady(), fault).toEqual(['tables', 'rosters', 'uploads', 'directory']);
		if (fault === 'refuses') expect(app.logged.join('\n')).toContain('403 (the identity of the app may lack a role');
		expect(await askAnew('health')).toEqual([200, { status: 'live' }]);
	}
	app.faulty.fault = 'none';
	app.durable.isBroken = true;
	expect(await notReady()).toEqual(['taskHub']);
	app.durable.isBroken = false;
	for (const part of ['tables', 'taskHub'])
		expect(
			app.logged.some((line) => line.includes(`healthReady (${part}) failed`)),
			part,
		).toBe(true);
});

test('an answer is kept for a moment, since anybody may ask', async () => {
	expect((await askAnew('health/ready'))[0]).toBe(200);
	app.faulty.fault = 'breaks';
	expect((await ask('health/ready'))[0]).toBe(200);
	expect((await askAnew('health/ready'))[0]).toBe(503);
	app.faulty.fault = 'none';
});
