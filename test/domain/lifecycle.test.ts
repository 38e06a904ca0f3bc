import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	effectiveStatus,
	isBusy,
	isExpired,
	type ProfileAction,
	requireStartable,
	requireState,
} from '../../src/domain/lifecycle.ts';
import { busyStatuses, profileStates, syncStatuses } from '../../src/domain/profile.ts';
import { profile, profileId } from '../support/profile-builder.ts';
import { refusal } from '../support/refusal.ts';

const now = new Date('2026-03-02T10:00:00Z');
const claimUntil = (until: string) => ({ claim: { runId: 'run', until } });

/** What the contract says, by hand: the error code of each action in each state, or undefined if it is legal. */
const contract: Record<ProfileAction, Record<(typeof profileStates)[number], string | undefined>> = {
	update: {
		provisioning: 'Conflict',
		provisioned: undefined,
		provisioningFailed: undefined,
		deleting: 'Conflict',
		deletionFailed: 'Conflict',
	},
	delete: {
		provisioning: undefined,
		provisioned: undefined,
		provisioningFailed: undefined,
		deleting: undefined,
		deletionFailed: undefined,
	},
	getUploadUrl: {
		provisioning: 'Conflict',
		provisioned: undefined,
		provisioningFailed: 'Conflict',
		deleting: 'Conflict',
		deletionFailed: 'Conflict',
	},
	start: {
		provisioning: 'BadRequest',
		provisioned: undefined,
		provisioningFailed: 'BadRequest',
		deleting: 'Conflict',
		deletionFailed: 'Conflict',
	},
};

describe('an action', () => {
	const cases = (Object.keys(contract) as ProfileAction[]).flatMap((action) =>
		profileStates.map((state) => ({ action, state })),
	);
	test.each(cases)('$action in state $state is as the contract says', ({ action, state }) => {
		const expected = contract[action][state];
		if (expected === undefined) expect(() => requireState(profile({ state }), action)).not.toThrow();
		else {
			const { code, message } = refusal(() => requireState(profile({ state }), action));
			expect(code).toBe(expected);
			expect(message).toMatch(
				new RegExp(`^Cannot .* profile "${profileId}": its state is "${state}", and it must be "provisioned"`),
			);
		}
	});
});

describe('the status that clients see', () => {
	test('is validating while a claim lives', () => {
		expect(effectiveStatus(profile({ status: 'success', ...claimUntil('2026-03-02T10:00:01Z') }), now)).toBe(
			'validating',
		);
	});

	test.each(['2026-03-02T10:00:00Z', '2026-03-02T09:59:59Z', 'not a date'])('forgets a claim until %s', (until) => {
		expect(effectiveStatus(profile({ status: 'success', ...claimUntil(until) }), now)).toBe('success');
	});

	test('is that of the run once it has begun, claim or not', () => {
		expect(effectiveStatus(profile({ status: 'inProgress', ...claimUntil('2026-03-02T10:00:01Z') }), now)).toBe(
			'inProgress',
		);
	});

	test('of an expired profile is paused, unless a run is still busy', () => {
		for (const status of syncStatuses) {
			const expected = busyStatuses.has(status) ? status : 'paused';
			expect(effectiveStatus(profile({ status, expirationDate: '2026-03-02' }), now), status).toBe(expected);
		}
	});
});

describe('a profile', () => {
	test.each([
		[undefined, false],
		['2026-03-01', true],
		['2026-03-02', true],
		['2026-03-03', false],
	])('that expires on %s has expired on 2 March: %s', (expirationDate, expected) => {
		expect(isExpired(profile(expirationDate ? { expirationDate } : {}), now)).toBe(expected);
	});

	test('may be started exactly if it is provisioned, not expired and not busy', () => {
		const profiles = fc.record({
			state: fc.constantFrom(...profileStates),
			status: fc.constantFrom(...syncStatuses),
			expirationDate: fc.constantFrom('2026-03-01', '2031-01-01'),
			claim: fc.constantFrom(claimUntil('2026-03-02T10:00:01Z').claim, claimUntil('2026-03-02T09:00:00Z').claim),
		});
		fc.assert(
			fc.property(profiles, (changes) => {
				const each = profile(changes);
				const mayStart = each.state === 'provisioned' && !isExpired(each, now) && !isBusy(each, now);
				if (mayStart) expect(() => requireStartable(each, now)).not.toThrow();
				else expect(['Conflict', 'BadRequest']).toContain(refusal(() => requireStartable(each, now)).code);
			}),
		);
	});
});
