import { afterEach, expect, test } from 'vitest';
import { telemetry } from '../../../src/adapters/telemetry/telemetry.ts';
import { countProfiles } from '../../../src/domain/profile-counts.ts';
import { profile } from '../../support/rosters/profile-builder.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/telemetry/otlp-receiver.ts';

let receiver: OtlpReceiver | undefined;
afterEach(() => receiver?.stop());

async function open(temporality: 'delta' | 'cumulative' = 'delta') {
	receiver = await startOtlpReceiver();
	return { told: telemetry({ otlp: { endpoint: receiver.endpoint, temporality } }), receiver };
}

const run = {
	tenantId: '11111111-1111-4111-8111-111111111111',
	profileId: '22222222-2222-4222-8222-222222222222',
	runId: 'fe5a0000-0000-8abc-8def-0123456789ab',
};
const now = new Date('2026-03-15T10:00:00Z');

test('refusals and the state of profiles are told, and a gauge is told once', async () => {
	const { told, receiver } = await open();
	told.throttled('api');
	told.throttled('api');
	told.throttled('tables');
	told.counted(countProfiles([profile({ status: 'quarantined', state: 'provisioned' })], now));
	await told.flush();
	const of = (name: string) => receiver.points.filter((point) => point.name === name);
	expect(of('sds.throttles').map(({ value, attributes }) => [value, attributes['sds.throttle.by']])).toEqual([
		[2, 'api'],
		[1, 'tables'],
	]);
	const waiting = () =>
		of('sds.profiles').filter(({ attributes }) => attributes['sds.profile.status'] === 'quarantined');
	expect(waiting().map(({ value }) => value)).toEqual([1]);
	await told.flush();
	expect(waiting()).toHaveLength(1);
});

test('notices are told with their days, as something to look at', async () => {
	const { told, receiver } = await open();
	const { runId, ...ref } = run;
	told.happened({ name: 'profile.expiring', ...ref, days: 14 }, {});
	told.happened({ name: 'holds.waiting', ...ref, runId, days: 3 }, {});
	told.happened({ name: 'profile.expired', ...ref }, {});
	await told.flush();
	expect(receiver.events).toMatchObject([
		{ name: 'sds.profile.expiring', severity: 'WARN', attributes: { 'sds.notice.days': 14 } },
		{ name: 'sds.holds.waiting', severity: 'WARN', attributes: { 'sds.notice.days': 3, 'sds.run.id': runId } },
		{ name: 'sds.profile.expired', severity: 'WARN' },
	]);
});

test('a step that throws is told as failed, with a link to its invocation, and throws', async () => {
	const { told, receiver } = await open();
	const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
	const failing = told.step({ name: 'applySlice', run, kind: 'student', origin: { traceParent } }, async () => {
		throw new Error('no answer of Vera Elm');
	});
	await expect(failing).rejects.toThrow('no answer');
	await told.flush();
	expect(receiver.spans).toMatchObject([
		{
			name: 'sds.step.applySlice',
			isError: true,
			traceId: 'fe5a000000008abc8def0123456789ab',
			parentSpanId: '8def0123456789ab',
			links: ['0af7651916cd43dd8448eb211c80319c'],
			attributes: { 'sds.record.kind': 'student' },
		},
	]);
	expect(Buffer.concat(receiver.bytes).toString('latin1')).not.toContain('Vera');
});

test('cumulative counters are there for whoever wants them', async () => {
	const { told, receiver } = await open('cumulative');
	told.throttled('api');
	await told.flush();
	told.throttled('api');
	await told.flush();
	expect(receiver.points.map(({ value, isDelta }) => [value, isDelta])).toEqual([
		[1, false],
		[2, false],
	]);
});

test('without a place to send to, work is done and nothing waits', async () => {
	const told = telemetry({});
	expect(await told.step({ name: 'any', run, origin: {} }, async () => 7)).toBe(7);
	told.throttled('api');
	await told.flush();
});
