import type { GraphAnswer } from '../graph-request.ts';
import type { DirectoryObject, Relation } from '../model/directory-object.ts';
import type { ResourceTypeName } from '../model/resource-types.ts';
import { educationMark } from '../model/sds-attributes.ts';
import { mailOf } from './groups.ts';
import { addReference, removeReference } from './links.ts';
import { checkMembersShown, getObject, isHidden, listObjects, listRelated, showObject } from './object-reads.ts';
import { changeObject, checkNewProperties, checkUnique, createObject, deleteObject } from './object-writes.ts';
import { readRoster, seeHidden, writeRoster } from './permissions.ts';
import { bodyOf, hasPermission, isOfType, objectOf, type ResourceContext, type Route } from './resource-context.ts';
import { changeUser, createUser } from './users.ts';

type EducationTypeName = 'educationSchool' | 'educationClass' | 'educationUser';

export const educationRoutes: readonly Route[] = [
	...objectRoutes('/education/schools', 'educationSchool', {
		create: createSchool,
		patch: patchObject('educationSchool'),
	}),
	...objectRoutes('/education/classes', 'educationClass', { create: createClass, patch: patchClass }),
	...objectRoutes('/education/users', 'educationUser', {
		create: (context) => createUser(context, 'educationUser'),
		patch: patchUser,
	}),
	...linkRoutes({ path: '/education/schools/{id}/classes', of: 'educationSchool', linked: 'educationClass' }),
	...linkRoutes({ path: '/education/schools/{id}/users', of: 'educationSchool', linked: 'educationUser' }),
	...linkRoutes({ path: '/education/classes/{id}/members', of: 'educationClass', linked: 'educationUser' }),
	...linkRoutes({
		path: '/education/classes/{id}/teachers',
		of: 'educationClass',
		linked: 'educationUser',
		relation: 'owners',
	}),
	reading('/education/classes/{id}/schools', (context) => linkedFrom(context, 'educationClass', 'educationSchool')),
	reading('/education/users/{id}/schools', (context) => linkedFrom(context, 'educationUser', 'educationSchool')),
	reading('/education/users/{id}/classes', (context) => classesOf(context, 'members')),
	reading('/education/users/{id}/taughtClasses', (context) => classesOf(context, 'owners')),
	reading('/education/schools/{id}/administrativeUnit', otherFace('educationSchool', 'administrativeUnit')),
	reading('/education/classes/{id}/group', otherFace('educationClass', 'group')),
	reading('/education/users/{id}/user', otherFace('educationUser', 'user')),
];

function reading(path: string, handle: Route['handle']): Route {
	return { method: 'GET', path, needs: [readRoster], handle };
}

function objectRoutes(
	path: string,
	typeName: EducationTypeName,
	{ create, patch }: { create: Route['handle']; patch: Route['handle'] },
): Route[] {
	return [
		reading(path, listObjects(typeName)),
		{ method: 'POST', path, needs: [writeRoster], handle: create },
		reading(`${path}/{id}`, getObject(typeName)),
		{ method: 'PATCH', path: `${path}/{id}`, needs: [writeRoster], handle: patch },
		{ method: 'DELETE', path: `${path}/{id}`, needs: [writeRoster], handle: deleteObject(typeName) },
	];
}

interface LinkPath {
	path: string;
	of: EducationTypeName;
	linked: EducationTypeName;
	relation?: Relation;
}

function linkRoutes({ path, of, linked, relation = 'members' }: LinkPath): Route[] {
	const accepts = (object: DirectoryObject) => isOfType(object, linked);
	const target = (context: ResourceContext) => ({ holder: objectOf(context, of), relation, accepts });
	const isMembership = of === 'educationClass' && relation === 'members';
	return [
		reading(path, (context) => {
			const { holder } = target(context);
			if (isMembership) checkMembersShown(context, holder);
			return listRelated(context, linked, context.directory.linked(holder, relation));
		}),
		{
			method: 'POST',
			path: `${path}/$ref`,
			needs: isMembership ? [writeRoster, seeHidden] : [writeRoster],
			handle: (context) => addReference(context, target(context)),
		},
		{
			method: 'DELETE',
			path: `${path}/{linkedId}/$ref`,
			needs: [writeRoster],
			handle: (context) => removeReference(context, target(context)),
		},
	];
}

function createSchool(context: ResourceContext): GraphAnswer {
	const body = bodyOf(context);
	checkNewProperties('educationSchool', body);
	return createObject(context, 'educationSchool', { ...body, [educationMark]: true }).answer;
}

/** A class is a Microsoft 365 group whose members nobody sees: pupils' classes are their own affair. */
const classGroup = {
	groupTypes: ['Unified'],
	mailEnabled: true,
	securityEnabled: false,
	visibility: 'HiddenMembership',
	[educationMark]: true,
};

function createClass(context: ResourceContext): GraphAnswer {
	const body = bodyOf(context);
	checkNewProperties('educationClass', body);
	checkUnique(context, { kind: 'group', property: 'mailNickname', value: body.mailNickname });
	const properties = { ...classGroup, ...body };
	return createObject(context, 'educationClass', { ...properties, ...mailOf(context, properties) }).answer;
}

function patchObject(typeName: 'educationSchool' | 'educationClass') {
	return (context: ResourceContext): GraphAnswer => {
		const object = objectOf(context, typeName);
		changeObject(context, { object, typeName }, bodyOf(context));
		return showObject(context, typeName, object);
	};
}

function patchClass(context: ResourceContext): GraphAnswer {
	const { mailNickname } = bodyOf(context);
	const group = objectOf(context, 'educationClass');
	checkUnique(context, { kind: 'group', property: 'mailNickname', value: mailNickname }, group);
	return patchObject('educationClass')(context);
}

function patchUser(context: ResourceContext): GraphAnswer {
	changeUser(context, 'educationUser');
	return showObject(context, 'educationUser', objectOf(context, 'educationUser'));
}

function linkedFrom(context: ResourceContext, of: EducationTypeName, typeName: EducationTypeName): GraphAnswer {
	const { id } = objectOf(context, of);
	return listRelated(context, typeName, context.directory.linkedFrom(id, 'members', 'administrativeUnit'));
}

/** Without the permission to see hidden members, classes that hide theirs are left out. */
function classesOf(context: ResourceContext, relation: Relation): GraphAnswer {
	const { id } = objectOf(context, 'educationUser');
	const isShown = (group: DirectoryObject) => !isHidden(group) || hasPermission(context, 'Member.Read.Hidden');
	return listRelated(context, 'educationClass', context.directory.linkedFrom(id, relation, 'group').filter(isShown));
}

function otherFace(typeName: EducationTypeName, shown: ResourceTypeName): Route['handle'] {
	return (context) => showObject(context, shown, objectOf(context, typeName));
}
