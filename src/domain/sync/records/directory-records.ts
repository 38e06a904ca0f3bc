import type { DirectoryClass, DirectorySchool, DirectoryUser } from '../../directory.ts';
import type { Profile } from '../../profile.ts';
import { attributesOf } from './attribute-map.ts';
import { type AccountRole, type AccountRule, accountOf } from './identity.ts';
import { allowsDisplayNameUpdate, skuIdsOf } from './mapping.ts';

/** One record of the roster by column name; what the profile does not sync is absent. */
export type RosterRecord = ReadonlyMap<string, string>;

export const sisIdOf = (record: RosterRecord) => record.get('SIS ID') ?? '';
export const schoolSisIdOf = (record: RosterRecord) => record.get('School SIS ID') ?? '';

export function directorySchool(profile: Profile, record: RosterRecord): DirectorySchool {
	return {
		externalId: sisIdOf(record),
		externalSourceDetail: profile.id,
		displayName: record.get('Name') ?? '',
		updatesDisplayName: allowsDisplayNameUpdate(profile, 'school'),
		attributes: attributesOf('school', record),
	};
}

export function directoryClass(profile: Profile, record: RosterRecord, schoolId: string): DirectoryClass {
	return {
		externalId: sisIdOf(record),
		externalSourceDetail: profile.id,
		displayName: record.get('Section Name') ?? '',
		updatesDisplayName: allowsDisplayNameUpdate(profile, 'section'),
		// Verification let only `[A-Za-z0-9._-]` through, short enough for the 64 characters of a nickname.
		mailNickname: `Section_${sisIdOf(record)}`,
		schoolId,
		attributes: attributesOf('section', record),
	};
}

export interface UserParts {
	role: AccountRole;
	rule: AccountRule;
	record: RosterRecord;
	password?: string;
}

export function directoryUser(profile: Profile, { role, rule, record, password }: UserParts): DirectoryUser {
	return {
		role,
		externalId: sisIdOf(record),
		externalSourceDetail: profile.id,
		account: accountOf(rule, record, password),
		updatesDisplayName: allowsDisplayNameUpdate(profile, role),
		attributes: attributesOf(role, record),
		skuIds: skuIdsOf(profile, role),
	};
}
