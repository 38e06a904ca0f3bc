import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	effectiveStatus,
	isBusy,
	isExpired,
	type ProfileAction,
	requireLegal,
	requireTransition,
	resumeStep,
	stateTransitions,
	statusTransitions,
} from '../../src/domain/lifecycle.ts';
import { busyStatuses, profileStates, syncStatuses } from '../../src/domain/profile.ts';
import { refusal } from '../support/requests/refusal.ts';
import { profile, profileId } from '../support/rosters/profile-builder.ts';

const now = new Date('2026-03-02T10:00:00Z');
const claimUntil = (until: string) => ({ claim: { runId: 'run', until } });

const onlyProvisioned = {
	provisioning: 'Conflict',
	provisioned: undefined,
	provisioningFailed: 'Conflict',
	deleting: 'Conflict',
	deletionFailed: 'Conflict',
} as const;

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
	getUploadUrl: onlyProvisioned,
	pause: onlyProvisioned,
	resume: onlyProvisioned,
	reset: onlyProvisioned,
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
		if (expected === undefined) expect(() => requireLegal(profile({ state }), action, now)).not.toThrow();
		else {
			const { code, message } = refusal(() => requireLegal(profile({ state }), action, now));
			expect(code).toBe(expected);
			expect(message).toMatch(
				new RegExp(`^Cannot .* profile "${profileId}": its state is "${state}", and it must be "provisioned"`),
			);
		}
	});
});

describe('a profile that is busy or has expired', () => {
	const busy = { status: 'inProgress' } as const;
	const expired = { expirationDate: '2026-03-01' } as const;
	test.each([
		['update', undefined, undefined],
		['delete', undefined, undefined],
		['getUploadUrl', 'Conflict', undefined],
		['start', 'Conflict', 'Conflict'],
		['pause', undefined, undefined],
		['resume', undefined, 'Conflict'],
		['reset', undefined, 'Conflict'],
	] as const)('answers %s with %s while busy, and with %s when expired', (action, whileBusy, afterExpiry) => {
		const answers = [busy, expired].map((changes) => {
			try {
				requireLegal(profile(changes), action, now);
				return undefined;
			} catch {
				return refusal(() => requireLegal(profile(changes), action, now)).code;
			}
		});
		expect(answers).toEqual([whileBusy, afterExpiry]);
	});

	test('says what is needed', () => {
		const texts = [busy, expired].map((changes) => refusal(() => requireLegal(profile(changes), 'start', now)).message);
		expect(texts).toEqual([
			`Cannot start profile "${profileId}": its status is "inProgress", and it must be idle. Wait until the running sync has finished.`,
			`Cannot start profile "${profileId}": it expired on 2026-03-01. Set a later expirationDate first.`,
		]);
	});
});

describe('a transition', () => {
	test('is legal exactly if the tables have it, or nothing changes', () => {
		for (const from of profileStates) {
			for (const to of profileStates) {
				const isLegal = from === to || stateTransitions[from].includes(to);
				const change = () => requireTransition(profile({ state: from }), profile({ state: to }));
				if (isLegal) expect(change, `${from} to ${to}`).not.toThrow();
				else expect(change, `${from} to ${to}`).toThrow('no such transition');
			}
		}
		for (const from of syncStatuses) {
			for (const to of syncStatuses) {
				const isLegal = from === to || statusTransitions[from].includes(to);
				const change = () => requireTransition(profile({ status: from }), profile({ status: to }));
				if (isLegal) expect(change, `${from} to ${to}`).not.toThrow();
				else expect(change, `${from} to ${to}`).toThrow('no such transition');
			}
		}
	});

	test('never leads out of a removal but by its end, nor into a status that is only shown', () => {
		expect(stateTransitions.deleting).toEqual(['deletionFailed']);
		const reached = Object.values(statusTransitions).flat();
		expect(reached).not.toContain('validating');
		expect(reached).not.toContain('extracting');
	});
});

describe('the status that clients see', () => {
	test('is paused once it was paused, whatever the sync does meanwhile', () => {
		for (const status of syncStatuses)
			expect(effectiveStatus(profile({ status, pausedSince: '2026-03-01T00:00:00Z' }), now), status).toBe('paused');
	});

	test('is validating while a paused profile is being started', () => {
		const changes = { status: 'inProgress', pausedSince: '2026-03-01T00:00:00Z' } as const;
		expect(effectiveStatus(profile({ ...changes, ...claimUntil('2026-03-02T10:00:01Z') }), now)).toBe('validating');
	});

	test('is validating while a claim lives', () => {
		expect(effectiveStatus(profile({ status: 'success', ...claimUntil('2026-03-02T10:00:01Z') }), now)).toBe(
			'validating',
		);
	});

	test.each(['2026-03-02T10:00:00Z', '2026-03-02T09:59:59Z', 'not a date'])('forgets a claim until %s', (until) => {
		expect(effectiveStatus(profile({ status: 'success', ...claimUntil(until) }), now)).toBe('success');
	});

	test('forgets a claim that a wrong clock has made for hours', () => {
		const claimed = profile({ status: 'success', ...claimUntil('2026-03-02T11:00:00Z') });
		expect(effectiveStatus(claimed, now)).toBe('success');
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

describe('a resume', () => {
	const paused = { pausedSince: '2026-03-01T00:00:00Z' } as const;
	const claimed = claimUntil('2026-03-02T10:00:01Z');
	const oneRoster = {
		kind: 'oneRoster',
		connectionUrl: 'https://sis.example.org',
		connectionSettings: { kind: 'oauth1', clientId: 'id' },
		schoolsIds: [],
		termIds: [],
		customizations: {},
	} as const;

	test.each([
		// Whatever was tried while a run stood still, it goes on first.
		['runOn', 'suspended', { status: 'inProgress', ...paused }],
		['runOn', 'suspended', { status: 'validationError' }],
		['runOn', 'suspended', { status: 'validationError', ...paused }],
		['runOn', 'suspended', { status: 'success' }],
		['nothing', 'running', { status: 'inProgress' }],
		['nothing', 'running', { status: 'validationError', ...paused }],
		['nothing', 'none', { status: 'success', ...claimed }],
		['nothing', 'suspended', { status: 'inProgress', ...paused, ...claimed }],
		['nothing', 'none', { status: 'success' }],
		['nothing', 'none', { status: 'error' }],
		['skipFaulty', 'none', { status: 'validationError' }],
		['skipFaulty', 'none', { status: 'validationError', ...paused }],
		['startAnew', 'none', { status: 'paused' }],
		['startAnew', 'none', { status: 'quarantined' }],
		['startAnew', 'none', { status: 'success', ...paused }],
		['startAnew', 'none', { status: 'error', ...paused }],
		['nothing', 'none', { status: 'success', ...paused, dataProvider: oneRoster }],
	] as const)('comes to %s where the sync is %s and the profile %j', (step, sync, changes) => {
		expect(resumeStep(profile(changes), sync, now)).toBe(step);
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
				if (mayStart) expect(() => requireLegal(each, 'start', now)).not.toThrow();
				else expect(['Conflict', 'BadRequest']).toContain(refusal(() => requireLegal(each, 'start', now)).code);
			}),
		);
	});
});
