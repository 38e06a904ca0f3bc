import type {
	EducationFileSynchronizationVerificationMessage,
	EducationSynchronizationError,
	EducationSynchronizationProfile,
	EducationSynchronizationProfileStatus,
} from '@microsoft/microsoft-graph-types-beta';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { responseSchemas } from '../../../src/http/openapi/resource-schemas.ts';
import { profileResource, profileStatusResource } from '../../../src/http/profile/profile-resource.ts';
import { profile } from '../../support/rosters/profile-builder.ts';

/** The types of the service, as those of Microsoft's clients: what does not fit is an error of the type checker. */
type Shown<Name extends keyof typeof responseSchemas> = Omit<z.infer<(typeof responseSchemas)[Name]>, '@odata.context'>;
type Known<T> = Pick<T, Extract<keyof T, string>>;

/** Members that the types of Microsoft declare in another way: ours may be undefined, where theirs may only be missing. */
type Loose<T> = { [Name in keyof T]?: T[Name] | undefined };

const asProfile = (
	shown: Omit<Shown<'profile'>, 'errors' | 'profileStatus'>,
): Loose<Known<EducationSynchronizationProfile>> => shown;
const asStatus = (shown: Shown<'profileStatus'>): Loose<Known<EducationSynchronizationProfileStatus>> => shown;
const asError = (shown: Shown<'synchronizationError'>): Loose<Known<EducationSynchronizationError>> => shown;
const asMessage = (
	shown: Shown<'startResult'>['value'][number],
): Loose<Known<EducationFileSynchronizationVerificationMessage>> => shown;

test('what the service shows is what the types of Microsoft Graph say', () => {
	const view = { now: new Date('2026-03-02T10:00:00Z'), knowsAllEnumMembers: true };
	const context = { '@odata.context': 'https://sds.example.org/beta/$metadata' };
	const stored = profile();
	const shown = responseSchemas.profile.parse({ ...context, ...profileResource(stored, view) });
	expect(asProfile(shown).displayName).toBe(stored.displayName);
	const status = responseSchemas.profileStatus.parse({ ...context, ...profileStatusResource(stored, view) });
	expect(asStatus(status).errorCount).toBe(0);
	const error = { id: 'A', entryType: 'Student', errorCode: 'None', errorMessage: '', joiningValue: '' };
	const whole = { ...context, ...error, reportableIdentifier: '', recordedDateTime: '2026-03-02T10:00:00Z' };
	expect(asError(responseSchemas.synchronizationError.parse(whole)).id).toBe('A');
	const message = { type: 'Error', fileName: 'school.csv', description: 'File is missing.' };
	const [first] = responseSchemas.startResult.parse({ ...context, value: [message] }).value;
	expect(first && asMessage(first).type).toBe('Error');
});
