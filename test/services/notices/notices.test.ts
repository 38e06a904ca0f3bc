import { describe, expect, test } from 'vitest';
import type { RunFinished } from '../../../src/domain/events.ts';
import type { Notice, NotificationSettings } from '../../../src/domain/notices/notice.ts';
import { secretBytes, signedHeaders } from '../../../src/domain/notices/signature.ts';
import type { Profile } from '../../../src/domain/profile.ts';
import { announceExpiry, announceRun } from '../../../src/services/notices/announcements.ts';
import { giveUpNotice, sendNotice } from '../../../src/services/notices/deliveries.ts';
import { fakeClock } from '../../support/fakes/clock.ts';
import { fakeEvents } from '../../support/fakes/events.ts';
import { fakeNoticeQueue } from '../../support/fakes/notices/notice-queue.ts';
import { fakeNoticeSender } from '../../support/fakes/notices/notice-sender.ts';
import { fakeProfileStore } from '../../support/fakes/profile-store.ts';
import { fakeSecretStore } from '../../support/fakes/secret-store.ts';
import { profile, profileId } from '../../support/rosters/profile-builder.ts';
import { otherTenant, ownTenant } from '../../support/tenants.ts';

const ref = { tenantId: ownTenant, profileId };
const runId = '0a000000-0000-8000-8000-000000000001';
const notifications: NotificationSettings = { url: 'https://receiver.example.org/hook' };
const secret = Buffer.alloc(32, 5).toString('base64');

const ended: RunFinished = {
	name: 'run.finished',
	...ref,
	runId,
	trigger: 'drop',
	outcome: 'success',
	startedDateTime: '2026-03-02T10:00:00Z',
	finishedDateTime: '2026-03-02T10:05:00Z',
	tallies: {},
	directoryWrites: 3,
	heldRemovals: 0,
	errorCount: 0,
};

function setUp(changes: Partial<Profile> = {}) {
	const clock = fakeClock();
	const profiles = fakeProfileStore(profile({ notifications, ...changes }));
	const queue = fakeNoticeQueue();
	const secrets = fakeSecretStore();
	const sender = fakeNoticeSender();
	const events = fakeEvents();
	const world = {
		clock,
		profiles,
		queued: queue.queued,
		secrets,
		sender,
		sent: sender.sent,
		events,
		announcing: { profiles, queue, clock, address: 'https://sds.example.org' },
		current: async () => (await profiles.get(ownTenant, profileId))?.profile as Profile,
		async change(edit: Partial<Profile>) {
			const stored = await profiles.get(ownTenant, profileId);
			if (stored) await profiles.replace(stored, { ...stored.profile, ...edit });
		},
		async announced(): Promise<Notice> {
			await announceRun(world.announcing, ended);
			return queue.queued.at(-1) as Notice;
		},
	};
	return { ...world, sending: { profiles, secrets, sender, events, clock } };
}

async function ready(changes: Partial<Profile> = {}) {
	const scene = setUp(changes);
	await scene.secrets.put({ ...ref, name: 'notifications' }, secret);
	return { ...scene, notice: await scene.announced() };
}

describe('the end of a run', () => {
	test('is queued with a link to the run', async () => {
		const { announced } = setUp();
		const { body } = await announced();
		expect(JSON.parse(body)).toMatchObject({
			type: 'run.finished',
			data: {
				outcome: 'success',
				link: `https://sds.example.org/beta/education/synchronizationProfiles/${profileId}/runs/${runId}`,
			},
		});
	});

	test.each<[string, Partial<Profile>]>([
		['that wants no notices', { notifications: undefined as never }],
		['that wants others', { notifications: { ...notifications, events: ['run.failed'] } }],
		['whose receiver is gone', { noticeTrouble: { state: 'stopped', since: '' } }],
		['that is being deleted', { state: 'deleting' }],
		['of another tenant', { tenantId: otherTenant }],
	])('is no news for a profile %s', async (_, changes) => {
		const { announcing, queued } = setUp(changes);
		await announceRun(announcing, ended);
		expect(queued).toEqual([]);
	});
});

