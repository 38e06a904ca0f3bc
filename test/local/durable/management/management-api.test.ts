import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSoon } from '../../support/soon.ts';
import {
	type DurableHost,
	type DurableSetup,
	startDurableHost,
	startSetup,
	systemKey,
} from '../support/durable-host.ts';

let setup: DurableSetup;
let host: DurableHost;

beforeAll(async () => {
	setup = await startSetup();
	host = await startDurableHost(setup);
});
afterAll(async () => {
	await host?.stop();
	await setup?.stop();
});

async function waiting(instanceId: string): Promise<string> {
	await host.start('collector', { count: 1 }, instanceId);
	await expectSoon(async () => (await host.status(instanceId)).runtimeStatus).toBe('Running');
	return instanceId;
}

async function finished(instanceId: string): Promise<string> {
	await host.run('sequence', { n: 1 }, instanceId);
	return instanceId;
}

const asJson = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe('a start', () => {
	test('answers 202 with the links of the instance, under the origin of the request', async () => {
		const response = await host.call('POST', 'orchestrators/sequence/links-1', { body: '{"n":1}' });
		const links = await asJson(response);
		const instance = `${host.origin}/runtime/webhooks/durabletask/instances/links-1`;
		const query = `taskHub=${host.hubName}&connection=Storage&code=${systemKey}`;
		expect(response.status).toBe(202);
		expect(response.headers.get('retry-after')).toBe('10');
		expect(response.headers.get('location')).toBe(`${instance}?${query}`);
		expect(links).toMatchObject({
			id: 'links-1',
			statusQueryGetUri: `${instance}?${query}`,
			sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
			terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
		});
	});

	test('without a body has the input null', async () => {
		await host.call('POST', 'orchestrators/textAgain/no-input');
		expect((await host.untilFinished('no-input')).output).toEqual({ input: '"text"' });
	});

	test('that waits for the end in the same call is answered with 501', async () => {
		expect((await host.call('POST', 'orchestrators/sequence?timeout=5', { body: '{}' })).status).toBe(501);
	});

	test.each([
		['whose body is no JSON', 'orchestrators/sequence', '{', 400, 'must be JSON'],
		['with a reserved id', 'orchestrators/sequence/@one', '{}', 400, 'must not start with "@"'],
		['with a slash in its id', 'orchestrators/sequence/a%2Fb', '{}', 400, 'none of them "/"'],
		['with a blank in its id', 'orchestrators/sequence/a%20b', '{}', 400, 'a blank'],
		['with an unknown option', 'orchestrators/sequence/a?b', '{}', 400, 'the option "b"'],
		['with a long id', `orchestrators/sequence/${'i'.repeat(101)}`, '{}', 400, 'at most 100 characters'],
	])('%s is refused', async (_what, path, body, status, message) => {
		const response = await host.call('POST', path, { body });
		expect(response.status).toBe(status);
		expect((await asJson(response)).Message).toContain(message);
	});

	test('of an id that is running is refused, and leaves that one alone', async () => {
		const id = await waiting('busy');
		const response = await host.call('POST', `orchestrators/sequence/${id}`, { body: '{"n":1}' });
		expect(response.status).toBe(409);
		expect((await asJson(response)).Message).toContain('an instance with this id is Running');
		await host.client.raiseEvent(id, 'item', 1);
		expect((await host.untilFinished(id)).output).toEqual({ seen: [1] });
	});

	test('of a finished id begins a new instance, without any trace of the old one', async () => {
		const id = await finished('again');
		const old = await host.history(id);
		await host.start('counter', { n: 9, to: 9 }, id);
		expect(await host.untilFinished(id)).toMatchObject({ name: 'counter', output: { n: 9 }, customStatus: { n: 9 } });
		expect((await host.history(id)).length).toBeLessThan(old.length);
	});
});

