import type {
	DirectoryClass,
	DirectorySchool,
	DirectoryUser,
	MatchProperty,
	SchoolMembershipChange,
	UserAccount,
} from '../../../src/domain/directory.ts';

/** What a sync may want the directory to hold. */

const shared = { externalSourceDetail: 'profile', updatesDisplayName: false, attributes: {} };

export const school = (externalId: string, changes: Partial<DirectorySchool> = {}): DirectorySchool => ({
	...shared,
	externalId,
	displayName: `School ${externalId}`,
	...changes,
});

export const section = (
	externalId: string,
	schoolId: string,
	changes: Partial<DirectoryClass> = {},
): DirectoryClass => ({
	...shared,
	externalId,
	displayName: `Section ${externalId}`,
	mailNickname: `Section_${externalId}`,
	schoolId,
	...changes,
});

export const student = (externalId: string, changes: Partial<DirectoryUser> = {}): DirectoryUser => ({
	...shared,
	role: 'student',
	externalId,
	account: { mode: 'create', userPrincipalName: `${externalId}@example.org`, displayName: `Student ${externalId}` },
	skuIds: [],
	...changes,
});

export const named = (userPrincipalName: string, displayName = 'Somebody'): UserAccount => ({
	mode: 'create',
	userPrincipalName,
	displayName,
});

export const matching = (property: MatchProperty, value: string): UserAccount => ({
	mode: 'match',
	property,
	value,
});

/** Who comes to a school, as one source says. */
export const joining = (schoolId: string, add: readonly string[], changes: Partial<SchoolMembershipChange> = {}) => ({
	schoolId,
	source: 'profile',
	role: 'student' as const,
	add,
	remove: [],
	...changes,
});

export const idsOf = (outcomes: readonly { ok: boolean; id?: string }[]) =>
	outcomes.map((outcome) => outcome.id as string);
