import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { checkPassword, checkSignInName } from '../model/account-rules.ts';
import type { Properties } from '../model/directory-object.ts';
import { getObject, listDirectoryObjects, listObjects } from './object-reads.ts';
import { changeObject, checkNewProperties, checkUnique, createObject, deleteObject } from './object-writes.ts';
import { readUsers, writeUsers } from './permissions.ts';
import {
	bodyOf,
	hasPermission,
	noContent,
	objectOf,
	type ResourceContext,
	type Route,
	typeOf,
} from './resource-context.ts';

export const userRoutes: readonly Route[] = [
	{ method: 'GET', path: '/users', needs: [readUsers], readUnits: 2, handle: listObjects('user') },
	{ method: 'POST', path: '/users', needs: [writeUsers], handle: (context) => createUser(context, 'user') },
	{ method: 'GET', path: '/users/{id}', needs: [readUsers], readUnits: 1, handle: getObject('user') },
	{ method: 'PATCH', path: '/users/{id}', needs: [writeUsers], handle: patchUser },
	{ method: 'DELETE', path: '/users/{id}', needs: [writeUsers], handle: deleteObject('user') },
	{ method: 'GET', path: '/users/{id}/memberOf', needs: [readUsers], readUnits: 2, handle: listMemberOf },
];

/** Of either face. */
export function createUser(context: ResourceContext, typeName: 'user' | 'educationUser'): GraphAnswer {
	const body = bodyOf(context);
	checkNewProperties(typeName, body);
	const { passwordProfile, ...properties } = body;
	const { name } = typeOf(typeName);
	const { userPrincipalName } = properties;
	checkSignInName(String(userPrincipalName), name, context.settings.verifiedDomains);
	checkPassword(passwordProfile as Properties | undefined, name);
	checkUnique(context, { kind: 'user', property: 'userPrincipalName', value: userPrincipalName });
	return createObject(context, typeName, { userType: 'Member', ...properties }).answer;
}

/** Of either face. */
export function changeUser(context: ResourceContext, typeName: 'user' | 'educationUser'): void {
	const object = objectOf(context, typeName);
	const { passwordProfile, ...properties } = bodyOf(context);
	const { name } = typeOf(typeName);
	// An application may not set the password of an account that exists, whatever else it may do with users.
	if (passwordProfile && !hasPermission(context, 'User-PasswordProfile.ReadWrite.All')) throw graphErrors.denied();
	if (passwordProfile) checkPassword(passwordProfile as Properties, name);
	const { userPrincipalName } = properties;
	if (typeof userPrincipalName === 'string') {
		checkSignInName(userPrincipalName, name, context.settings.verifiedDomains);
		checkUnique(context, { kind: 'user', property: 'userPrincipalName', value: userPrincipalName }, object);
	}
	changeObject(context, { object, typeName }, properties);
}

function patchUser(context: ResourceContext): GraphAnswer {
	changeUser(context, 'user');
	return noContent;
}

function listMemberOf(context: ResourceContext): GraphAnswer {
	const { id } = objectOf(context, 'user');
	const groups = context.directory.linkedFrom(id, 'members', 'group');
	const units = context.directory.linkedFrom(id, 'members', 'administrativeUnit');
	return listDirectoryObjects(context, [...groups, ...units]);
}
