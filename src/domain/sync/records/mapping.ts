import type { Profile } from '../../profile.ts';
import type { RosterKind } from '../../roster/format/kinds.ts';
import { fileOf, type SyncKind } from '../sync-kinds.ts';
import { type AccountRole, accountRole, accountRuleOf } from './identity.ts';

/**
 * Bytes that stand for every setting of the profile that shapes what is written for a kind. They are part of each record's
 * hash, so that a changed setting takes effect with the next run, without a reset.
 */
export function mappingFingerprint(profile: Profile, kind: RosterKind): Uint8Array {
	const isUser = kind === 'student' || kind === 'teacher';
	const settings = isUser ? [accountRuleOf(profile.identity, kind), skuIdsOf(profile, kind)] : [];
	const updatesName = allowsDisplayNameUpdate(profile, kind);
	return new TextEncoder().encode(JSON.stringify([mappingVersion, updatesName, ...settings]));
}

/** Raise it when the same record is to be written differently than before. */
const mappingVersion = 1;

/** Licences go only to accounts that this profile creates. */
export function skuIdsOf(profile: Profile, role: AccountRole): readonly string[] {
	if (profile.identity.kind !== 'creation') return [];
	const assigned = profile.licensesToAssign.filter((entry) => accountRole(entry.appliesTo) === role);
	return [...new Set(assigned.flatMap((entry) => entry.skuIds))].sort();
}

/** Whether a run leaves this kind alone: deferred without a date, or until a date that has not come. */
export function isDeferred(profile: Profile, kind: SyncKind, now: Date): boolean {
	const customization = profile.dataProvider.customizations[fileOf(kind)];
	if (customization?.isSyncDeferred) return true;
	const start = customization?.synchronizationStartDate;
	return kind === 'studentEnrollment' && start !== undefined && new Date(start).getTime() > now.getTime();
}

export function allowsDisplayNameUpdate(profile: Profile, kind: RosterKind): boolean {
	return profile.dataProvider.customizations[kind]?.allowDisplayNameUpdate === true;
}
