import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { addLinks, addReference, checkLinks, readBoundLinks, removeReference } from './links.ts';
import { getObject, listDirectoryObjects, listObjects } from './object-reads.ts';
import { changeObject, checkNewProperties, createObject, deleteObject } from './object-writes.ts';
import { readUnits, writeUnits } from './permissions.ts';
import { bodyOf, noContent, objectOf, type ResourceContext, type Route } from './resource-context.ts';

const path = '/directory/administrativeUnits';

export const administrativeUnitRoutes: readonly Route[] = [
	{ method: 'GET', path, needs: [readUnits], handle: listObjects('administrativeUnit') },
	{ method: 'POST', path, needs: [writeUnits], handle: createUnit },
	{ method: 'GET', path: `${path}/{id}`, needs: [readUnits], handle: getObject('administrativeUnit') },
	{ method: 'PATCH', path: `${path}/{id}`, needs: [writeUnits], handle: patchUnit },
	{ method: 'DELETE', path: `${path}/{id}`, needs: [writeUnits], handle: deleteObject('administrativeUnit') },
	{ method: 'GET', path: `${path}/{id}/members`, needs: [readUnits], readUnits: 3, handle: listMembers },
	{
		method: 'POST',
		path: `${path}/{id}/members/$ref`,
		needs: [writeUnits],
		handle: (context) => addReference(context, target(context)),
	},
	{
		method: 'DELETE',
		path: `${path}/{id}/members/{linkedId}/$ref`,
		needs: [writeUnits],
		handle: (context) => removeReference(context, target(context)),
	},
];

function target(context: ResourceContext) {
	return { holder: objectOf(context, 'administrativeUnit'), relation: 'members' as const };
}

function listMembers(context: ResourceContext): GraphAnswer {
	return listDirectoryObjects(context, context.directory.linked(target(context).holder, 'members'));
}

function createUnit(context: ResourceContext): GraphAnswer {
	const body = bodyOf(context);
	checkNewProperties('administrativeUnit', body);
	return createObject(context, 'administrativeUnit', body).answer;
}

function patchUnit(context: ResourceContext): GraphAnswer {
	const unit = target(context);
	const { members, rest } = readBoundLinks(bodyOf(context));
	if (members.length > 0 && !context.settings.packsAdministrativeUnits) {
		throw graphErrors.badRequest('Members of an administrative unit can be added only one at a time.');
	}
	checkLinks(context, unit, members);
	if (Object.keys(rest).length > 0) {
		changeObject(context, { object: unit.holder, typeName: 'administrativeUnit' }, rest);
	}
	if (members.length > 0) addLinks(context, unit, members);
	return noContent;
}
