import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { type DirectoryObject, isUnified, type Properties, type Relation } from '../model/directory-object.ts';
import { addLinks, addReference, checkLinks, readBoundLinks, removeReference } from './links.ts';
import { checkMembersShown, getObject, isHidden, listDirectoryObjects, listObjects } from './object-reads.ts';
import { changeObject, checkNewProperties, checkUnique, createObject, deleteObject } from './object-writes.ts';
import { readGroupMembers, readGroups, writeGroupMembers, writeGroups } from './permissions.ts';
import { bodyOf, noContent, objectOf, type ResourceContext, type Route } from './resource-context.ts';

export const groupRoutes: readonly Route[] = [
	{ method: 'GET', path: '/groups', needs: [readGroups], handle: listObjects('group') },
	{ method: 'POST', path: '/groups', needs: [writeGroups], handle: createGroup },
	{ method: 'GET', path: '/groups/{id}', needs: [readGroups], handle: getObject('group') },
	{ method: 'PATCH', path: '/groups/{id}', needs: [writeGroups], handle: patchGroup },
	{ method: 'DELETE', path: '/groups/{id}', needs: [writeGroups], handle: deleteObject('group') },
	...linkRoutes('members'),
	...linkRoutes('owners'),
];

function linkRoutes(relation: Relation): Route[] {
	const path = `/groups/{id}/${relation}`;
	const target = (context: ResourceContext) => ({ holder: objectOf(context, 'group'), relation });
	return [
		{
			method: 'GET',
			path,
			needs: [readGroupMembers],
			...(relation === 'members' ? { readUnits: 3 } : {}),
			handle: (context) => listLinked(context, relation),
		},
		{
			method: 'POST',
			path: `${path}/$ref`,
			needs: [writeGroupMembers],
			handle: (context) => addReference(context, target(context)),
		},
		{
			method: 'DELETE',
			path: `${path}/{linkedId}/$ref`,
			needs: [writeGroupMembers],
			handle: (context) => removeReference(context, target(context)),
		},
	];
}

function listLinked(context: ResourceContext, relation: Relation): GraphAnswer {
	const group = objectOf(context, 'group');
	if (relation === 'members') checkMembersShown(context, group);
	return listDirectoryObjects(context, context.directory.linked(group, relation));
}

/** Also of a class: it is a group that its first teachers can come into at once. */
export function createGroup(context: ResourceContext): GraphAnswer {
	const { members, owners, rest } = readBoundLinks(bodyOf(context));
	checkNewProperties('group', rest);
	checkKind(rest);
	checkUnique(context, { kind: 'group', property: 'mailNickname', value: rest.mailNickname });
	const pending = { kind: 'group', properties: rest } as DirectoryObject;
	checkLinks(context, { holder: pending, relation: 'members' }, members);
	checkLinks(context, { holder: pending, relation: 'owners' }, owners);
	const { object, answer } = createObject(context, 'group', { ...rest, ...mailOf(context, rest) });
	for (const [relation, ids] of [
		['members', members],
		['owners', owners],
	] as const) {
		if (ids.length > 0) context.commit({ type: 'link', id: object.id, relation, ids });
	}
	return answer;
}

function checkKind(properties: Properties): void {
	if (isUnified(properties) !== (properties.mailEnabled === true)) {
		throw graphErrors.badRequest(
			'A group must be a Microsoft 365 group to be enabled for mail, and the other way round.',
		);
	}
	if (properties.visibility === 'HiddenMembership' && !isUnified(properties)) {
		throw graphErrors.badRequest('HiddenMembership can be set only for Microsoft 365 groups.');
	}
}

export function mailOf({ settings }: ResourceContext, { mailNickname, mailEnabled }: Properties): Properties {
	return mailEnabled === true ? { mail: `${mailNickname}@${settings.verifiedDomains[0]}` } : {};
}

function patchGroup(context: ResourceContext): GraphAnswer {
	const group = objectOf(context, 'group');
	const { members, owners, rest } = readBoundLinks(bodyOf(context));
	const { visibility, mailNickname } = rest;
	if (visibility !== undefined && (visibility === 'HiddenMembership') !== isHidden(group)) {
		throw graphErrors.badRequest('HiddenMembership can be set only when a group is created, and not be changed.');
	}
	checkUnique(context, { kind: 'group', property: 'mailNickname', value: mailNickname }, group);
	// All or nothing: whatever can be refused is judged before anything is done.
	checkLinks(context, { holder: group, relation: 'members' }, members);
	checkLinks(context, { holder: group, relation: 'owners' }, owners);
	if (Object.keys(rest).length > 0) changeObject(context, { object: group, typeName: 'group' }, rest);
	if (members.length > 0) addLinks(context, { holder: group, relation: 'members' }, members);
	if (owners.length > 0) addLinks(context, { holder: group, relation: 'owners' }, owners);
	return noContent;
}
