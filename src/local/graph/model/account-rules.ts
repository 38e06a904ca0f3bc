import { graphErrors } from '../graph-errors.ts';
import type { Properties } from './directory-object.ts';

const maxNameLength = 113;
const maxLocalLength = 64;
const maxDomainLength = 48;
const localPattern = /^[A-Za-z0-9'.\-_!#^~]*[A-Za-z0-9'\-_!#^~]$/;

/** Throws unless the text can be a user's sign-in name in a tenant with these verified domains. */
export function checkSignInName(name: string, resource: string, verifiedDomains: readonly string[]): void {
	const [local = '', domain = '', ...rest] = name.split('@');
	const isGood =
		rest.length === 0 &&
		name.length <= maxNameLength &&
		local.length <= maxLocalLength &&
		domain.length <= maxDomainLength &&
		localPattern.test(local) &&
		verifiedDomains.some((verified) => verified.toLowerCase() === domain.toLowerCase());
	if (!isGood) throw graphErrors.invalidValue('userPrincipalName', resource);
}

const passwordLength = { least: 8, most: 256 };
const characterClasses = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/];
const neededClasses = 3;
const printableAscii = /^[\x20-\x7e]*$/;

/** Throws unless the password of a new account is there and good enough. */
export function checkPassword(profile: Properties | undefined, resource: string): void {
	const password = profile?.password;
	if (typeof password !== 'string') throw graphErrors.missingValue('passwordProfile/password', resource);
	const classes = characterClasses.filter((pattern) => pattern.test(password)).length;
	const isGood =
		password.length >= passwordLength.least &&
		password.length <= passwordLength.most &&
		printableAscii.test(password) &&
		classes >= neededClasses;
	if (!isGood) throw graphErrors.invalidValue('passwordProfile', resource);
}
