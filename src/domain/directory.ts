import type { SyncErrorCode } from './sync-error-codes.ts';

/**
 * What a sync wants the directory to hold, in the words of Graph's education model.
 * https://learn.microsoft.com/graph/api/resources/education-overview
 */

export interface DirectorySchool {
	/** SIS ID; unique in the tenant. */
	externalId: string;
	/** The profile's id. */
	externalSourceDetail: string;
	displayName: string;
	/** Whether an object that exists already takes the display name too. */
	updatesDisplayName: boolean;
	/** Further Graph properties, such as `schoolNumber`, `principalName` or `address`. */
	attributes: GraphAttributes;
}

export interface DirectoryUser {
	role: 'student' | 'teacher';
	/** SIS ID; unique in the tenant per role. */
	externalId: string;
	externalSourceDetail: string;
	account: UserAccount;
	updatesDisplayName: boolean;
	attributes: GraphAttributes;
	/** Licences that the user is to have; if there are none, it keeps those that it has. */
	skuIds: readonly string[];
}

/** By what an existing account can be found. */
export const matchProperties = [
	'userPrincipalName',
	'mail',
	'mailNickname',
	'employeeId',
	'onPremisesSamAccountName',
	'onPremisesUserPrincipalName',
] as const;
export type MatchProperty = (typeof matchProperties)[number];

/** `create`: make the account unless this very user has it. `match`: exactly one existing user, or an error. */
export type UserAccount =
	| { mode: 'create'; userPrincipalName: string; displayName: string; password?: string }
	| { mode: 'match'; property: MatchProperty; value: string };

export interface DirectoryClass {
	externalId: string;
	externalSourceDetail: string;
	displayName: string;
	updatesDisplayName: boolean;
	mailNickname: string;
	/** Directory id. */
	schoolId: string;
	attributes: GraphAttributes;
}

/** It is the source's own: whom another source has in the class stays. All ids but the source are directory ids. */
export interface MembershipChange {
	classId: string;
	/** The profile's id. */
	source?: string;
	role: 'student' | 'teacher';
	add: readonly string[];
	remove: readonly string[];
	/** Whom the class has besides is to be told. */
	wantsOthers?: boolean;
}

/**
 * Who comes to a school, and who leaves it. It is the source's own: whom another source has in the school stays. All ids but the
 * source are directory ids.
 */
export interface SchoolMembershipChange {
	schoolId: string;
	/** The profile's id. */
	source: string;
	role: 'student' | 'teacher';
	add: readonly string[];
	remove: readonly string[];
}

/** An object to which the source gave another SIS id. */
export interface RekeyedObject {
	kind: 'school' | 'section' | 'student' | 'teacher';
	/** Directory id. */
	id: string;
	/** SIS ids. */
	from: string;
	to: string;
}

/** What an object can be recognised by. */
export interface ObjectDescription {
	/** As the source called it last, where the directory knows; of a person first and last name. */
	name: string;
	/** Of a class; a directory id. */
	schoolId?: string;
	/** Its SIS id, and the profile whose it is: those that were written last. */
	externalId?: string;
	externalSourceDetail?: string;
}

export type GraphAttributes = Readonly<Record<string, GraphValue>>;
export type GraphValue =
	| string
	| number
	| boolean
	| null
	| readonly GraphValue[]
	| { readonly [name: string]: GraphValue };

/**
 * `id` is the directory's own; `changed` says whether the directory had to be written. `isNameTaken`: another user has the sign-in name, for
 * now. `others`: members that the class had before and that the change does not name, if it wants to know. `incomplete`: the object is
 * there, but not all that belongs to it. `refused`: who of a change is not as it says; all others are.
 */
export type WriteOutcome =
	| {
			ok: true;
			id: string;
			changed: boolean;
			others?: readonly string[];
			incomplete?: Refusal;
			refused?: readonly RefusedMember[];
	  }
	| ({ ok: false; isNameTaken?: true } & Refusal);

/** What the directory does not take, and why. */
export interface Refusal {
	code: SyncErrorCode;
	message: string;
}

export interface RefusedMember extends Refusal {
	/** Directory id. */
	userId: string;
}
