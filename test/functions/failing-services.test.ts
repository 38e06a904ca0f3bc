import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableProfileStore } from '../../src/adapters/stores/profile-store.ts';
import { blobRosterStore } from '../../src/adapters/stores/roster-store.ts';
import { tableRunStore } from '../../src/adapters/stores/run-store.ts';
import { callOrchestrator, orchestratorInput } from '../../src/local/durable/orchestrator/orchestrator-call.ts';
import type { RegisteredFunction } from '../../src/local/worker/worker-contract.ts';
import { faultyRowsPath, reportPath } from '../../src/services/sync/files/roster-paths.ts';
import { type AppUnderFault, startAppUnderFault } from '../support/hosts/app-under-fault.ts';
import { matchingBody, matchingOption, profile } from '../support/rosters/profile-builder.ts';
import { newRun } from '../support/rosters/run-builder.ts';
import { ownTenant } from '../support/tenants.ts';

/**
 * Every function that the app registers, behind the host's own front end, while a service behind it fails. Where a handler throws,
 * returns nothing or breaks off its answer, Azure lets the client wait for minutes.
 */

let app: AppUnderFault;

beforeAll(async () => {
	app = await startAppUnderFault();
});

afterAll(() => app?.stop());

const byTrigger = (type: string) => app.worker.functions.filter(({ trigger }) => trigger.type === type);
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
	const response = await fetch(`${app.listener.origin}/${path}`, {
		method,
		headers: {
			authorization: await app.authorization(),
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

/** They answer whatever fails, each in its own way. */
const speakForThemselves = ['openApi', 'health', 'healthReady'];

/** Of every HTTP function and method, but for the few that answer all the same. */
async function askAll(): Promise<[name: string, answer: Answer][]> {
	const asked = byTrigger('httpTrigger').flatMap((each) =>
		(each.trigger.methods as string[]).map(async (method): Promise<[string, Answer]> => {
			return [`${method} ${each.name}`, await ask(each, method)];
		}),
	);
	return (await Promise.all(asked)).filter(([name]) => !speakForThemselves.includes(name.split(' ')[1] as string));
}

function expectErrors(answers: [string, Answer][], statuses: number[]): void {
	expect(answers.length).toBeGreaterThan(40);
	for (const [name, { status, body, requestId }] of answers) {
		expect(statuses, name).toContain(status);
		expect(requestId, name).toMatch(/^[0-9a-f-]{36}$/);
		if (!name.startsWith('HEAD')) expect(body.error?.innerError['request-id'], name).toBe(requestId);
	}
	expect(app.logged.filter((line) => line.includes('on Azure'))).toEqual([]);
}

// Before the settings are there: what wires the parts together keeps them once it has succeeded.
describe('without settings', () => {
	test('every HTTP function answers with an error of Graph', async () => {
		expectErrors(await askAll(), [500]);
		expect(app.logged.some((line) => line.includes('AUTH_AUDIENCE'))).toBe(true);
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
			const call = app.worker.invoke(id, { inputData: [{ name: trigger.name, data }], triggerMetadata: {} });
			await expect(call, id).rejects.toThrow('AUTH_AUDIENCE');
		}
	});

	test('every orchestrator goes as far as its first step, since it needs no service itself', async () => {
		const orchestrators = byTrigger('orchestrationTrigger');
		expect(orchestrators.length).toBeGreaterThan(3);
		for (const target of orchestrators) {
			const { isDone, actions, failure } = await callOrchestrator(app.worker, target, firstEpisode(target.name));
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
		app.setUp();
		const { account } = app.storage;
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
		app.authority.status = 500;
		expectErrors(await askAll(), [503]);
		app.authority.status = 200;
	});

	test('every HTTP function answers with an error of Graph while storage refuses us', async () => {
		app.faulty.fault = 'refuses';
		// The last one finds no operation at its path, and one is asked for nobody.
		expectErrors(await askAll(), [400, 404, 500]);
	});

	test('every HTTP function is an outage while storage breaks every connection', async () => {
		app.faulty.fault = 'breaks';
		expectErrors(await askAll(), [400, 404, 503]);
	});

	test('a download that storage breaks off in the middle is an outage, and whole when it works again', async () => {
		const downloads = byTrigger('httpTrigger').filter(({ name }) => name.startsWith('getRunReport'));
		expect(downloads).toHaveLength(2);
		app.faulty.fault = 'breaksOff';
		for (const each of downloads) {
			const { status, body } = await ask(each, 'GET');
			expect([status, body.error?.code], each.name).toEqual([503, 'ServiceUnavailable']);
		}
		app.faulty.fault = 'none';
		for (const each of downloads) expect((await ask(each, 'GET')).status, each.name).toBe(200);
		expect(app.logged.filter((line) => line.includes('on Azure'))).toEqual([]);
	});

	test('no function fails to answer while Durable Functions does', async () => {
		app.durable.isBroken = true;
		for (const [name, { requestId }] of await askAll()) expect(requestId, name).toMatch(/^[0-9a-f-]{36}$/);
		expect(app.logged.filter((line) => line.includes('on Azure'))).toEqual([]);
	});
});

const run = newRun(new Date('2026-03-01T10:00:00Z'), { id: runId, phase: 'verify', outcome: 'refused', errorCount: 1 });
