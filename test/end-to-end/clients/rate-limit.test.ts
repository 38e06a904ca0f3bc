import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, profilesPath, tokenFor } from '../../support/requests/graph-client.ts';

let host: TestHost;
let busy: GraphClient;
let other: GraphClient;

beforeAll(async () => {
	host = await startTestHost({ settings: { RATE_LIMIT_PER_MINUTE: '1' } });
	busy = graphClient(host, await tokenFor(host, undefined, 'busy-client'));
	other = graphClient(host, await tokenFor(host, undefined, 'other-client'));
});

afterAll(() => host?.dispose());

test('a client that loops gets 429 and is told when to come again; others are served', async () => {
	// The burst is 60, and one request a minute comes back: a minute of this would be a very slow machine.
	const answers = await Promise.all(Array.from({ length: 80 }, () => busy.get(`${profilesPath}/$count`)));
	const refused = answers.find(({ status }) => status === 429);
	expect(refused?.body).toMatchObject({ error: { code: 'TooManyRequests' } });
	expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
	expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(60);
	expect((await other.get(`${profilesPath}/$count`)).text).toBe('0');
	const openApi = await fetch(`${host.url}/openapi.json`);
	expect(await openApi.json()).toMatchObject({ openapi: '3.1.1', servers: [{ url: host.url }] });
});
