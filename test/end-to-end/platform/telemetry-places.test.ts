import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { loopbackCertificate } from '../../support/hosts/loopback-certificate.ts';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { graphClient, poll, tokenFor } from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, syncRoster } from '../../support/sync-story.ts';
import { startLoopbackServer } from '../../support/telemetry/loopback-server.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0).reverse()) await stop();
});

async function startHost(settings: Record<string, string>): Promise<TestHost> {
	const host = await startTestHost({ settings });
	stops.push(() => host.dispose());
	return host;
}

async function syncOn(host: TestHost) {
	const client = graphClient(host, await tokenFor(host));
	return syncRoster(client, await createProfile(client), smallRoster());
}

const sayings = (host: TestHost) => host.log().match(/Telemetry cannot be sent/g)?.length ?? 0;

describe('a collector', () => {
	test('that is not there harms no sync, and is told of once', async () => {
		const gone = await startLoopbackServer(() => {});
		await gone.stop();
		const host = await startHost({ OTEL_EXPORTER_OTLP_ENDPOINT: gone.url });
		expect(await syncOn(host)).toMatchObject({ outcome: 'success' });
		expect(await syncOn(host)).toMatchObject({ outcome: 'success' });
		await host.stop();
		expect(sayings(host)).toBe(1);
	});

	test('that refuses harms no sync, and is told of once', async () => {
		const refusing = await startLoopbackServer((request, response) => {
			request.resume();
			response.writeHead(400).end();
		});
		stops.push(refusing.stop);
		const host = await startHost({ OTEL_EXPORTER_OTLP_ENDPOINT: refusing.url });
		expect(await syncOn(host)).toMatchObject({ outcome: 'success' });
		await host.stop();
		expect(sayings(host)).toBe(1);
	});

	test('that never answers harms no sync', async () => {
		let asked = 0;
		const silent = await startLoopbackServer(() => void asked++);
		stops.push(silent.stop);
		const host = await startHost({ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url });
		expect(await syncOn(host)).toMatchObject({ outcome: 'success' });
		await host.stop();
		expect(asked).toBeGreaterThan(0);
	});
});

interface Envelope {
	name: string;
	iKey: string;
	tags: Record<string, string>;
	data: {
		baseType: string;
		baseData: { name?: string; id?: string; properties?: Record<string, string>; metrics?: { name: string }[] };
	};
}

describe('Application Insights', () => {
	test('gets events, spans and metrics, each as the kind that its tables are made of', async () => {
		const envelopes: Envelope[] = [];
		const paths = new Set<string>();
		const tls = await loopbackCertificate();
		stops.push(tls.remove);
		const ingestion = await startLoopbackServer(async (request, response) => {
			paths.add(request.url ?? '');
			const raw = await buffer(request);
			const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
			const items = JSON.parse(text) as Envelope[];
			envelopes.push(...items);
			const answer = { itemsReceived: items.length, itemsAccepted: items.length, errors: [] };
			response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
		}, tls);
		stops.push(ingestion.stop);
		const key = '00000000-0000-4000-8000-000000000001';
		const host = await startHost({
			APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${key};IngestionEndpoint=${ingestion.url}/`,
			NODE_EXTRA_CA_CERTS: tls.files.cert,
			APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
			// The package asks a server of Microsoft's for its own settings: not from a test.
			HTTPS_PROXY: 'http://127.0.0.1:9',
			NO_PROXY: '127.0.0.1',
		});
		const { id } = await syncOn(host);
		const trace = String(id).replaceAll('-', '').toLowerCase();
		const named = (baseType: string, name: string) =>
			envelopes.filter(({ data }) => data.baseType === baseType && data.baseData.name === name);
		const [finished] = await poll(
			async () => named('EventData', 'sds.run.finished'),
			(found) => found.length > 0,
		);
		expect(finished).toMatchObject({ iKey: key, tags: { 'ai.operation.id': trace } });
		expect(finished?.data.baseData.properties).toMatchObject({ 'sds.run.outcome': 'success' });
		await host.stop();
		expect(named('RemoteDependencyData', 'sds.run')[0]?.tags).toMatchObject({ 'ai.operation.id': trace });
		expect(named('RemoteDependencyData', 'sds.step.applySlice').length).toBeGreaterThan(0);
		const metrics = envelopes.flatMap(({ data }) => data.baseData.metrics ?? []).map(({ name }) => name);
		expect(metrics).toEqual(expect.arrayContaining(['sds.runs', 'sds.run.duration', 'sds.rows']));
		expect([...paths].every((path) => path.includes('/track'))).toBe(true);
		expect(JSON.stringify(envelopes)).not.toMatch(/Ardent|zardent|Welcome-2026!/);
	});
});
