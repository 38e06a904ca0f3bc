import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobRosterStore } from '../../src/adapters/blobs/roster-store.ts';
import { tableProfileStore } from '../../src/adapters/tables/profile-store.ts';
import { tableRunStore } from '../../src/adapters/tables/run-store.ts';
import type { Run } from '../../src/domain/run.ts';
import { callOrchestrator, orchestratorInput } from '../../src/local/durable/orchestrator-call.ts';
import { withDurableClientInput } from '../../src/local/durable-client-input.ts';
import { createFrontEnd, type FrontEnd } from '../../src/local/http-front-end.ts';
import { type Listener, listen } from '../../src/local/http-listener.ts';
import { startWorker } from '../../src/local/worker.ts';
import type { RegisteredFunction, Worker } from '../../src/local/worker-contract.ts';
import { faultyRowsPath, reportPath } from '../../src/services/sync/roster-paths.ts';
import { type DurableStandIn, startDurableStandIn } from '../support/durable-stand-in.ts';
import { type FaultyStorage, startFaultyStorage } from '../support/faulty-storage.ts';
import { matchingBody, matchingOption, profile } from '../support/profile-builder.ts';
import { ownTenant } from '../support/tenants.ts';
import { root } from '../support/test-host.ts';
import { startTestStorage, type TestStorage } from '../support/test-storage.ts';
import {
	audience,
	goodClaims,
	newSigningKey,
	type SigningKey,
	signToken,
	startTokenAuthority,
	type TokenAuthority,
} from '../support/token-authority.ts';

/**
 * Every function that the app registers, behind the host's own front end, while a service behind it fails. Where a handler throws,
 * returns nothing or breaks off its answer, Azure lets the client wait for minutes.
 */

let key: SigningKey;
let authority: TokenAuthority;
let storage: TestStorage;
let faulty: FaultyStorage;
let durable: DurableStandIn;
let worker: Worker;
let listener: Listener;
let frontEnd: FrontEnd;
const logged: string[] = [];

/** They are set before the first request that needs them, but for the first test. */
const settings = ['ROSTER_STORAGE', 'AUTH_AUTHORITY', 'AUTH_AUDIENCE', 'AUTH_TENANTS', 'RATE_LIMIT_PER_MINUTE'];

beforeAll(async () => {
	for (const name of settings) delete process.env[name];
	key = await newSigningKey('current');
	[authority, storage, durable] = await Promise.all([
		startTokenAuthority(key),
		startTestStorage(),
		startDurableStandIn(),
	]);
	faulty = await startFaultyStorage(storage.azurite.connectionString);
	const log = (_level: string, message: string) => void logged.push(message);
	const loaded = await startWorker({ appFolder: root, entry: 'src/main.ts', log });
	worker = withDurableClientInput(loaded, () => JSON.stringify(durable.clientData));
	listener = await listen(0);
	frontEnd = createFrontEnd({ worker, routePrefix: '', mounts: [], log });
	listener.serve(frontEnd.handle);
});
afterAll(async () => {
	await listener?.close(0);
	frontEnd?.close();
	await worker?.stop();
	await Promise.all([faulty?.stop(), authority?.stop(), durable?.stop()]);
	await storage?.stop();
});

const byTrigger = (type: string) => worker.functions.filter(({ trigger }) => trigger.type === type);
const { id: profileId } = profile();
const runId = '018f0000-0000-7000-8000-0000000000aa';

interface Answer {
	status: number;
	body: { error?: { code: string; innerError: Record<string, string> } };
	requestId: string | null;
}

/** The answer of one function at its own path, for its first method. */
async function ask({ name, trigger }: RegisteredFunction, method: string): Promise<Answer> {
	const path = String(trigger.route)
		.replace('{profileId}', profileId)
		.replace('{runId}', runId)
		.replace('{file}', 'student.csv')
		.replaceAll(/\{\*?\w+\}/g, runId);
	const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
	const body =
		name === 'batch'
			? { requests: [{ id: '1', method: 'GET', url: '/education/synchronizationProfiles' }] }
			: { ...matchingBody(matchingOption('student'), matchingOption('teacher')), id: profileId };
	const response = await fetch(`${listener.origin}/${path}`, {
		method,
		headers: {
			authorization: `Bearer ${await signToken(goodClaims(authority.url), key)}`,
			'content-type': 'application/json',
		},
		...(hasBody ? { body: JSON.stringify(method === 'PATCH' ? { displayName: 'Other' } : body) } : {}),
	});
	const text = await response.text();
	const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
	const answered = isJson ? JSON.parse(text) : {};
	// A batch answers; what failed is the request in it.
	const [inBatch] = answered.responses ?? [];
	if (inBatch) return { ...inBatch, requestId: inBatch.headers['request-id'] };
	return { status: response.status, body: answered, requestId: response.headers.get('request-id') };
}

/** Of every HTTP function and method, but for the description, which needs no service. */
async function askAll(): Promise<[name: string, answer: Answer][]> {
	const asked = byTrigger('httpTrigger').flatMap((each) =>
		(each.trigger.methods as string[]).map(async (method): Promise<[string, Answer]> => {
			return [`${method} ${each.name}`, await ask(each, method)];
		}),
	);
	return (await Promise.all(asked)).filter(([name]) => !name.endsWith(' openApi'));
}

function expectErrors(answers: [string, Answer][], statuses: number[]): void {
	expect(answers.length).toBeGreaterThan(40);
	for (const [name, { status, body, requestId }] of answers) {
		expect(statuses, name).toContain(status);
		expect(requestId, name).toMatch(/^[0-9a-f-]{36}$/);
		if (!name.startsWith('HEAD')) expect(body.error?.innerError['request-id'], name).toBe(requestId);
	}
	expect(logged.filter((line) => line.includes('on Azure'))).toEqual([]);
}

