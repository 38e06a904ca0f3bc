import { ContainerClient } from '@azure/storage-blob';
import {
	AuthenticationHandler,
	BatchRequestContent,
	BatchResponseContent,
	Client,
	type Context,
	GraphError,
	type Middleware,
	type PageCollection,
	PageIterator,
	RetryHandler,
} from '@microsoft/microsoft-graph-client';
import type {
	EducationFileSynchronizationVerificationMessage,
	EducationSynchronizationError,
	EducationSynchronizationProfile,
	EducationSynchronizationProfileStatus,
} from '@microsoft/microsoft-graph-types-beta';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { poll, tokenFor } from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { creationProfile } from '../../support/sync-story.ts';

/** The story as an existing client tells it: Microsoft's own SDK and types, of which only the base URL is another. */

let host: TestHost;
let graph: Client;
let profile: EducationSynchronizationProfile;
const collection = '/education/synchronizationProfiles';
const own = (part = '') => `${collection}/${profile.id}${part}`;

/** Stands for the front end that ends TLS in Azure, which this machine has no certificate for: the SDK speaks https only. */
class WithoutTls implements Middleware {
	async execute(context: Context): Promise<void> {
		const url = String(context.request).replace('https://', 'http://');
		const response = await fetch(url, context.options);
		const text = (await response.text()).replaceAll('"http://127.0.0.1', '"https://127.0.0.1');
		const { status, headers } = response;
		context.response = new Response(text === '' ? null : text, { status, headers });
	}
}

beforeAll(async () => {
	host = await startTestHost();
	const token = await tokenFor(host);
	const middleware = new AuthenticationHandler({ getAccessToken: async () => token });
	const retries = new RetryHandler();
	middleware.setNext(retries);
	retries.setNext(new WithoutTls());
	const baseUrl = `${host.url.replace('http://', 'https://')}/`;
	graph = Client.initWithMiddleware({
		middleware,
		baseUrl,
		defaultVersion: 'beta',
		customHosts: new Set(['127.0.0.1']),
	});
});

afterAll(() => host?.dispose());

/** The emulator of the storage has no TLS either. */
const plain = (url: string) => url.replace('https://', 'http://');

async function upload(names = Object.keys(smallRoster()), changes: Record<string, string> = {}): Promise<string> {
	const { value } = (await graph.api(own('/uploadUrl()')).get()) as { value: string };
	const container = new ContainerClient(plain(value));
	const files = smallRoster(changes);
	for (const name of names) await container.getBlockBlobClient(name).uploadData(Buffer.from(files[name] as string));
	return value;
}

async function untilIdle(): Promise<EducationSynchronizationProfileStatus> {
	return poll(
		() => graph.api(own('/profileStatus')).get() as Promise<EducationSynchronizationProfileStatus>,
		({ status }) => status !== 'inProgress' && status !== 'unknownFutureValue',
	);
}

async function graphError(work: Promise<unknown>): Promise<GraphError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(GraphError);
	return error as GraphError;
}

/** No pupil has a school that is there: a finding in every row. */
const manyFaults = `SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\n${Array.from(
	{ length: 250 },
	(_, at) => `P${at},S9,Zoë,Ardent,zardent${at},Welcome-2026!\r\n`,
).join('')}`;

