import type {
	DirectoryClass,
	DirectorySchool,
	DirectoryUser,
	MatchProperty,
	UserAccount,
} from '../../src/domain/directory.ts';

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
	schoolIds: [],
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

export const idsOf = (outcomes: readonly { ok: boolean; id?: string }[]) =>
	outcomes.map((outcome) => outcome.id as string);
