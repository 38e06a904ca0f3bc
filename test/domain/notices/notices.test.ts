import { describe, expect, test } from 'vitest';
import type { RunFinished } from '../../../src/domain/events.ts';
import { courseOfDelivery, type DeliveryStep, type SendResult } from '../../../src/domain/notices/delivery.ts';
import { isWanted, noticeOfExpiry, noticeOfRun, typeOfRun } from '../../../src/domain/notices/notice.ts';
import { secretBytes, signedHeaders } from '../../../src/domain/notices/signature.ts';
import { profile, profileId } from '../../support/rosters/profile-builder.ts';
import { ownTenant } from '../../support/tenants.ts';

const ended = (changes: Partial<RunFinished> = {}): RunFinished => ({
	name: 'run.finished',
	tenantId: ownTenant,
	profileId,
	runId: '0a000000-0000-8000-8000-000000000001',
	trigger: 'start',
	outcome: 'success',
	startedDateTime: '2026-03-02T10:00:00Z',
	finishedDateTime: '2026-03-02T10:05:00Z',
	tallies: {},
	directoryWrites: 3,
	heldRemovals: 0,
	errorCount: 0,
	...changes,
});

const link = 'https://sds.example.org/run';

describe('a notice of a run', () => {
	test.each([
		[{}, 'run.finished'],
		[{ outcome: 'error' }, 'run.finished'],
		[{ outcome: 'terminated' }, 'run.finished'],
		[{ heldRemovals: 7 }, 'run.held'],
		[{ outcome: 'error', heldRemovals: 7 }, 'run.held'],
		[{ outcome: 'failed', heldRemovals: 7 }, 'run.failed'],
		[{ outcome: 'refused' }, 'run.refused'],
	] as const)('that ended as %j is called %s', (changes, type) => {
		expect(typeOfRun(ended(changes))).toBe(type);
	});

	test('has ids, outcome, counts and a link, and nothing else', () => {
		const { body } = noticeOfRun(ended({ failure: 'The plan of Zoë is missing.', outcome: 'failed' }), link);
		expect(JSON.parse(body)).toEqual({
			type: 'run.failed',
			timestamp: '2026-03-02T10:05:00Z',
			data: {
				tenantId: ownTenant,
				profileId,
				runId: '0a000000-0000-8000-8000-000000000001',
				reason: 'start',
				outcome: 'failed',
				startedDateTime: '2026-03-02T10:00:00Z',
				finishedDateTime: '2026-03-02T10:05:00Z',
				tallies: {},
				directoryWrites: 3,
				heldRemovals: 0,
				errorCount: 0,
				link,
			},
		});
	});

	test('has one id however often the end is told, and another run has another', () => {
		const { id } = noticeOfRun(ended(), link);
		expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
		expect(noticeOfRun(ended({ directoryWrites: 4 }), link).id).toBe(id);
		expect(noticeOfRun(ended({ runId: '0a000000-0000-8000-8000-000000000002' }), link).id).not.toBe(id);
	});
});

test('a notice of an expiry has one id for each date', () => {
	const now = new Date('2026-06-20T06:00:00Z');
	const of = (expirationDate: string) => noticeOfExpiry(profile({ expirationDate }), now, link);
	expect(of('2026-06-30').id).toBe(noticeOfExpiry(profile({ expirationDate: '2026-06-30' }), new Date(0), link).id);
	expect(of('2026-06-30').id).not.toBe(of('2026-07-01').id);
	expect(JSON.parse(of('2026-06-30').body)).toMatchObject({
		type: 'profile.expiring',
		data: { expirationDate: '2026-06-30' },
	});
});

test('who names no events wants all of them', () => {
	expect(isWanted({ url: link }, 'run.held')).toBe(true);
	expect(isWanted({ url: link, events: ['run.failed'] }, 'run.held')).toBe(false);
});

describe('the signature', () => {
	// The example of the specification of Standard Webhooks.
	const example = {
		secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
		id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
		body: '{"test": 2432232314}',
		seconds: 1_614_265_330,
		signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
	};

	test('is that of Standard Webhooks', () => {
		const secret = secretBytes(example.secret) as Buffer;
		expect(signedHeaders(example, secret, new Date(example.seconds * 1000 + 999))).toEqual({
			'webhook-id': example.id,
			'webhook-timestamp': String(example.seconds),
			'webhook-signature': example.signature,
		});
	});

	test.each([
		'',
		'whsec_',
		'short',
		'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS',
		`${'A'.repeat(88)}`,
		'not base64 at all, it is a phrase!',
	])('cannot be made with %j', (secret) => expect(secretBytes(secret)).toBeUndefined());
});

describe('the delivery of a notice', () => {
	function deliver(...results: SendResult[]): DeliveryStep[] {
		const steps: DeliveryStep[] = [];
		const course = courseOfDelivery();
		let next = course.next();
		for (; !next.done; next = course.next(steps.at(-1)?.name === 'send' ? results.shift() : undefined))
			steps.push(next.value);
		return steps;
	}

	test('is over with the first answer that is fine', () => {
		expect(deliver('done')).toEqual([{ name: 'send' }]);
		expect(deliver('again', 'done').map(({ name }) => name)).toEqual(['send', 'wait', 'send']);
	});

	test('is tried again after 1 min, 5 min, 30 min, 2 h and 12 h, and then given up', () => {
		const steps = deliver(...Array.from({ length: 6 }, () => 'again' as const));
		expect(steps.flatMap((step) => (step.name === 'wait' ? [step.milliseconds / 60_000] : []))).toEqual([
			1, 5, 30, 120, 720,
		]);
		expect(steps.filter(({ name }) => name === 'send')).toHaveLength(6);
		expect(steps.at(-1)).toEqual({ name: 'giveUp' });
	});
});
