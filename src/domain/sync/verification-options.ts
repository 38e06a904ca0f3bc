import type { Profile } from '../profile.ts';
import { type RosterKind, rosterKinds } from '../roster/format/kinds.ts';
import type { VerificationOptions } from '../roster/verification.ts';
import { type AccountRole, accountRuleOf } from './records/identity.ts';

export interface VerificationLimits {
	maxRowsPerFile: number;
	hashSeed: number;
}

/** Enough to show what is wrong in each place; the messages count the rest exactly. */
const findingsKept = 1000;

/** What a profile's settings ask of its files. */
export function verificationOptionsOf(profile: Profile, limits: VerificationLimits): VerificationOptions {
	return {
		createsUsers: profile.identity.kind === 'creation',
		roles: roles.filter((role) => accountRuleOf(profile.identity, role) !== undefined),
		domains: domainsOf(profile),
		matchingColumns: matchingColumnsOf(profile),
		handleSpecialCharacterConstraint: profile.handleSpecialCharacterConstraint,
		optionalColumns: optionalColumnsOf(profile),
		findingsKept,
		...limits,
	};
}

type ByRole = { student?: string; teacher?: string };

const roles: readonly AccountRole[] = ['student', 'teacher'];

function domainsOf(profile: Profile): ByRole {
	return byRole(profile, (rule) => rule.domain);
}

function matchingColumnsOf(profile: Profile): ByRole {
	return byRole(profile, (rule) => (rule.mode === 'match' ? rule.column : undefined));
}

function byRole(
	profile: Profile,
	pick: (rule: NonNullable<ReturnType<typeof accountRuleOf>>) => string | undefined,
): ByRole {
	const picked: ByRole = {};
	for (const role of roles) {
		const rule = accountRuleOf(profile.identity, role);
		const value = rule && pick(rule);
		if (value) picked[role] = value;
	}
	return picked;
}

function optionalColumnsOf(profile: Profile): Partial<Record<RosterKind, readonly string[]>> {
	const lists: Partial<Record<RosterKind, readonly string[]>> = {};
	for (const kind of rosterKinds) {
		const list = profile.dataProvider.customizations[kind]?.optionalPropertiesToSync;
		if (list) lists[kind] = list;
	}
	return lists;
}
