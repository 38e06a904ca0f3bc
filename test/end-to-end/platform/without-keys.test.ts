import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeylessAccount, startKeylessAccount } from '../../support/hosts/keyless-account.ts';
import { root, startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, poll, tokenFor } from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, latestRun, syncRoster, untilIdle, uploadFiles } from '../../support/sync-story.ts';

/** As in Azure: no key opens the roster account, the app has a managed identity, and upload URLs are signed by its delegation. */

let account: KeylessAccount;
let host: TestHost;
let client: GraphClient;
let profile: string;

beforeAll(async () => {
	account = await startKeylessAccount();
	setDefaultCACertificates([...getCACertificates(), account.certificate]);
	host = await startTestHost({ settings: { ...account.settings, QUIET_SECONDS: '1' } });
	client = graphClient(host, await tokenFor(host));
});

afterAll(async () => {
	await host?.dispose();
	await account?.stop();
});

describe('with shared keys off', () => {
	test('whoever has the key does not get in', async () => {
		const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
		const byKey = BlobServiceClient.fromConnectionString(
			`DefaultEndpointsProtocol=https;AccountName=devstoreaccount1;AccountKey=${key};BlobEndpoint=${account.blobUrl}`,
		);
		const failure = await byKey.createContainer('any').catch((error) => error);
		expect(failure).toMatchObject({ statusCode: 403, code: 'KeyBasedAuthenticationNotPermitted' });
		const sas = await byKey
			.getContainerClient('any')
			.generateSasUrl({ permissions: 'c' as never, expiresOn: new Date(Date.now() + 60_000) });
		expect(
			(await fetch(sas.replace('?', '/a?'), { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' } })).status,
		).toBe(403);
		account.refused.length = 0;
	});

	test('a profile is made, its upload URL is signed by delegation for https, and its files are synced', async () => {
		profile = await createProfile(client);
		const { body } = await client.get(`${profile}/uploadUrl`);
		const url = new URL(String(body.value));
		expect(url.origin).toBe(new URL(account.blobUrl).origin);
		expect(Object.fromEntries(url.searchParams)).toMatchObject({
			spr: 'https',
			sp: 'cw',
			sr: 'c',
			skoid: expect.any(String),
		});
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success', reason: 'start' });
		const people = await client.get('/beta/education/users?$count=true');
		expect(people.body['@odata.count']).toBe(6);
	});

	test('the sample is synced', async () => {
		const sample = path.join(root, 'sample');
		const files = (await readdir(sample)).filter((name) => name.toLowerCase().endsWith('.csv'));
		const roster = Object.fromEntries(
			await Promise.all(files.map(async (name) => [name, await readFile(path.join(sample, name), 'utf8')])),
		);
		expect(files).toHaveLength(6);
		expect(await syncRoster(client, await createProfile(client), roster)).toMatchObject({ outcome: 'success' });
	});

	test('files that are dropped are synced by themselves', async () => {
		await uploadFiles(client, profile, smallRoster({ 'School.csv': 'SIS ID,Name\nS1,North School\nS2,West School\n' }));
		const run = await poll(
			async () => ({ body: (await latestRun(client, profile)) ?? {} }),
			({ body }) => body.reason === 'drop' && body.outcome !== undefined,
		);
		expect(run.body).toMatchObject({ outcome: 'success' });
	});

	test('pause, resume, reset, report and readiness work', async () => {
		for (const action of ['pause', 'resume', 'reset'])
			expect((await client.send('POST', `${profile}/${action}`)).status, action).toBe(200);
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success' });
		const ready = await client.get('/health/ready');
		expect([ready.status, ready.body.status]).toEqual([200, 'ready']);
		const faulty = { 'Student.csv': 'SIS ID,School SIS ID,Username,First Name,Last Name\nP1,S9,a,A,B\n' };
		await uploadFiles(client, profile, smallRoster(faulty));
		expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
		const run = await latestRun(client, profile);
		expect((await client.get(`${profile}/runs/${run?.id}/report`)).status).toBe(200);
	});

	test('a profile goes with all that is kept for it', async () => {
		expect((await client.send('DELETE', profile)).status).toBe(202);
		await poll(
			() => client.get(profile),
			({ status }) => status === 404,
		);
	});

	test('nothing was ever asked for with a key, and tokens are kept as long as they are good', () => {
		expect(account.refused).toEqual([]);
		expect(account.tokens).toBeGreaterThan(0);
		expect(account.tokens).toBeLessThan(20);
	});
});
