import { describe, expect, test } from 'vitest';
import type { Profile } from '../../../src/domain/profile.ts';
import { profileResource, profileStatusResource } from '../../../src/http/profile/profile-resource.ts';
import { viewOf } from '../../../src/http/profile/view.ts';
import { definition, matchingDefinition, profile, profileId } from '../../support/rosters/profile-builder.ts';

const now = new Date('2026-03-02T10:00:00Z');
const view = viewOf(new Headers(), now);
const openView = viewOf(new Headers({ Prefer: 'odata.maxpagesize=5, include-unknown-enum-members' }), now);
const never = '0001-01-01T00:00:00Z';

const untouched = { synchronizationStartDate: never, isSyncDeferred: false, allowDisplayNameUpdate: false };

/** The lists as the documentation prints them, in the order of the sample files. */
const everything = {
	school: {
		optionalPropertiesToSync: [
			'School Number',
			'School NCES_ID',
			'State ID',
			'Grade Low',
			'Grade High',
			'Principal SIS ID',
			'Principal Name',
			'Principal Secondary Email',
			'Address',
			'City',
			'State',
			'Country',
			'Zip',
			'Phone',
			'Zone',
		],
		...untouched,
	},
	section: {
		optionalPropertiesToSync: expect.arrayContaining(['Section Number', 'Term StartDate', 'Course Name', 'Periods']),
		...untouched,
	},
	student: {
		optionalPropertiesToSync: expect.arrayContaining(['State ID', 'Student Number', 'Grade', 'Graduation Year']),
		...untouched,
	},
	teacher: {
		optionalPropertiesToSync: expect.arrayContaining(['State ID', 'Teacher Number', 'Title', 'Qualification']),
		...untouched,
	},
	studentEnrollment: { optionalPropertiesToSync: [], ...untouched },
	teacherRoster: { optionalPropertiesToSync: [], ...untouched },
};

describe('a fresh profile', () => {
	test('is shown with all its members, those of 2017 included', () => {
		expect(profileResource(profile(), view)).toEqual({
			id: profileId,
			displayName: 'Contoso District',
			dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider', customizations: everything },
			identitySynchronizationConfiguration: {
				'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
				userDomains: [
					{ appliesTo: 'student', name: 'students.example.org' },
					{ appliesTo: 'teacher', name: 'example.org' },
				],
			},
			licensesToAssign: [],
			handleSpecialCharacterConstraint: false,
			expirationDate: null,
			state: 'provisioned',
			syncStatus: 'paused',
			errorStatus: 'none',
			lastSynchronizationTime: never,
			customizations: everything,
		});
	});

	test('shows nothing that is only ours', () => {
		const inner: Partial<Profile> = {
			claim: { runId: 'r', until: '2020-01-01T00:00:00Z' },
			refusal: { runId: 'r', setId: 'set', byDrop: true, etags: {}, faultyKinds: [] },
			latestRunId: 'run',
			stateReason: 'reason',
		};
		expect(Object.keys(profileResource(profile(inner), view))).toEqual(Object.keys(profileResource(profile(), view)));
	});
});

