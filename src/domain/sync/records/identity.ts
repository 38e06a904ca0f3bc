import { type MatchProperty, matchProperties, type UserAccount } from '../../directory.ts';
import type { IdentityConfiguration, UserRole } from '../../profile.ts';

export type AccountRole = 'student' | 'teacher';

/** `faculty` is treated as teacher. */
export function accountRole(role: UserRole): AccountRole {
	return role === 'student' ? 'student' : 'teacher';
}

/** What decides a user's account, for one role of one profile. */
export type AccountRule =
	| { mode: 'create'; domain: string }
	| {
			mode: 'match';
			column: string;
			property: MatchProperty;
			domain?: string;
	  };

/** Undefined if the profile has no rule for the role, or one that names an unknown directory property. */
export function accountRuleOf(identity: IdentityConfiguration, role: AccountRole): AccountRule | undefined {
	if (identity.kind === 'creation') {
		const domain = identity.userDomains.find((entry) => accountRole(entry.appliesTo) === role)?.name;
		return domain === undefined ? undefined : { mode: 'create', domain };
	}
	const option = identity.matchingOptions.find((entry) => accountRole(entry.appliesTo) === role);
	const property = matchProperties.find((name) => name === option?.targetPropertyName);
	if (!option || !property) return undefined;
	const domain = option.targetDomain;
	return { mode: 'match', column: option.sourcePropertyName, property, ...(domain ? { domain } : {}) };
}

/** The account that a record asks for. `value` is what is looked for in the directory, for error reports too. */
export function accountOf(rule: AccountRule, record: ReadonlyMap<string, string>, password?: string): UserAccount {
	if (rule.mode === 'match') {
		return { mode: 'match', property: rule.property, value: withDomain(record.get(rule.column) ?? '', rule.domain) };
	}
	const displayName = [record.get('First Name'), record.get('Last Name')].filter(Boolean).join(' ');
	const username = record.get('Username') ?? '';
	return {
		mode: 'create',
		userPrincipalName: withDomain(username, rule.domain),
		displayName: displayName || username,
		...(password ? { password } : {}),
	};
}

/** A name that has a domain keeps it: verification let it through only because it is the configured one. */
function withDomain(name: string, domain: string | undefined): string {
	return domain && !name.includes('@') ? `${name}@${domain}` : name;
}

export function joiningValueOf(account: UserAccount): string {
	return account.mode === 'create' ? account.userPrincipalName : account.value;
}

/** The bare source value behind an account, as `reportableIdentifier` shows it. */
export function reportableValueOf(rule: AccountRule, record: ReadonlyMap<string, string>): string {
	return record.get(rule.mode === 'create' ? 'Username' : rule.column) ?? '';
}
