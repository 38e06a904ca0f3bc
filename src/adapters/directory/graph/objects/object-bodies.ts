import { createHash, randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { GraphAttributes, GraphValue, UserAccount } from '../../../../domain/directory.ts';
import type { GraphObject } from './object-kinds.ts';

/** Properties as the body of a request has them. */
export type Body = Readonly<Record<string, unknown>>;

/**
 * What the education model has. Attributes of the directory extension of School Data Sync belong to an app of Microsoft's, and are left alone.
 */
export const educationAttributes = (attributes: GraphAttributes): Record<string, GraphValue> =>
	Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith('extension_')));

/** For a new object: what is empty is not there. */
export function withoutNulls(body: Body): Body {
	return Object.fromEntries(
		Object.entries(body).flatMap(([name, value]) => {
			if (value === null || value === undefined) return [];
			return [[name, isNested(value) ? withoutNulls(value) : value]];
		}),
	);
}

/** What of the body is not as the object has it. Of a nested object all is told, since its other parts would be lost. */
export function changesOf(body: Body, object: GraphObject): Body {
	return Object.fromEntries(
		Object.entries(body).flatMap(([name, value]) => {
			const present = object[name] ?? null;
			if (!isNested(value)) return isDeepStrictEqual(value, present) ? [] : [[name, value]];
			const merged = { ...(isNested(present) ? present : {}), ...value };
			const isSame = isDeepStrictEqual(withoutNulls(merged), isNested(present) ? withoutNulls(present) : {});
			return isSame ? [] : [[name, merged]];
		}),
	);
}

/** The whole body, for an object of which nobody knows how it is now. */
export const wholeBody = (body: Body, object: GraphObject): Body =>
	Object.fromEntries(
		Object.entries(body).map(([name, value]) => {
			const present = object[name];
			return [name, isNested(value) ? { ...(isNested(present) ? present : {}), ...value } : value];
		}),
	);

const isNested = (value: unknown): value is Body =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const maxNickname = 64;
const hashLength = 8;
/** https://learn.microsoft.com/graph/api/group-post-groups: what a nickname must not have, and what mail systems dislike. */
const illegalInNickname = /[^A-Za-z0-9_\-!#$%&'*+/=?^`{|}~]/g;

/** A nickname that Graph takes. Two that differ stay two: one that had to be changed ends with a part of its hash. */
export function legalNickname(wanted: string): string {
	const legal = wanted.replace(illegalInNickname, '_');
	return legal === wanted && legal !== '' && legal.length <= maxNickname ? legal : hashedNickname(wanted);
}

/** Another one for the same. */
export function hashedNickname(wanted: string): string {
	const hash = createHash('sha256').update(wanted).digest('hex').slice(0, hashLength);
	return `${wanted.replace(illegalInNickname, '_').slice(0, maxNickname - hashLength - 1)}_${hash}`;
}

/** Control characters are no part of a name. */
export const legalDisplayName = (name: string): string => name.replace(/\p{Cc}/gu, ' ');

/** Who signs in for the first time chooses another password. One that nobody was given is told nobody. */
export function passwordProfile({ password }: Extract<UserAccount, { mode: 'create' }>) {
	return { password: password ?? randomPassword(), forceChangePasswordNextSignIn: true };
}

const letters = 'abcdefghijkmnopqrstuvwxyz';
const capitals = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const digits = '23456789';

/** Of three kinds of characters, as every policy of Entra wants. */
export function randomPassword(): string {
	const pick = (from: string) => from.charAt(randomInt(from.length));
	const kinds = [letters, capitals, digits];
	return Array.from({ length: 24 }, (_, at) => pick(kinds[at % kinds.length] as string)).join('');
}

/** The part of a sign-in name before its domain. */
export const localPart = (userPrincipalName: string): string => userPrincipalName.split('@')[0] as string;

/** As a user's nickname, which may have dots. */
export const userNickname = (userPrincipalName: string): string => {
	const wanted = localPart(userPrincipalName);
	const isLegal = /^[A-Za-z0-9._\-!#$%&'*+/=?^`{|}~]{1,64}$/.test(wanted);
	return isLegal ? wanted : hashedNickname(wanted);
};