// Before the settings are there: what wires the parts together keeps them once it has succeeded.
describe('without settings', () => {
	test('every HTTP function answers with an error of Graph', async () => {
		expectErrors(await askAll(), [500]);
		expect(logged.some((line) => line.includes('AUTH_AUDIENCE'))).toBe(true);
	});

	test('the description of the API needs none', async () => {
		for (const each of byTrigger('httpTrigger').filter(({ name }) => name === 'openApi'))
			expect((await ask(each, 'GET')).status).toBe(200);
	});

	test('every activity and the blob function fail with an error, to be tried again', async () => {
		const others = [...byTrigger('activityTrigger'), ...byTrigger('blobTrigger')];
		expect(others.length).toBeGreaterThan(8);
		for (const { id, trigger } of others) {
			const reference = JSON.stringify({ ContainerName: profileId, BlobName: 'student.csv' });
			const modelBindingData = {
				version: '1.0',
				source: 'AzureStorageBlobs',
				contentType: 'application/json',
				content: Buffer.from(reference),
			};
			const input = { string: JSON.stringify({ tenantId: ownTenant, profileId, runId }) };
			const data = trigger.type === 'blobTrigger' ? { modelBindingData } : input;
			const call = worker.invoke(id, { inputData: [{ name: trigger.name, data }], triggerMetadata: {} });
			await expect(call, id).rejects.toThrow('AUTH_AUDIENCE');
		}
	});

	test('every orchestrator goes as far as its first step, since it needs no service itself', async () => {
		const orchestrators = byTrigger('orchestrationTrigger');
		expect(orchestrators.length).toBeGreaterThan(3);
		for (const target of orchestrators) {
			const { isDone, actions, failure } = await callOrchestrator(worker, target, firstEpisode(target.name));
			expect([isDone, actions.length, failure], target.name).toEqual([false, 1, undefined]);
		}
	});
});

function firstEpisode(name: string): string {
	const now = '2026-03-01T10:00:00.000Z';
	const stamp = { EventId: -1, IsPlayed: false, Timestamp: now };
	const input = JSON.stringify({ tenantId: ownTenant, profileId, runId });
	const instance = { InstanceId: 'i', ExecutionId: 'e' };
	const record = { instanceId: 'i', input, parent: null } as Parameters<typeof orchestratorInput>[0];
	return orchestratorInput(
		record,
		[],
		[
			{ ...stamp, EventType: 12 },
			{
				...stamp,
				EventType: 0,
				Name: name,
				Version: '',
				Input: input,
				Tags: null,
				OrchestrationInstance: instance,
				ParentInstance: null,
			},
		],
	);
}

describe('with settings', () => {
	beforeAll(async () => {
		Object.assign(process.env, {
			ROSTER_STORAGE: faulty.connectionString,
			AUTH_AUTHORITY: authority.url,
			AUTH_AUDIENCE: audience,
			AUTH_TENANTS: ownTenant,
			RATE_LIMIT_PER_MINUTE: '0',
		});
		const { account } = storage;
		await tableProfileStore(account).insert(profile());
		await tableRunStore(account).save(run);
		const ref = { tenantId: ownTenant, profileId, runId };
		for (const path of [reportPath(ref), faultyRowsPath(ref, 'student')]) {
			const writer = blobRosterStore(account).write(path);
			writer.append(Buffer.alloc(50_000, 'x'));
			await writer.close();
		}
	});

	test('every HTTP function is an outage while the issuer of the tokens is down', async () => {
		authority.status = 500;
		expectErrors(await askAll(), [503]);
		authority.status = 200;
	});

	test('every HTTP function answers with an error of Graph while storage refuses us', async () => {
		faulty.fault = 'refuses';
		// The last one finds no operation at its path.
		expectErrors(await askAll(), [404, 500]);
	});

	test('every HTTP function is an outage while storage breaks every connection', async () => {
		faulty.fault = 'breaks';
		expectErrors(await askAll(), [404, 503]);
	});

	test('a download that storage breaks off in the middle is an outage, and whole when it works again', async () => {
		const downloads = byTrigger('httpTrigger').filter(({ name }) => name.startsWith('getRunReport'));
		expect(downloads).toHaveLength(2);
		faulty.fault = 'breaksOff';
		for (const each of downloads) {
			const { status, body } = await ask(each, 'GET');
			expect([status, body.error?.code], each.name).toEqual([503, 'ServiceUnavailable']);
		}
		faulty.fault = 'none';
		for (const each of downloads) expect((await ask(each, 'GET')).status, each.name).toBe(200);
		expect(logged.filter((line) => line.includes('on Azure'))).toEqual([]);
	});

	test('no function fails to answer while Durable Functions does', async () => {
		durable.isBroken = true;
		for (const [name, { requestId }] of await askAll()) expect(requestId, name).toMatch(/^[0-9a-f-]{36}$/);
		expect(logged.filter((line) => line.includes('on Azure'))).toEqual([]);
	});
});

const run: Run = {
	id: runId,
	tenantId: ownTenant,
	profileId,
	reason: 'start',
	phase: 'verify',
	outcome: 'refused',
	startedDateTime: '2026-03-01T10:00:00.000Z',
	sourceRunId: runId,
	acceptedFiles: [],
	rows: {},
	tallies: {},
	directoryWrites: 0,
	errorCount: 1,
};