describe('the status', () => {
	test('of a running instance is 202, of a finished one 200, of an unknown one 404', async () => {
		const statusOf = (id: string) => host.call('GET', `instances/${id}`);
		const running = await statusOf(await waiting('status-running'));
		expect([running.status, running.headers.get('retry-after')]).toEqual([202, '5']);
		expect(running.headers.get('location')).toContain('/instances/status-running?');
		expect((await statusOf(await finished('status-finished'))).status).toBe(200);
		expect((await statusOf('status-unknown')).status).toBe(404);
	});

	test('has every field, null instead of missing, and whole seconds', async () => {
		const status = await host.status(await waiting('fields'));
		expect(status).toEqual({
			name: 'collector',
			instanceId: 'fields',
			runtimeStatus: 'Running',
			input: { count: 1 },
			customStatus: { waiting: true },
			output: null,
			createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
			lastUpdatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
		});
	});

	test('leaves the input out and puts the history in, if asked to', async () => {
		const id = await finished('shown');
		const bare = await asJson(await host.call('GET', `instances/${id}?showInput=false`));
		expect(bare).toMatchObject({ input: null, output: { n: 8 } });
		expect(bare).not.toHaveProperty('historyEvents');
		const full = await asJson(await host.call('GET', `instances/${id}?showHistory=true&showHistoryOutput=true`));
		expect(full.historyEvents).toMatchObject([
			{ EventType: 'ExecutionStarted', Name: 'sequence' },
			{ EventType: 'TaskScheduled', EventId: 0, Name: 'double' },
			{ EventType: 'TaskCompleted', TaskScheduledId: 0, Result: { n: 2 } },
			{ EventType: 'TaskScheduled', EventId: 1 },
			{ EventType: 'TaskCompleted', TaskScheduledId: 1, Result: { n: 4 } },
			{ EventType: 'TaskScheduled', EventId: 2 },
			{ EventType: 'TaskCompleted', TaskScheduledId: 2, Result: { n: 8 } },
			{ EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed', Result: { n: 8 } },
		]);
		const quiet = await asJson(await host.call('GET', `instances/${id}?showHistory=true`));
		expect((quiet.historyEvents as unknown[])[2]).toMatchObject({ EventType: 'TaskCompleted', Result: null });
	});
});

describe('an event', () => {
	test('is accepted by a running instance, gone for a finished one, and lost for an unknown one', async () => {
		const raise = async (id: string) =>
			(await host.call('POST', `instances/${id}/raiseEvent/item`, { body: '1' })).status;
		expect(await raise(await waiting('event-running'))).toBe(202);
		expect(await raise(await finished('event-finished'))).toBe(410);
		expect(await raise('event-unknown')).toBe(404);
	});

	test('without data is refused, since the client sends no content type then', async () => {
		const id = await waiting('event-empty');
		await expect(host.client.raiseEvent(id, 'item', undefined)).rejects.toThrow('status code: 400');
	});

	test('with a body that is no JSON is refused', async () => {
		const id = await waiting('event-text');
		expect((await host.call('POST', `instances/${id}/raiseEvent/item`, { body: 'text' })).status).toBe(400);
	});
});

test.each(['terminate', 'suspend', 'resume'])(
	'%s is gone for a finished instance and 404 for an unknown one',
	async (op) => {
		const id = await finished(`${op}-finished`);
		expect((await host.call('POST', `instances/${id}/${op}?reason=a b`)).status).toBe(410);
		expect((await host.call('POST', `instances/unknown/${op}?reason=a`)).status).toBe(404);
	},
);

test.each([
	['POST', 'instances/a/rewind?reason=x', 'rewind'],
	['POST', 'instances/a/restart', 'restart'],
	['GET', 'entities/counter/a', 'durable entities'],
	['POST', 'entities/counter/a?op=add', 'durable entities'],
])('%s %s is answered with 501 and the name of the feature', async (method, path, feature) => {
	const response = await host.call(method, path);
	expect(response.status).toBe(501);
	expect(await response.json()).toContain(feature);
});

test("the SDK's error for a rewind names the feature", async () => {
	await expect(host.client.rewind('a', 'reason')).rejects.toThrow(
		'does not have this feature of Durable Functions: rewind',
	);
});

test('anything else is 404', async () => {
	expect((await host.call('GET', 'nowhere')).status).toBe(404);
	expect((await host.call('PUT', 'instances/a')).status).toBe(404);
});

describe('with many instances', () => {
	let many: DurableHost;
	beforeAll(async () => {
		many = await startDurableHost(setup);
		const finishing = Array.from({ length: 7 }, (_, at) => many.run('sequence', { n: 1 }, `done-${at}`));
		await Promise.all([
			...finishing,
			many.run('throwing', {}, 'failed-0'),
			many.start('collector', { count: 1 }, 'open-0'),
		]);
	});
	afterAll(() => many?.stop());

	const ids = (list: { instanceId: string }[]) => list.map(({ instanceId }) => instanceId).sort();

	test('the list has all of them, over several pages', async () => {
		expect(await many.client.getStatusAll()).toHaveLength(9);
		const found: string[] = [];
		let token: string | null = '';
		let pages = 0;
		do {
			const headers = token ? { 'x-ms-continuation-token': token } : {};
			const response = await fetch(`${many.origin}/durabletask/instances/?top=4`, { headers });
			found.push(...ids((await response.json()) as { instanceId: string }[]));
			token = response.headers.get('x-ms-continuation-token');
			pages += 1;
		} while (token);
		expect(pages).toBeGreaterThan(2);
		expect(found.sort()).toEqual(ids(await many.client.getStatusAll()));
	});

	test('the list can be narrowed by status, time and id', async () => {
		const Failed = 'Failed' as never;
		expect(ids(await many.client.getStatusBy({ runtimeStatus: [Failed] }))).toEqual(['failed-0']);
		expect(await many.client.getStatusBy({ createdTimeFrom: new Date(Date.now() + 3_600_000) })).toEqual([]);
		const prefixed = await many.call('GET', 'instances/?instanceIdPrefix=open');
		expect(ids((await prefixed.json()) as { instanceId: string }[])).toEqual(['open-0']);
		expect((await many.call('GET', 'instances/?createdTimeFrom=yesterday')).status).toBe(400);
	});

	test('a purge takes one finished instance', async () => {
		expect(await many.client.purgeInstanceHistory('done-0')).toEqual({ instancesDeleted: 1 });
		expect(await many.client.purgeInstanceHistory('done-0')).toEqual({ instancesDeleted: 0 });
		expect(await many.history('done-0')).toEqual([]);
	});

	test('a purge by time takes those of the statuses that it names, and asks for a time', async () => {
		expect((await many.call('DELETE', 'instances/')).status).toBe(400);
		const purge = (...runtimeStatus: string[]) =>
			many.client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0), runtimeStatus: runtimeStatus as never[] });
		expect(await purge('Failed')).toEqual({ instancesDeleted: 1 });
		expect(await purge('Completed', 'Terminated')).toEqual({ instancesDeleted: 6 });
		expect(await purge('Completed', 'Terminated')).toEqual({ instancesDeleted: 0 });
		expect(ids(await many.client.getStatusAll())).toEqual(['open-0']);
	});
});

test('a task hub whose name no table can have is refused', async () => {
	await expect(startDurableHost(setup, { hubName: 'my-hub' })).rejects.toThrow('3 to 45 letters and digits');
});
