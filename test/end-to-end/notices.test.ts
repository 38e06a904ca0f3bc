import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackCertificate, loopbackCertificate } from '../support/hosts/loopback-certificate.ts';
import { startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import { type GraphClient, graphClient, type Json, poll, tokenFor } from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { createProfile, creationProfile, syncRoster } from '../support/sync-story.ts';

interface Delivery {
	path: string;
	headers: Record<string, string>;
	body: string;
}

const secret = Buffer.alloc(32, 9);
const deliveries: Delivery[] = [];
let certificate: LoopbackCertificate;
let receiver: Server;
let origin: string;
let host: TestHost;
let client: GraphClient;

beforeAll(async () => {
	certificate = await loopbackCertificate();
	receiver = createServer({ cert: certificate.cert, key: certificate.key }, async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks).toString('utf8');
		deliveries.push({ path: request.url ?? '', headers: request.headers as Record<string, string>, body });
		response.writeHead(request.url === '/gone' ? 410 : 204).end();
	});
	await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
	origin = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
	host = await startTestHost({ settings: { NOTIFY_PRIVATE: 'on', NODE_EXTRA_CA_CERTS: certificate.files.cert } });
	client = graphClient(host, await tokenFor(host));
});

afterAll(async () => {
	await host?.dispose();
	receiver?.closeAllConnections();
	await new Promise((done) => receiver?.close(done));
	await certificate?.remove();
});

const notifying = (path: string) => ({
	...creationProfile,
	notifications: { url: origin + path, secret: secret.toString('base64') },
});

const to = (path: string) => deliveries.filter((delivery) => delivery.path === path);

const received = (path: string, count: number) =>
	poll(
		async () => to(path),
		(found) => found.length >= count,
	);

describe('a receiver', () => {
	test('is told of the end of each run once, signed, with a link to the run and no personal data', async () => {
		const profile = await createProfile(client, notifying('/hook'));
		const run = await syncRoster(client, profile, smallRoster());
		const [delivery] = await received('/hook', 1);
		const { headers, body } = delivery as Delivery;
		const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
		const expected = createHmac('sha256', secret).update(signed).digest('base64');
		expect(headers['webhook-signature']).toBe(`v1,${expected}`);
		const { type, data } = JSON.parse(body) as { type: string; data: Json };
		expect([type, data.runId, data.outcome]).toEqual(['run.finished', run.id, 'success']);
		expect((await client.get(String(data.link))).body).toMatchObject({ id: run.id, outcome: 'success' });
		for (const word of ['Zoë', 'Ardent', 'zardent', 'Welcome-2026!', 'P1']) expect(body).not.toContain(word);
	});

	test('is told of files that were refused', async () => {
		const profile = await createProfile(client, notifying('/refused'));
		const refused = syncRoster(client, profile, smallRoster({ 'School.csv': 'SIS ID\r\nS1\r\n' }));
		await expect(refused).rejects.toThrow('400');
		const [delivery] = await received('/refused', 1);
		expect(JSON.parse((delivery as Delivery).body)).toMatchObject({
			type: 'run.refused',
			data: { outcome: 'refused' },
		});
	});

	test('that is gone gets no more, and the profile says so', async () => {
		const profile = await createProfile(client, notifying('/gone'));
		await syncRoster(client, profile, smallRoster());
		await poll(
			() => client.get(profile),
			({ body }) => body.notificationStatus === 'stopped',
		);
		await syncRoster(client, profile, smallRoster());
		expect(to('/gone')).toHaveLength(1);
		const { text } = await client.get(profile);
		expect(text).not.toContain(secret.toString('base64'));
	});
});
