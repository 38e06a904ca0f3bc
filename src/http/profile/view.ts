import { effectiveStatus } from '../../domain/lifecycle.ts';
import type { Profile, SyncStatus } from '../../domain/profile.ts';
import { preferencesOf } from '../requests/preferences.ts';

/** For whom, and when, a profile is shown. */
export interface View {
	now: Date;
	/** The client sent `Prefer: include-unknown-enum-members`. */
	knowsAllEnumMembers: boolean;
}

export function viewOf(headers: { get(name: string): string | null }, now: Date): View {
	return { now, knowsAllEnumMembers: preferencesOf(headers).unknownEnumMembers };
}

/** What .NET says for "never". */
export const never = '0001-01-01T00:00:00Z';

/** Later members of an evolvable enum are shown only to clients that asked for them. */
const laterStatuses: ReadonlySet<SyncStatus> = new Set(['extracting', 'validating']);

export function shownStatus(profile: Profile, { now, knowsAllEnumMembers }: View): string {
	const status = effectiveStatus(profile, now);
	return laterStatuses.has(status) && !knowsAllEnumMembers ? 'unknownFutureValue' : status;
}
