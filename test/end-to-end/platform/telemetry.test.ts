import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstTenant, root, startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, tokenFor } from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, syncRoster, uploadFiles } from '../../support/sync-story.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/telemetry/otlp-receiver.ts';
import { doDueNow } from '../../support/worlds/due-now.ts';

/** What an operator's collector gets to see of a day with a sync, a refused file and a deleted profile. */

let receiver: OtlpReceiver;
let host: TestHost;
let client: GraphClient;
let profile: string;
let runId: string;
let refusedRunId: string;

const personalWords = [
	'Ardent',
	'zardent',
	'Welcome-2026!',
	'Vera',
	'velm',
	'Contoso District',
	'North School',
	'Maths',
];

beforeAll(async () => {
	receiver = await startOtlpReceiver();
	host = await startTestHost({
		settings: {
			OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.endpoint}/`,
			OTEL_EXPORTER_OTLP_HEADERS: 'x-district=contoso',
		},
	});
	client = graphClient(host, await tokenFor(host));
	profile = await createProfile(client);
	const run = await syncRoster(client, profile, smallRoster());
	runId = String(run.id);
	const faulty =
		'SIS ID,School SIS ID,First Name,Last Name,Username,Password,Grade\r\nP1,S1,,Ardent,zardent,Welcome-2026!,9\r\n';
	await uploadFiles(client, profile, smallRoster({ 'Student.csv': faulty }));
	expect((await client.send('POST', `${profile}/start`)).status).toBe(400);
	const { body } = await client.get(`${profile}/runs?$top=1`);
	refusedRunId = String((body.value as { id: string }[])[0]?.id);
	await client.send('POST', `${profile}/pause`);
	await client.send('DELETE', profile);
	await doDueNow(host, 'deployment', 'census');
	// An orderly end sends what is still kept.
	await host.stop();
	await host.ended;
});

afterAll(async () => {
	await host?.dispose();
	await receiver?.stop();
});

const profileId = () => profile.split('/').at(-1) as string;
const traceOf = (id: string) => id.replaceAll('-', '').toLowerCase();
const eventsOf = (name: string) => receiver.events.filter((event) => event.name === name);

describe('a collector', () => {
	test('hears of a run from its start to its end, by ids', () => {
		const ids = { 'sds.tenant.id': firstTenant, 'sds.profile.id': profileId(), 'sds.run.id': runId.toLowerCase() };
		const [verified] = eventsOf('sds.files.verified');
		expect(verified).toMatchObject({
			traceId: traceOf(runId),
			attributes: { ...ids, 'sds.run.trigger': 'start', 'sds.files.accepted': true, 'sds.rows': 19 },
		});
		expect(eventsOf('sds.run.started')).toMatchObject([{ traceId: traceOf(runId), attributes: ids }]);
		const [finished] = eventsOf('sds.run.finished').filter(({ traceId }) => traceId === traceOf(runId));
		expect(finished).toMatchObject({
			severity: 'INFO',
			attributes: {
				...ids,
				'sds.run.outcome': 'success',
				'sds.run.trigger': 'start',
				// Six people are in schools, which are memberships of their own.
				'sds.records.added': 25,
				'sds.records.removed': 0,
				'sds.run.errors': 0,
			},
		});
		expect(finished?.attributes['sds.run.duration']).toBeGreaterThan(0);
		expect(finished?.attributes['sds.directory.writes']).toBeGreaterThan(0);
	});

	test('sees each run as one trace, with a span for each step below that of the run', () => {
		const spans = receiver.spans.filter(({ traceId }) => traceId === traceOf(runId));
		const whole = spans.filter(({ name }) => name === 'sds.run');
		expect(whole).toHaveLength(1);
		expect(whole[0]).toMatchObject({ parentSpanId: '', isError: false });
		expect(whole[0]?.attributes).toMatchObject({ 'sds.run.id': runId.toLowerCase(), 'sds.run.outcome': 'success' });
		const steps = spans.filter(({ name }) => name.startsWith('sds.step.'));
		expect(new Set(steps.map(({ name }) => name))).toEqual(
			new Set(
				[
					'beginRun',
					'takeHistory',
					'shardRoster',
					'compareShard',
					'planRun',
					'applySlice',
					'readBack',
					'holdFound',
					'finishRun',
				].map((name) => `sds.step.${name}`),
			),
		);
		for (const step of steps) {
			expect(step.parentSpanId).toBe(whole[0]?.spanId);
			expect(step.attributes).toMatchObject({ 'sds.profile.id': profileId(), 'sds.run.id': runId.toLowerCase() });
			expect(step.milliseconds).toBeGreaterThanOrEqual(0);
		}
		expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
	});

	test('hears of refused files as of a run that did not come to be', () => {
		const finished = eventsOf('sds.run.finished').filter(({ traceId }) => traceId === traceOf(refusedRunId));
		expect(finished).toMatchObject([{ severity: 'WARN', attributes: { 'sds.run.outcome': 'refused' } }]);
		expect(eventsOf('sds.files.verified').at(-1)).toMatchObject({
			severity: 'WARN',
			attributes: { 'sds.files.accepted': false },
		});
		expect(eventsOf('sds.files.verified').at(-1)?.attributes['sds.findings.errors']).toBeGreaterThan(0);
	});

	test('learns who did what to a profile', () => {
		const [created] = eventsOf('sds.profile.created');
		expect(created?.attributes).toMatchObject({
			'sds.profile.id': profileId(),
			'sds.actor.id': expect.any(String),
			'sds.actor.app_id': expect.any(String),
		});
		for (const name of ['profile.created', 'upload.allowed', 'profile.paused', 'profile.deleted'])
			expect(eventsOf(`sds.${name}`)[0]?.attributes['sds.actor.id'], name).toBe(created?.attributes['sds.actor.id']);
		// What follows by itself has nobody who did it.
		for (const name of ['profile.provisioned', 'run.finished'])
			expect(eventsOf(`sds.${name}`)[0]?.attributes, name).not.toHaveProperty('sds.actor.id');
	});

	test('counts runs, rows, findings, records and writes', () => {
		const total = (name: string, attributes: Record<string, string> = {}) =>
			receiver.points
				.filter((point) => point.name === name)
				.filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
				.reduce((sum, { value }) => sum + value, 0);
		expect(total('sds.runs', { 'sds.run.outcome': 'success', 'sds.run.trigger': 'start' })).toBe(1);
		expect(total('sds.runs', { 'sds.run.outcome': 'refused' })).toBe(1);
		expect(total('sds.rows', { 'sds.record.kind': 'studentEnrollment' })).toBe(10);
		expect(total('sds.records', { 'sds.record.kind': 'student', 'sds.record.change': 'added' })).toBe(4);
		expect(total('sds.findings', { 'sds.finding.severity': 'error' })).toBeGreaterThan(0);
		expect(total('sds.directory.writes')).toBeGreaterThan(0);
		const durations = receiver.points.filter(({ name }) => name === 'sds.run.duration');
		expect(durations.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(2);
		for (const point of receiver.points) expect(point.isDelta || point.kind === 'gauge', point.name).toBe(true);
	});

	test('is told each hour how the profiles stand', () => {
		const gauges = receiver.points.filter(({ kind }) => kind === 'gauge');
		expect(new Set(gauges.map(({ name }) => name))).toEqual(
			new Set(['sds.profiles', 'sds.profiles.expiring', 'sds.profiles.overdue']),
		);
	});

	test('knows the service and its instance, and gets the headers that it asks for', () => {
		for (const resource of receiver.resources)
			expect(resource).toMatchObject({ 'service.name': 'school-data-sync', 'service.instance.id': expect.any(String) });
		expect(new Set(receiver.resources.map((each) => each['service.instance.id'])).size).toBe(1);
		expect(receiver.headers).toContain('x-district=contoso');
	});

	test('gets nothing that a school or a person wrote', () => {
		const all = Buffer.concat(receiver.bytes).toString('latin1');
		expect(all).toContain(profileId());
		for (const word of personalWords) expect(all).not.toContain(word);
	});

	test('finds every name in the documentation, and the documentation names no other', async () => {
		const documented = namesIn(await readFile(path.join(root, 'docs/telemetry.md'), 'utf8'));
		const sent = new Set([
			...receiver.events.map(({ name }) => name),
			...receiver.spans.map(({ name }) => name),
			...receiver.points.map(({ name }) => name),
			...[...receiver.events, ...receiver.spans, ...receiver.points].flatMap(({ attributes }) =>
				Object.keys(attributes),
			),
		]);
		for (const name of sent) expect(documented, name).toContain(name);
		const sources = await Promise.all(sourceFiles.map((name) => readFile(path.join(root, 'src', name), 'utf8')));
		// What this day did not bring is in the sources at least; there events have no prefix, and steps are called by their activity.
		const isKnown = (name: string) =>
			sent.has(name) ||
			sources.some((text) => [name, name.replace(/^sds\.(step\.)?/, '')].some((each) => text.includes(`'${each}'`)));
		expect([...documented].filter((name) => !isKnown(name) && !name.startsWith('sds.records.'))).toEqual([]);
	});
});

const sourceFiles = [
	'domain/events.ts',
	'domain/sync/course.ts',
	'adapters/telemetry/instruments.ts',
	'adapters/telemetry/event-attributes.ts',
];

const namesIn = (text: string) => new Set([...text.matchAll(/`(sds\.[\w.]+)`/g)].map(([, name = '']) => name));