describe('what was given', () => {
	test('is shown as it was given, the rest with its defaults', () => {
		const customizations = {
			student: {
				optionalPropertiesToSync: ['Grade', 'Shoe Size'],
				isSyncDeferred: false,
				allowDisplayNameUpdate: true,
			},
			studentEnrollment: {
				synchronizationStartDate: '2026-09-01T00:00:00Z',
				isSyncDeferred: true,
				allowDisplayNameUpdate: false,
			},
		};
		const shown = profileResource(profile({ dataProvider: { kind: 'csv', customizations } }), view);
		expect(shown.customizations).toEqual({
			...everything,
			student: { ...untouched, optionalPropertiesToSync: ['Grade', 'Shoe Size'], allowDisplayNameUpdate: true },
			studentEnrollment: {
				optionalPropertiesToSync: [],
				synchronizationStartDate: '2026-09-01T00:00:00Z',
				isSyncDeferred: true,
				allowDisplayNameUpdate: false,
			},
		});
	});

	test('as matching options is flat, with the domain even where there is none', () => {
		const [first] = matchingDefinition.identity.kind === 'matching' ? matchingDefinition.identity.matchingOptions : [];
		const option = { appliesTo: 'faculty' as const, sourcePropertyName: 'Username', targetPropertyName: 'mail' };
		const matching = { kind: 'matching' as const, matchingOptions: first ? [first, option] : [] };
		expect(profileResource(profile({ identity: matching }), view).identitySynchronizationConfiguration).toEqual({
			'@odata.type': '#microsoft.graph.educationIdentityMatchingConfiguration',
			matchingOptions: [first, { ...option, targetDomain: null }],
		});
	});

	test('as licences and date comes back', () => {
		const given = definition({
			licensesToAssign: [{ appliesTo: 'teacher', skuIds: ['sku'] }],
			expirationDate: '2031-06-30',
		});
		expect(profileResource(profile(given), view)).toMatchObject({
			licensesToAssign: [{ appliesTo: 'teacher', skuIds: ['sku'] }],
			expirationDate: '2031-06-30',
		});
	});
});

describe('the status', () => {
	test.each(['extracting', 'validating'] as const)(
		'%s is shown only to those who asked for later members',
		(status) => {
			expect(profileStatusResource(profile({ status }), view).status).toBe('unknownFutureValue');
			expect(profileStatusResource(profile({ status }), openView).status).toBe(status);
			expect(profileResource(profile({ status }), view).syncStatus).toBe('unknownFutureValue');
		},
	);

	test.each([
		['paused', 'none'],
		['inProgress', 'none'],
		['success', 'none'],
		['error', 'error'],
		['validationError', 'validationError'],
		['quarantined', 'quarantined'],
	] as const)('%s comes with the error status %s', (status, errorStatus) => {
		expect(profileResource(profile({ status }), view)).toMatchObject({ syncStatus: status, errorStatus });
	});

	test('resource has times, counts and words', () => {
		const ran = profile({
			status: 'success',
			lastSynchronizationDateTime: '2026-03-01T09:00:00.000Z',
			lastActivityDateTime: '2026-03-01T09:01:00.000Z',
			errorCount: 2,
			statusMessage: 'Processed 7 in the last run.',
		});
		expect(profileStatusResource(ran, view)).toEqual({
			id: profileId,
			status: 'success',
			lastSynchronizationDateTime: '2026-03-01T09:00:00.000Z',
			lastActivityDateTime: '2026-03-01T09:01:00.000Z',
			errorCount: 2,
			statusMessage: 'Processed 7 in the last run.',
		});
		expect(profileStatusResource(profile(), view)).toMatchObject({
			lastSynchronizationDateTime: never,
			lastActivityDateTime: never,
		});
	});

	test('says first that uploads wait for the calendar, and until when', () => {
		const waiting = profile({
			statusMessage: 'Processed 7 in the last run.',
			calendar: { timeZone: 'Europe/Berlin', windows: [{ from: '22:00', to: '05:00' }] },
			waitingUploads: { setId: 'set', since: view.now.toISOString() },
		});
		const at = profileResource(waiting, view).nextDue as { dateTime: string; reason: string };
		expect(at).toMatchObject({ reason: 'uploads', dateTime: expect.stringMatching(/T21:00:00\.000Z$/) });
		const time = `${at.dateTime.slice(0, 19)}Z`;
		expect(profileStatusResource(waiting, view).statusMessage).toBe(
			`The uploaded files wait for the calendar of the profile: their sync starts at ${time}. Call start, and it starts at once.\r\nProcessed 7 in the last run.`,
		);
	});

	test('says why a profile could not be provisioned', () => {
		const failed = profile({ state: 'provisioningFailed', stateReason: 'No container.' });
		expect(profileStatusResource(failed, view).statusMessage).toBe('No container.');
	});
});
