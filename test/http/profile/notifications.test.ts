import { describe, expect, test } from 'vitest';
import { applyProfilePatch, readProfile } from '../../../src/http/profile/profile-body.ts';
import { profileResource } from '../../../src/http/profile/profile-resource.ts';
import { refusal } from '../../support/requests/refusal.ts';
import { profile, profileBody } from '../../support/rosters/profile-builder.ts';

const url = 'https://receiver.example.org/hook';
const secret = Buffer.alloc(32, 5).toString('base64');
const view = { now: new Date('2026-03-02T10:00:00Z'), knowsAllEnumMembers: false };
const read = (notifications: unknown) => readProfile(profileBody({ notifications }));

describe('notifications', () => {
	test('are read, their secret apart', () => {
		const { definition, ...secrets } = read({ url, events: ['run.held', 'run.failed'], secret: `whsec_${secret}` });
		expect(definition.notifications).toEqual({ url, events: ['run.held', 'run.failed'] });
		expect(secrets).toEqual({ notificationSecret: `whsec_${secret}` });
	});

	test('may leave out which events: then they are all, and null is the same', () => {
		for (const events of [undefined, null])
			expect(read({ url, events, secret }).definition.notifications).toEqual({ url });
	});

	test.each([
		['url', { url: 'http://receiver.example.org/' }, 'must be an https URL'],
		['url', { url: 'https://ada:pw@receiver.example.org/' }, 'without user name, password'],
		['url', {}, 'missing'],
		['events/0', { url, events: ['run.started'] }, 'must be one of run.refused'],
		['events', { url, events: [] }, 'must not be empty'],
		['secret', { url, secret: 'short' }, 'is a secret, and it must be 24 to 64 random bytes in base64'],
	])('are refused with a wrong %s', (target, notifications, words) => {
		const { details } = refusal(() => read(notifications)).extras;
		expect(details?.[0]).toMatchObject({ target: `notifications/${target}`, message: expect.stringContaining(words) });
	});

	test('are shown with how they stand, and hidden where there are none', () => {
		const shown = (changes: Parameters<typeof profile>[0]) => profileResource(profile(changes), view);
		expect(shown({ notifications: { url } })).toMatchObject({ notifications: { url }, notificationStatus: 'on' });
		const noticeTrouble = { state: 'stopped', since: '2026-03-01T00:00:00Z' } as const;
		expect(shown({ notifications: { url }, noticeTrouble }).notificationStatus).toBe('stopped');
		expect(Object.keys(shown({})).filter((name) => name.startsWith('notification'))).toEqual([]);
	});

	test('are changed member by member, and cleared by null', () => {
		const { definition } = read({ url, events: ['run.held'], secret });
		const patched = applyProfilePatch(definition, { notifications: { events: ['run.failed'] } });
		expect(patched.definition.notifications).toEqual({ url, events: ['run.failed'] });
		expect(patched.notificationSecret).toBeUndefined();
		expect(applyProfilePatch(definition, { notifications: null }).definition.notifications).toBeUndefined();
		expect(applyProfilePatch(definition, { notifications: { events: null } }).definition.notifications).toEqual({
			url,
		});
	});
});