test('a profile that will soon cease to sync is announced, and one that has ceased or will not for long is not', async () => {
	const of = async (expirationDate: string | undefined, now: string) => {
		const { announcing, queued, clock } = setUp(expirationDate === undefined ? {} : { expirationDate });
		clock.set(now);
		await announceExpiry(announcing, ref);
		return queued.map(({ type }) => type);
	};
	expect(await of('2026-06-30', '2026-06-20T06:00:00Z')).toEqual(['profile.expiring']);
	expect(await of('2026-06-30', '2026-06-10T06:00:00Z')).toEqual([]);
	expect(await of('2026-06-30', '2026-06-30T06:00:00Z')).toEqual([]);
	expect(await of(undefined, '2026-06-20T06:00:00Z')).toEqual([]);
});

describe('a notice that is sent', () => {
	test('goes where the profile says, signed, the same each time but for its age', async () => {
		const { sending, notice, sent, clock } = await ready();
		expect(await sendNotice(sending, notice)).toBe('done');
		const first = clock.now();
		clock.set('2026-03-02T11:00:00.000Z');
		await sendNotice(sending, notice);
		const key = secretBytes(secret) as Buffer;
		expect(sent).toEqual(
			[first, clock.now()].map((now) => ({
				url: notifications.url,
				headers: signedHeaders(notice, key, now),
				body: notice.body,
			})),
		);
		expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
	});

	test.each([undefined, 300, 307, 400, 404, 500, 503])('and answered with %s is sent again', async (status) => {
		const { sending, notice, sender, current } = await ready();
		sender.status = status;
		expect(await sendNotice(sending, notice)).toBe('again');
		expect((await current()).noticeTrouble).toBeUndefined();
	});

	test('and answered with 410 is the last one, and the profile and the events say so', async () => {
		const { sending, notice, sender, current, sent, events } = await ready();
		sender.status = 410;
		expect(await sendNotice(sending, notice)).toBe('done');
		expect((await current()).noticeTrouble).toEqual({ state: 'stopped', since: '2026-03-02T10:00:00.000Z' });
		expect(events.told).toEqual([{ name: 'notices.stopped', ...ref }]);
		expect(await sendNotice(sending, notice)).toBe('done');
		expect(sent).toHaveLength(1);
	});

	test('waits as long as there is no secret to sign with', async () => {
		const { sending, announced, sent } = setUp();
		expect(await sendNotice(sending, await announced())).toBe('again');
		expect(sent).toEqual([]);
	});

	test.each<[string, Partial<Profile>]>([
		['no notices any more', { notifications: undefined as never }],
		['others by now', { notifications: { ...notifications, events: ['run.held'] } }],
	])('goes nowhere if the profile wants %s', async (_, changes) => {
		const { sending, notice, sent, change } = await ready();
		await change(changes);
		expect(await sendNotice(sending, notice)).toBe('done');
		expect(sent).toEqual([]);
	});
});

describe('a notice that is given up', () => {
	test('is shown at the profile until one is delivered', async () => {
		const { sending, notice, current, events } = await ready();
		await giveUpNotice(sending, notice);
		expect((await current()).noticeTrouble).toEqual({ state: 'failing', since: '2026-03-02T10:00:00.000Z' });
		expect(events.told).toEqual([{ name: 'notice.deliveryFailed', ...ref }]);
		expect(await sendNotice(sending, notice)).toBe('done');
		expect((await current()).noticeTrouble).toBeUndefined();
	});

	test('says nothing of a receiver that took its place meanwhile', async () => {
		const { sending, notice, current, change } = await ready();
		const post = async () => {
			await change({ notifications: { url: 'https://new.example.org/' } });
			return 410;
		};
		const replacing = { ...sending, sender: { post } };
		await sendNotice(replacing, notice);
		expect((await current()).noticeTrouble).toBeUndefined();
	});
});