describe("Microsoft's Graph SDK", () => {
	test('creates a profile and waits until it is provisioned', async () => {
		profile = (await graph.api(collection).post(creationProfile)) as EducationSynchronizationProfile;
		expect(profile).toMatchObject({ displayName: 'Contoso District', state: 'provisioning' });
		profile = await poll(
			() => graph.api(own()).get() as Promise<EducationSynchronizationProfile>,
			({ state }) => state === 'provisioned',
		);
	});

	test('uploads through the storage SDK and is told, as an error with messages, what is wrong', async () => {
		await upload(undefined, { 'Student.csv': manyFaults });
		const error = await graphError(graph.api(own('/start')).post({}));
		expect(error).toMatchObject({ statusCode: 400, code: 'ValidationFailed', requestId: expect.any(String) });
		const { status, errorCount } = await untilIdle();
		expect(status).toBe('validationError');
		expect(errorCount).toBe(250);
	});

	test('pages through the errors with its page iterator', async () => {
		const first = (await graph.api(own('/errors')).top(60).get()) as PageCollection;
		const seen: EducationSynchronizationError[] = [];
		await new PageIterator(graph, first, (error: EducationSynchronizationError) => {
			seen.push(error);
			return true;
		}).iterate();
		expect(seen).toHaveLength(first['@odata.count'] as number);
		expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
		const one = (await graph.api(own(`/errors/${seen[100]?.id}`)).get()) as EducationSynchronizationError;
		expect(one).toMatchObject({ ...seen[100] });
	});

	test('filters, orders, selects and counts them', async () => {
		const students = (await graph
			.api(own('/errors'))
			.filter("entryType eq 'Student' and startswith(reportableIdentifier,'P24')")
			.orderby('reportableIdentifier desc')
			.select('reportableIdentifier')
			.top(3)
			.get()) as PageCollection;
		expect(students.value.map(({ reportableIdentifier }) => reportableIdentifier)).toEqual(['P249', 'P248', 'P247']);
		expect(students['@odata.count']).toBe(11);
		expect(Object.keys(students.value[0])).toEqual(['reportableIdentifier']);
		const text = (await graph
			.api(own("/errors/$count?$filter=entryType eq 'Student'"))
			.responseType('text' as never)
			.get()) as string;
		expect(Number(text)).toBe(250);
	});

	test('uploads the mended file alone, starts, and sees the sync succeed', async () => {
		await upload(['Student.csv']);
		const { value } = (await graph.api(own('/microsoft.graph.start')).post({})) as {
			value: EducationFileSynchronizationVerificationMessage[];
		};
		expect(value).toEqual([]);
		expect(await untilIdle()).toMatchObject({ status: 'success', errorCount: 0 });
		expect(((await graph.api('/education/users').count(true).get()) as PageCollection)['@odata.count']).toBe(6);
	});

	test('expands errors and status, and finds the profile by name', async () => {
		const expanded = (await graph
			.api(own())
			.expand(['errors', 'profileStatus'])
			.get()) as EducationSynchronizationProfile;
		expect(expanded.errors).toEqual([]);
		expect(expanded.profileStatus?.status).toBe('success');
		const found = (await graph.api(collection).filter("displayName eq 'Contoso District'").get()) as PageCollection;
		expect(found.value.map(({ id }) => id)).toEqual([profile.id]);
	});

	test('changes, pauses, resumes and resets', async () => {
		await graph.api(own()).patch({ displayName: 'Contoso North' });
		const changed = await poll(
			() => graph.api(own()).get() as Promise<EducationSynchronizationProfile>,
			({ state }) => state === 'provisioned',
		);
		expect(changed.displayName).toBe('Contoso North');
		await graph.api(own('/pause')).post({});
		expect(await untilIdle()).toMatchObject({ status: 'paused' });
		await graph.api(own('/resume')).post({});
		expect(await untilIdle()).toMatchObject({ status: 'success' });
		await graph.api(own('/reset')).post({});
		expect(await untilIdle()).toMatchObject({ status: 'success' });
		const { value } = (await graph.api(own('/runs')).get()) as PageCollection;
		expect(value.map(({ reason, outcome }) => [reason, outcome])).toEqual([
			['reset', 'success'],
			['resume', 'success'],
			['start', 'success'],
			['start', 'refused'],
		]);
	});

	test('sends several requests in a batch, one behind another', async () => {
		const url = `https://graph.microsoft.com/beta${own()}`;
		const content = new BatchRequestContent([
			{ id: 'profile', request: new Request(url) },
			{
				id: 'users',
				request: new Request('https://graph.microsoft.com/beta/education/users?$top=2'),
				dependsOn: ['profile'],
			},
			{ id: 'wrong', request: new Request(`${url}/errors?$top=x`), dependsOn: ['users'] },
		]);
		const answer = new BatchResponseContent(await graph.api('/$batch').post(await content.getContent()));
		const bodies = await Promise.all(['profile', 'users', 'wrong'].map((id) => answer.getResponseById(id).json()));
		expect(bodies).toMatchObject([{ id: profile.id }, { value: [{}, {}] }, { error: { code: 'BadRequest' } }]);
		expect(answer.getResponseById('wrong').status).toBe(400);
	});

	test('cannot read, list or delete through the upload URL', async () => {
		const container = new ContainerClient(plain(await upload(['School.csv'])));
		const file = container.getBlockBlobClient('School.csv');
		for (const forbidden of [
			() => file.download(),
			() => file.getProperties(),
			() => file.delete(),
			() => container.listBlobsFlat().next(),
			() => container.delete(),
		])
			await expect(forbidden()).rejects.toMatchObject({ statusCode: 403 });
	});

	test('deletes the profile', async () => {
		await graph.api(own()).delete();
		const gone = await poll(
			() =>
				graph
					.api(own())
					.get()
					.then(
						() => undefined,
						(error: GraphError) => error.statusCode,
					),
			(status) => status !== undefined,
		);
		expect(gone).toBe(404);
	});
});
